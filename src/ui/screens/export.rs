//! The export: preview, writing and undo.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{ExportCommand, ExportScope, ExportState, NamingChoice, Refused, SetCommand};
use crate::core::count;
use crate::store::PastExport;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::export_changes::ChangeList;
use crate::ui::screens::export_way;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};

/// What an export of confirmed tags does to those of earlier exports.
const ONLY_CONFIRMED: &str = "Tags that you confirmed are written. The keywords of all other tags are removed \
     where Taglens wrote them. Keywords of other programs stay.";

/// The export: preview, writing and undo.
#[derive(Default)]
pub(crate) struct Export {
    changes: ChangeList,
}

impl Screen for Export {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        ui.heading("Export");
        let text = match cx.app.export.library.may_embed {
            false => {
                "Tags are written as keywords into XMP files beside your photos. Nothing else in those \
                 files changes, and your photos are never touched."
            }
            true => {
                "Tags are written as keywords into your photos, and where that is not safe into XMP files \
                 beside them. Nothing else in those files changes. Each photo is checked before it is replaced."
            }
        };
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        export_way::show(ui, cx);
        ui.horizontal_wrapped(|ui| choices(ui, cx));
        if cx.app.settings.sidecars.confirmed_only {
            ui.add(egui::Label::new(RichText::new(ONLY_CONFIRMED).weak()).wrap());
        }
        ui.horizontal_wrapped(|ui| buttons(ui, cx));
        history(ui, cx);
        ui.separator();
        match &cx.app.export.state {
            None => {
                ui.label(RichText::new("Preview shows every change before it is made.").weak());
            }
            Some(ExportState::Running {
                done,
                total,
                writing,
            }) => {
                let doing = if *writing { "Writing" } else { "Comparing" };
                let share = *done as f32 / (*total).max(1) as f32;
                ui.add(egui::ProgressBar::new(share).text(format!(
                    "{doing}: {} of {}",
                    count::number(*done),
                    count::number(*total)
                )));
            }
            Some(ExportState::Done { summary, refused }) => {
                ui.label(RichText::new(summary).strong());
                reasons(ui, refused);
            }
            Some(ExportState::Preview {
                changes,
                refused,
                unchanged,
                counts,
            }) => {
                let up_to_date = count::photos(*unchanged);
                let total: usize = counts.iter().sum();
                let text = match total {
                    0 => format!("Nothing to write. Up to date: {up_to_date}."),
                    _ => format!(
                        "{} to write. Up to date: {up_to_date}.",
                        count::files(*counts)
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
        if ui.button("Cancel").clicked() {
            cx.ask(ExportCommand::Cancel);
        }
        return;
    }
    if ui.button("Preview").clicked() {
        cx.ask(ExportCommand::Preview);
    }
    let ready = match &cx.app.export.state {
        Some(ExportState::Preview { counts, .. }) => *counts,
        _ => [0, 0],
    };
    if ready != [0, 0] {
        let text = format!("Write {}", count::files(ready));
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
        format!("Folder “{}”", name.to_string_lossy())
    });
    let all = ("All photos".to_owned(), ExportScope::All);
    let folder = folder.map(|name| (name, ExportScope::Folder));
    let photos = count::photos(selected);
    let some = (selected > 0).then(|| (format!("{photos} selected"), ExportScope::Selected));
    for (name, scope) in std::iter::once(all).chain(folder).chain(some) {
        let chosen = app.export.scope == scope;
        if ui.selectable_label(chosen, name).clicked() && !chosen {
            cx.ask(ExportCommand::Scope(scope));
        }
    }
    ui.separator();
    let mut only = app.settings.sidecars.confirmed_only;
    let confirmed = ui.checkbox(&mut only, "Confirmed tags only");
    let hint = "Leaves out tags that Taglens applied and you did not confirm";
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
    let title = format!(
        "History: {}",
        count::count(exports.len(), "export", "exports")
    );
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
        let files = count::count(export.files, "file", "files");
        ui.label(format!("{}: {files}", ago(export.started_ms)));
        let name = match later {
            0 => "Undo".to_owned(),
            n => format!("Undo this and {} later", count::number(n)),
        };
        let undo = ui.add_enabled(!cx.app.export.running, egui::Button::new(name).small());
        let hint = "Restores these files exactly as they were, to the byte";
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
    let of = |n: u64, one: &str, many: &str| {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        format!("{} ago", count::count(n, one, many))
    };
    match seconds {
        0..60 => "Just now".to_owned(),
        60..3600 => of(seconds / 60, "minute", "minutes"),
        3600..86_400 => of(seconds / 3600, "hour", "hours"),
        _ => of(seconds / 86_400, "day", "days"),
    }
}

fn reasons(ui: &mut Ui, refused: &[Refused]) {
    let p = theme::palette(ui);
    for Refused { photo, reason } in refused.iter().take(20) {
        let text = format!("{}: {reason}", photo.display());
        ui.label(RichText::new(text).color(p.problem));
    }
    if refused.len() > 20 {
        ui.label(format!("… and {} more", count::number(refused.len() - 20)));
    }
}

/// How new sidecars are named.
pub(crate) fn naming(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut naming = cx.app.settings.sidecars.naming;
    ui.label(RichText::new("Names").weak());
    ui.selectable_value(&mut naming, NamingChoice::Full, "IMG.JPG.xmp");
    ui.selectable_value(&mut naming, NamingChoice::Stem, "IMG.xmp for raw files");
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
