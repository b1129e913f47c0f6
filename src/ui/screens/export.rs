//! The export: preview, writing and undo.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{ExportCommand, ExportScope, ExportState, NamingChoice, Refused, SetCommand};
use crate::store::PastExport;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::export_changes::ChangeList;
use crate::ui::screens::export_way;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};
use crate::words::{self, phrase, tr};

/// The export: preview, writing and undo.
#[derive(Default)]
pub(crate) struct Export {
    changes: ChangeList,
}

impl Screen for Export {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        ui.heading(tr!("screen-export"));
        let text = match cx.app.export.library.may_embed {
            false => tr!("export-about-sidecars"),
            true => tr!("export-about-photos"),
        };
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        export_way::show(ui, cx);
        ui.horizontal_wrapped(|ui| choices(ui, cx));
        if cx.app.settings.sidecars.confirmed_only {
            ui.add(egui::Label::new(RichText::new(tr!("export-only-confirmed")).weak()).wrap());
        }
        ui.horizontal_wrapped(|ui| buttons(ui, cx));
        history(ui, cx);
        ui.separator();
        match &cx.app.export.state {
            None => {
                ui.label(RichText::new(tr!("export-about-preview")).weak());
            }
            Some(ExportState::Running {
                done,
                total,
                writing,
            }) => {
                let share = *done as f32 / (*total).max(1) as f32;
                let text = match writing {
                    true => tr!("export-writing", done = *done, total = *total),
                    false => tr!("export-comparing", done = *done, total = *total),
                };
                ui.add(egui::ProgressBar::new(share).text(text));
            }
            Some(ExportState::Done { summary, refused }) => {
                ui.label(RichText::new(summary.to_string()).strong());
                reasons(ui, refused);
            }
            Some(ExportState::Preview {
                changes,
                refused,
                unchanged,
                counts,
            }) => {
                let up_to_date = phrase!("photos", count = *unchanged);
                let total: usize = counts.iter().sum();
                let text = match total {
                    0 => tr!("export-nothing", unchanged = up_to_date),
                    _ => tr!(
                        "export-ready",
                        files = words::files(*counts),
                        unchanged = up_to_date
                    ),
                };
                ui.label(RichText::new(text).strong());
                reasons(ui, refused);
                let more = total.saturating_sub(changes.len());
                self.changes.show(ui, cx, changes, more);
            }
        }
    }
}

fn buttons(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    if cx.app.export.running {
        if ui.button(tr!("cancel")).clicked() {
            cx.ask(ExportCommand::Cancel);
        }
        return;
    }
    if ui.button(tr!("export-preview")).clicked() {
        cx.ask(ExportCommand::Preview);
    }
    let ready = match &cx.app.export.state {
        Some(ExportState::Preview { counts, .. }) => *counts,
        _ => [0, 0],
    };
    if ready != [0, 0] {
        let text = tr!("export-write", files = words::files(ready));
        if theme::primary(ui, &text).clicked() {
            cx.ask(ExportCommand::Write);
        }
    }
}

/// Draws what is exported, and how.
fn choices(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    let selected = app.selection.len();
    let folder = app.library.filter.folder.as_ref().map(|path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        tr!("export-folder", name = name.to_string_lossy())
    });
    let all = (tr!("all-photos").to_owned(), ExportScope::All);
    let folder = folder.map(|name| (name, ExportScope::Folder));
    let name = || tr!("photos-selected", count = selected);
    let some = (selected > 0).then(|| (name(), ExportScope::Selected));
    for (name, scope) in std::iter::once(all).chain(folder).chain(some) {
        let chosen = app.export.scope == scope;
        if ui.selectable_label(chosen, name).clicked() && !chosen {
            cx.ask(ExportCommand::Scope(scope));
        }
    }
    ui.separator();
    let mut only = app.settings.sidecars.confirmed_only;
    let confirmed = theme::checkbox(ui, &mut only, tr!("export-confirmed-only"));
    let hint = tr!("export-confirmed-only-hint");
    if confirmed.on_hover_text(hint).changed() {
        cx.ask(SetCommand::ConfirmedOnly(only));
    }
    ui.separator();
    naming(ui, cx);
}

/// Draws the exports that can be undone.
fn history(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    let exports = &app.export.library.past;
    if exports.is_empty() {
        return;
    }
    let title = tr!("export-history", count = exports.len());
    egui::CollapsingHeader::new(title)
        .id_salt("history")
        .show(ui, |ui| {
            let area = ScrollArea::vertical().max_height(sizes::EXPORT_HISTORY);
            area.id_salt("exports")
                .show_rows(ui, sizes::CHOICE_ROW, exports.len(), |ui, range| {
                    for at in range {
                        if let Some(export) = exports.get(at) {
                            past(ui, cx, export, at);
                        }
                    }
                });
        });
}

/// Draws an export, after which there were `later` others.
fn past(ui: &mut Ui, cx: &mut DrawContext<'_>, export: &PastExport, later: usize) {
    ui.horizontal(|ui| {
        let files = phrase!("files", count = export.files);
        ui.label(tr!(
            "export-past",
            when = ago(export.started_ms),
            files = files
        ));
        let name = match later {
            0 => tr!("undo").to_owned(),
            n => tr!("export-undo-later", count = n),
        };
        let undo = ui.add_enabled(!cx.app.export.running, egui::Button::new(name).small());
        let hint = tr!("export-undo-hint");
        if undo.on_hover_text(hint).clicked() {
            cx.ask(ExportCommand::UndoBackTo(export.id));
        }
    });
}

/// How long ago a time is, in words.
fn ago(ms: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs());
    let seconds = now.saturating_sub(u64::try_from(ms).unwrap_or(0) / 1000);
    match seconds {
        0..60 => tr!("ago-now").to_owned(),
        60..3600 => tr!("ago-minutes", count = seconds / 60),
        3600..86_400 => tr!("ago-hours", count = seconds / 3600),
        _ => tr!("ago-days", count = seconds / 86_400),
    }
}

fn reasons(ui: &mut Ui, refused: &[Refused]) {
    let p = theme::palette(ui);
    for Refused { photo, reason } in refused.iter().take(20) {
        let text = format!("{}: {reason}", photo.display());
        ui.label(RichText::new(text).color(p.problem));
    }
    if refused.len() > 20 {
        ui.label(tr!("and-more", count = refused.len() - 20));
    }
}

/// How new sidecars are named.
pub(crate) fn naming(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut naming = cx.app.settings.sidecars.naming;
    ui.label(RichText::new(tr!("export-names")).weak());
    ui.selectable_value(&mut naming, NamingChoice::Full, "IMG.JPG.xmp");
    ui.selectable_value(&mut naming, NamingChoice::Stem, tr!("export-names-stem"));
    if naming != cx.app.settings.sidecars.naming {
        cx.ask(SetCommand::Naming(naming));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_whole_units() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = i64::try_from(now.unwrap().as_millis()).unwrap();
        let before = |seconds: i64| ago(now - seconds * 1000);
        assert_eq!(before(5), "Just now");
        assert_eq!(before(61), "1 minute ago");
        assert_eq!(before(2 * 3600 + 5), "2 hours ago");
        assert_eq!(before(3 * 86_400 + 5), "3 days ago");
        assert_eq!(ago(i64::MAX), "Just now", "a clock that was ahead");
    }
}
