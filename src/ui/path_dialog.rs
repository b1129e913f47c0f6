//! The dialog for a path inside the window, which works from the keyboard alone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Modifiers, RichText, ScrollArea, Ui, vec2};

use crate::app::{FolderCommand, Listing, PathCommand, PathDialog, PathPurpose, typed_path};
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::field_focus;
use crate::words::tr;

/// The default name of a file of labels.
const FILE: &str = "labels.toml";

/// The typed text, and the keyboard's place in the list below it.
#[derive(Default)]
pub(crate) struct PathEntry {
    open_for: Option<PathPurpose>,
    typed: String,
    /// A folder with a name that cannot be typed, and its text.
    exact: Option<(String, PathBuf)>,
    at: Option<usize>,
    listed: Option<PathBuf>,
    moved: bool,
}

/// One line of the list.
#[derive(Clone, Copy)]
struct Line<'a> {
    name: &'a OsStr,
    folder: bool,
}

impl PathEntry {
    /// Draws the dialog if it is open.
    pub(crate) fn show(&mut self, ui: &Ui, cx: &mut DrawContext<'_>) {
        let Some(dialog) = &cx.app.window.path_dialog else {
            self.open_for = None;
            return;
        };
        if self.open_for != Some(dialog.purpose) {
            *self = Self {
                open_for: Some(dialog.purpose),
                ..Self::default()
            };
            let start = dialog.home.clone().unwrap_or_else(|| dialog.whole("/"));
            self.go(&start, dialog.purpose);
        }
        let modal = egui::Modal::new(egui::Id::unique("path"));
        let frame = egui::Frame::popup(ui.style()).inner_margin(theme::LARGE);
        let modal = modal.frame(frame).show(ui.ctx(), |ui| {
            let room = ui.ctx().content_rect().width() - sizes::BESIDE_DIALOG;
            ui.set_width(sizes::PATH_DIALOG.min(room));
            self.content(ui, cx, dialog);
        });
        if modal.should_close() {
            cx.ask(PathCommand::Cancel);
        }
    }

    /// Opens a folder.
    fn go(&mut self, folder: &Path, purpose: PathPurpose) {
        let text = typed_path::as_folder(folder);
        self.exact = Some((text.clone(), folder.to_path_buf()));
        self.typed = text;
        if purpose == PathPurpose::ExportLabels {
            self.typed.push_str(FILE);
        }
        self.at = None;
        self.moved = true;
    }

    /// The typed path.
    fn path(&self, dialog: &PathDialog) -> PathBuf {
        if let Some((text, folder)) = &self.exact
            && let Some(rest) = self.typed.strip_prefix(text.as_str())
        {
            return match rest.trim_end() {
                "" => folder.clone(),
                rest => dialog.whole(&folder.join(rest).to_string_lossy()),
            };
        }
        dialog.whole(&self.typed)
    }

    /// The folder that completes the name at the end.
    fn base(&self, dialog: &PathDialog) -> PathBuf {
        let (base, _) = typed_path::split(&self.typed);
        match &self.exact {
            Some((text, folder)) if text == base => folder.clone(),
            _ => dialog.whole(base),
        }
    }

    fn content(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, dialog: &PathDialog) {
        let (title, hint) = match dialog.purpose {
            PathPurpose::AddFolder => (tr!("path-title-add"), tr!("path-folder")),
            PathPurpose::ImportLabels => (tr!("path-title-import"), tr!("path-file")),
            PathPurpose::ExportLabels => (tr!("path-title-export"), tr!("path-file")),
        };
        ui.heading(title);
        if let Some(reason) = dialog.reason {
            ui.add(egui::Label::new(RichText::new(reason).weak()).wrap());
        }
        let base = self.base(dialog);
        if self.listed.as_ref() != Some(&base) {
            self.listed = Some(base.clone());
            cx.ask(PathCommand::List(base.clone()));
        }
        let listing = dialog.listing_of(&base);
        let (_, part) = typed_path::split(&self.typed);
        let part = match dialog.purpose {
            // The name of a file to write does not filter the list.
            PathPurpose::ExportLabels => String::new(),
            _ => part.to_lowercase(),
        };
        let lines = lines(listing, &part, dialog.purpose);
        self.keys(ui, cx, dialog, &base, &lines);
        self.field(ui, dialog, &base, hint);
        self.list(ui, cx, dialog, &base, listing, &lines);
        ui.label(RichText::new(tr!("path-keys")).weak().small());
        self.recent(ui, cx, dialog);
        ui.add_space(theme::SMALL);
        self.buttons(ui, cx, dialog, listing);
    }

