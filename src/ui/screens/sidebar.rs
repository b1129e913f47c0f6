//! The side bar: folders and labels.

use std::collections::HashSet;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Command, LabelCommand, LabelInfo, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::context_menus;
use crate::ui::screens::folder_list::FolderList;
use crate::ui::screens::label_tree::{TreeRow, tree_rows};
use crate::ui::screens::list_row::{Number, on_triangle, pick};
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::{carried_tag, hint, menu};
use crate::words::tr;

/// The text typed into the side bar, and what is folded.
#[derive(Default)]
pub(crate) struct Sidebar {
    folders: FolderList,
    find: String,
    closed: HashSet<String>,
}

impl Sidebar {
    /// Draws it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        heading(ui, tr!("folders"), |ui| {
            let mut folders = app.library.catalogue.folders.iter();
            let folder = app.library.filter.folder.as_ref();
            let chosen = folders.find(|f| Some(&f.folder.path) == folder);
            if let Some(info) = chosen {
                ui.menu_button("⋯", |ui| context_menus::folder_entries(ui, cx, info));
            }
            let add = ui
                .small_button(tr!("folders-add"))
                .on_hover_text(tr!("folders-add-hint"));
            if add.clicked() {
                cx.ask(Command::Do(Action::ChooseFolder));
            }
            add.context_menu(|ui| {
                menu::actions(ui, cx, &[Action::ChooseFolder, Action::TypeFolder]);
            });
        });
        self.folders.show(ui, cx);
        saved_searches(ui, cx);
        ui.add_space(theme::MEDIUM);
        heading(ui, tr!("screen-labels"), |ui| {
            let edit = ui.small_button(tr!("labels-edit"));
            if edit.on_hover_text(tr!("labels-edit-hint")).clicked() {
                cx.ask(match &app.library.filter.label {
                    Some(label) => LabelCommand::Open(Some(label.clone())).into(),
                    None => Command::Do(Action::ShowLabels),
                });
            }
        });
        let find = egui::TextEdit::singleline(&mut self.find)
            .hint_text(tr!("labels-find-one"))
            .desired_width(f32::INFINITY);
        let find = ui.add(find);
        find.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("labels-find-one"))
        });
        self.labels(ui, cx);
    }

    fn labels(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let find = self.find.trim().to_lowercase();
        let labels = &cx.app.library.catalogue.labels;
        let shown: Vec<TreeRow> = match find.is_empty() {
            true => tree_rows(labels, &self.closed),
            false => {
                let fits = |label: &LabelInfo| label.name.to_lowercase().contains(&find);
                let found = (0..labels.len()).filter(|at| labels.get(*at).is_some_and(fits));
                found
                    .map(|label| TreeRow {
                        label,
                        folds: false,
                    })
                    .collect()
            }
        };
        if shown.is_empty() {
            let text = match find.is_empty() {
                true => tr!("labels-none-yet"),
                false => tr!("labels-none-match"),
            };
            ui.label(RichText::new(text).weak());
        }
        // Rows have no space between them.
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("labels")
            .show_rows(ui, sizes::ROW, shown.len(), |ui, range| {
                for row in shown.get(range).unwrap_or_default() {
                    if let Some(label) = labels.get(row.label) {
                        self.label(ui, cx, label, row.folds, !find.is_empty());
                    }
                }
            });
    }

    fn label(
        &mut self,
        ui: &mut Ui,
        cx: &mut DrawContext<'_>,
        label: &LabelInfo,
        folds: bool,
        flat: bool,
    ) {
        let chosen = cx.app.library.filter.label.as_ref() == Some(&label.name);
        let indent = if flat {
            0.0
        } else {
            label.tree.depth as f32 * sizes::ROW_INDENT
        };
        let text = match (folds, self.closed.contains(&label.name)) {
            (true, true) => format!("⏵ {}", label.short),
            (true, false) => format!("⏷ {}", label.short),
            (false, _) => label.short.clone(),
        };
        let muted = label.accepted == 0;
        let response = pick(ui, &text, Number::of(label), chosen, indent, muted);
        let text = format!("{}: {}", label.name, Number::of(label).spoken());
        let response = hint::beside(response, text);
        if folds && (response.double_clicked() || on_triangle(&response, indent)) {
            if !self.closed.remove(&label.name) {
                self.closed.insert(label.name.clone());
            }
        } else if response.clicked() {
            let label = (!chosen).then(|| label.name.clone());
            cx.ask(ViewCommand::Label(label));
        }
        let response = response.interact(egui::Sense::click_and_drag());
        carried_tag::pick_up(&response, &label.name);
        context_menus::label(&response, cx, label);
    }
}

/// Draws the saved searches, if there are any.
fn saved_searches(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let searches = &cx.app.settings.searches;
    if searches.is_empty() {
        return;
    }
    ui.add_space(theme::MEDIUM);
    heading(ui, tr!("searches"), |_| {});
    let filter = &cx.app.library.filter;
    for (at, search) in searches.iter().enumerate() {
        let chosen = !filter.is_empty() && filter.describe() == search.name;
        let row = pick(ui, &search.name, Number::NONE, chosen, 0.0, false);
        if row.clicked() {
            cx.ask(ViewCommand::OpenSearch(at));
        }
        row.context_menu(|ui| {
            menu::entry(
                ui,
                cx,
                tr!("searches-remove"),
                ViewCommand::RemoveSearch(at),
            );
        });
    }
}

/// Draws a heading with something at its right end.
pub(crate) fn heading(ui: &mut Ui, text: &str, end: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(text).strong().size(sizes::TEXT_SECTION));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), end);
    });
}
