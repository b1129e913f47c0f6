//! The menus that a right click opens on photos, tags, labels, folders and groups.

use std::path::Path;

use eframe::egui::{Response, Ui};

use crate::app::{
    Action, Command, DecideCommand, FileCommand, FolderCommand, FolderInfo, Group, Grouping,
    InspectCommand, LabelCommand, LabelField, LabelInfo, ReviewCommand, Row, SelectCommand,
    SharedTag, ViewCommand,
};
use crate::core::ids::PhotoId;
use crate::store::{FolderState, TagState};
use crate::tagging::Edit;
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::menu::{actions, entry};
use crate::words::tr;

/// Opens the menu of the photo at `place`. Its commands act on the selected photos; a right click on
/// any other selects it alone.
pub(crate) fn photo(response: &Response, cx: &mut DrawContext<'_>, place: usize, row: &Row) {
    if response.secondary_clicked() && !cx.app.selection.contains(row) {
        cx.ask(SelectCommand::Only(place));
    }
    response.context_menu(|ui| {
        actions(ui, cx, &[Action::Preview, Action::FullScreen]);
        ui.separator();
        let decide = [Action::Accept, Action::Reject, Action::AddTag];
        actions(ui, cx, &decide);
        actions(ui, cx, &[Action::CopyTags, Action::PasteTags]);
        ui.separator();
        if row.failed {
            entry(
                ui,
                cx,
                tr!("menu-retry"),
                FileCommand::Retry(vec![row.path.clone()]),
            );
        }
        let find = [Action::FindSimilar, Action::Reveal, Action::CopyPath];
        actions(ui, cx, &find);
    });
}

/// Opens the menu of a tag on these photos.
pub(crate) fn tag(
    response: &Response,
    cx: &mut DrawContext<'_>,
    shared: &SharedTag,
    name: &str,
    photos: &[PhotoId],
) {
    response.context_menu(|ui| {
        let decide = |accepted| DecideCommand::Label {
            photos: photos.to_vec(),
            label: name.to_owned(),
            accepted,
        };
        let all = shared.count == photos.len() && shared.decided == photos.len();
        let is = |state| all && shared.tag.state == state;
        if !is(TagState::Accepted) {
            entry(ui, cx, tr!("accept"), decide(Some(true)));
        }
        if !is(TagState::Rejected) {
            entry(ui, cx, tr!("reject"), decide(Some(false)));
        }
        if shared.decided > 0 {
            entry(ui, cx, tr!("menu-let-decide"), decide(None));
        }
        if let [photo] = photos {
            let why = InspectCommand::Why(*photo, name.to_owned());
            entry(ui, cx, tr!("why-tag"), why);
        }
        ui.separator();
        if let Some(label) = cx.app.library.catalogue.labels.get(shared.tag.label) {
            label_entries(ui, cx, label);
        }
    });
}

/// Opens the menu of a label.
pub(crate) fn label(response: &Response, cx: &mut DrawContext<'_>, label: &LabelInfo) {
    response.context_menu(|ui| label_entries(ui, cx, label));
}

fn label_entries(ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) {
    let name = || label.name.clone();
    entry(
        ui,
        cx,
        tr!("menu-show-photos"),
        ViewCommand::Label(Some(name())),
    );
    if label.suggested > 0 {
        let review = ReviewCommand::Label(Some(name()));
        entry(ui, cx, tr!("menu-review"), review);
    }
    ui.separator();
    let edit = |edit: Edit| LabelCommand::Edit(vec![edit]);
    if !label.in_vocabulary {
        let (name, parent) = (name(), None);
        let add = entry(
            ui,
            cx,
            tr!("menu-add-label"),
            edit(Edit::Add { name, parent }),
        );
        add.on_hover_text(tr!("menu-add-label-hint"));
        return;
    }
    let at = |field| LabelCommand::OpenAt(name(), field);
    entry(ui, cx, tr!("edit-label"), LabelCommand::Open(Some(name())));
    entry(ui, cx, tr!("menu-rename"), at(LabelField::Name));
    entry(ui, cx, tr!("menu-merge"), at(LabelField::Merge));
    ui.separator();
    let delete = entry(
        ui,
        cx,
        tr!("menu-delete-label"),
        edit(Edit::Delete { label: name() }),
    );
    delete.on_hover_text(tr!("menu-delete-label-hint"));
}

/// Opens the menu of a folder of the library.
pub(crate) fn folder(response: &Response, cx: &mut DrawContext<'_>, info: &FolderInfo) {
    response.context_menu(|ui| folder_entries(ui, cx, info));
}

/// Draws the entries for a folder of the library.
pub(crate) fn folder_entries(ui: &mut Ui, cx: &mut DrawContext<'_>, info: &FolderInfo) {
    let folder = &info.folder;
    path_entries(ui, cx, &folder.path);
    ui.separator();
    let paused = folder.state == FolderState::Paused;
    let pause = if paused {
        tr!("menu-resume-watching")
    } else {
        tr!("menu-pause-watching")
    };
    entry(ui, cx, pause, FolderCommand::Pause(folder.id, !paused));
    actions(ui, cx, &[Action::Rescan]);
    ui.separator();
    let remove = FolderCommand::Remove(folder.id);
    let remove = entry(ui, cx, tr!("menu-remove-folder"), remove);
    remove.on_hover_text(tr!("menu-remove-folder-hint"));
}

/// Opens the menu of a folder below one of the library.
pub(crate) fn subfolder(response: &Response, cx: &mut DrawContext<'_>, path: &Path) {
    response.context_menu(|ui| path_entries(ui, cx, path));
}

fn path_entries(ui: &mut Ui, cx: &mut DrawContext<'_>, path: &Path) {
    let path = || path.to_path_buf();
    entry(ui, cx, Action::Reveal.title(), FileCommand::Reveal(path()));
    entry(
        ui,
        cx,
        Action::CopyPath.title(),
        FileCommand::CopyPath(path()),
    );
}

/// Opens the menu of a group of photos.
pub(crate) fn group(response: &Response, cx: &mut DrawContext<'_>, group: &Group) {
    response.context_menu(|ui| {
        let last = group.places.end.saturating_sub(1);
        let select = |add| SelectCommand::Range(group.places.start, last, add);
        entry(ui, cx, tr!("select"), select(false));
        entry(ui, cx, tr!("menu-add-to-selection"), select(true));
        for action in [Action::Accept, Action::Reject] {
            if entry(ui, cx, action.title(), select(false)).clicked() {
                cx.ask(Command::Do(action));
            }
        }
        let first = cx.app.row(group.places.start);
        let folder = first.and_then(|row| row.path.parent());
        let is_folder = |_: &&Path| cx.app.settings.grouping == Grouping::Folder;
        if let Some(folder) = folder.filter(is_folder) {
            ui.separator();
            path_entries(ui, cx, folder);
        }
    });
}