    fn field(&mut self, ui: &mut Ui, dialog: &PathDialog, base: &Path, hint: &str) {
        ui.horizontal(|ui| {
            let up = ui.add_enabled(base.parent().is_some(), egui::Button::new(tr!("path-up")));
            if up.on_hover_text(tr!("path-up-keys")).clicked()
                && let Some(parent) = base.parent()
            {
                self.go(parent, dialog.purpose);
            }
            if let Some(home) = &dialog.home
                && ui
                    .button(tr!("path-home"))
                    .on_hover_text(tr!("path-home-keys"))
                    .clicked()
            {
                self.go(home, dialog.purpose);
            }
            let field = egui::TextEdit::singleline(&mut self.typed)
                .hint_text(tr!("path-example"))
                .lock_focus(true)
                .desired_width(f32::INFINITY);
            let field = ui.add(field);
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, hint));
            if field.changed() {
                self.at = None;
            }
            field.request_focus();
            if std::mem::take(&mut self.moved) {
                field_focus::put_cursor_at_end(ui, &field, &self.typed);
            }
        });
    }

    fn list(
        &mut self,
        ui: &mut Ui,
        cx: &mut DrawContext<'_>,
        dialog: &PathDialog,
        base: &Path,
        listing: Option<&Listing>,
        lines: &[Line],
    ) {
        let p = theme::palette(ui);
        let room = ui.ctx().content_rect().height() - sizes::AROUND_PATH_LIST;
        let height = room.clamp(sizes::PATH_LIST_LEAST, sizes::PATH_LIST);
        theme::card(&p).inner_margin(theme::SMALL).show(ui, |ui| {
            ui.set_height(height);
            let note = match listing {
                None => Some(tr!("path-opening").to_owned()),
                Some(listing) if listing.problem.is_some() => listing.problem.clone(),
                Some(_) if lines.is_empty() => {
                    let (_, part) = typed_path::split(&self.typed);
                    let text = match part.is_empty() {
                        true => tr!("path-empty"),
                        false => tr!("path-none"),
                    };
                    Some(text.to_owned())
                }
                Some(_) => None,
            };
            if let Some(note) = note {
                ui.add(egui::Label::new(RichText::new(note).weak()).wrap());
            }
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut area = ScrollArea::vertical().auto_shrink([false, false]);
            if let Some(at) = self.at {
                let offset = (at as f32 + 1.0) * sizes::CHOICE_ROW - height / 2.0;
                area = area.vertical_scroll_offset(offset.max(0.0));
            }
            area.show_rows(ui, sizes::CHOICE_ROW, lines.len(), |ui, range| {
                for (i, line) in range.clone().zip(lines.get(range).unwrap_or_default()) {
                    let name = line.name.to_string_lossy();
                    let text = match line.folder {
                        true => format!("⏵ {name}"),
                        false => format!("    {name}"),
                    };
                    let button = egui::Button::selectable(self.at == Some(i), text)
                        .truncate()
                        .min_size(vec2(ui.available_width(), sizes::CHOICE_ROW));
                    let button = ui.add(button);
                    button.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::Button, true, name.clone())
                    });
                    if button.clicked() {
                        self.take(cx, dialog, base, *line, false);
                    }
                }
            });
        });
    }

    /// Opens a folder. A file is put into the field, or taken at once if `enter` is set.
    fn take(
        &mut self,
        cx: &mut DrawContext<'_>,
        dialog: &PathDialog,
        base: &Path,
        line: Line,
        enter: bool,
    ) {
        let path = base.join(line.name);
        if line.folder {
            self.go(&path, dialog.purpose);
        } else if enter && dialog.purpose == PathPurpose::ImportLabels {
            cx.ask(PathCommand::Choose(path));
        } else {
            self.typed = path.to_string_lossy().into_owned();
            self.exact = Some((self.typed.clone(), path));
            (self.at, self.moved) = (None, true);
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        cx: &mut DrawContext<'_>,
        dialog: &PathDialog,
        base: &Path,
        lines: &[Line],
    ) {
        let pressed = |modifiers, key| ui.input_mut(|i| i.consume_key(modifiers, key));
        if pressed(Modifiers::ALT, Key::ArrowUp) {
            if let Some(parent) = base.parent() {
                self.go(parent, dialog.purpose);
            }
            return;
        }
        if pressed(Modifiers::ALT, Key::Home) {
            if let Some(home) = &dialog.home {
                self.go(home, dialog.purpose);
            }
            return;
        }
        let last = lines.len().checked_sub(1);
        if pressed(Modifiers::NONE, Key::ArrowDown) {
            self.at = last.map(|last| self.at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Modifiers::NONE, Key::ArrowUp) {
            self.at = self.at.and_then(|at| at.checked_sub(1));
        }
        let line = self.at.and_then(|at| lines.get(at)).copied();
        if pressed(Modifiers::NONE, Key::Tab) {
            match (line, lines) {
                (Some(line), _) => self.take(cx, dialog, base, line, false),
                (None, [line]) => self.take(cx, dialog, base, *line, false),
                (None, lines) => self.complete(base, lines),
            }
            return;
        }
        let at_once = pressed(Modifiers::COMMAND, Key::Enter);
        if pressed(Modifiers::NONE, Key::Enter) || at_once {
            match line.filter(|_| !at_once) {
                Some(line) => self.take(cx, dialog, base, line, true),
                None => self.choose(cx, dialog),
            }
        }
    }

    /// Completes the text with what all names in the list have in common.
    fn complete(&mut self, base: &Path, lines: &[Line]) {
        let mut names = lines.iter().map(|l| l.name.to_string_lossy());
        let Some(first) = names.next() else {
            return;
        };
        let mut common = first.into_owned();
        for name in names {
            let same = common.chars().zip(name.chars());
            let same = same.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8());
            common.truncate(same.sum());
        }
        let (_, part) = typed_path::split(&self.typed);
        if common.len() > part.len() {
            self.typed = format!("{}{common}", typed_path::as_folder(base));
            self.moved = true;
        }
    }

    fn choose(&self, cx: &mut DrawContext<'_>, dialog: &PathDialog) {
        let path = self.path(dialog);
        if dialog.refusal(&path).is_none() {
            cx.ask(PathCommand::Choose(path));
        }
    }

    fn recent(&self, ui: &mut Ui, cx: &mut DrawContext<'_>, dialog: &PathDialog) {
        if dialog.purpose != PathPurpose::AddFolder || cx.app.settings.recent.is_empty() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(tr!("path-recent")).small().weak());
            for folder in &cx.app.settings.recent {
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                let link = ui.link(name.to_string_lossy());
                if link.on_hover_text(folder.to_string_lossy()).clicked() {
                    cx.ask(FolderCommand::Add(vec![folder.clone()]));
                    cx.ask(PathCommand::Cancel);
                }
            }
        });
    }

    fn buttons(
        &self,
        ui: &mut Ui,
        cx: &mut DrawContext<'_>,
        dialog: &PathDialog,
        listing: Option<&Listing>,
    ) {
        let path = self.path(dialog);
        let refusal = dialog.refusal(&path);
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy();
        let text = match dialog.purpose {
            PathPurpose::AddFolder => tr!("path-add", name = name),
            PathPurpose::ImportLabels => tr!("path-import").to_owned(),
            PathPurpose::ExportLabels if listing.is_some_and(|l| l.has_file(&path)) => {
                tr!("path-replace", name = name)
            }
            PathPurpose::ExportLabels => tr!("path-export").to_owned(),
        };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_enabled_ui(refusal.is_none(), |ui| {
                if theme::primary(ui, &text).clicked() {
                    cx.ask(PathCommand::Choose(path));
                }
            });
            if ui.button(tr!("cancel")).clicked() {
                cx.ask(PathCommand::Cancel);
            }
            if let Some(refusal) = refusal {
                let text = RichText::new(refusal).weak();
                ui.add(egui::Label::new(text).truncate());
            }
        });
    }
}

/// The possible choices: folders, and files if one is wanted, with names that begin with `part`.
/// Hidden ones appear once their dot is typed.
fn lines<'a>(listing: Option<&'a Listing>, part: &str, purpose: PathPurpose) -> Vec<Line<'a>> {
    let Some(listing) = listing else {
        return Vec::new();
    };
    let fits = |name: &OsStr| {
        let name = name.to_string_lossy().to_lowercase();
        name.starts_with(part) && (part.starts_with('.') || !name.starts_with('.'))
    };
    let of = |names: &'a [std::ffi::OsString], folder| {
        let names = names.iter().map(|n| n.as_os_str());
        let names = names.filter(move |n| fits(n));
        names.map(move |name| Line { name, folder })
    };
    let files: &[_] = match purpose {
        PathPurpose::AddFolder => &[],
        _ => &listing.files,
    };
    of(&listing.folders, true).chain(of(files, false)).collect()
}
