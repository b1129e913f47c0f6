//! Sidecars: the preview, writing, and taking back.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, App, Command, ExportCommand, ExportState, NamingChoice, SetCommand};
use crate::app::{Refused, SidecarChange};
use crate::ui::commands::Commands;
use crate::ui::theme;

/// Sidecars: what would change, writing, and taking back.
pub(crate) fn show(ui: &mut Ui, app: &App, out: &mut Commands) {
    let p = theme::palette(ui);
    ui.heading("Export sidecars");
    let text = "Accepted tags are written as keywords into XMP files beside your photos. Nothing else \
                in those files changes, and the photos themselves are never touched.";
    ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
    ui.horizontal_wrapped(|ui| {
        if app.export.running {
            if ui.button("Cancel").clicked() {
                out.push(ExportCommand::Cancel);
            }
            return;
        }
        if ui.button("Preview").clicked() {
            out.push(ExportCommand::Preview);
        }
        let ready = match &app.export.state {
            Some(ExportState::Preview { changes, more, .. }) => changes.len() + more,
            _ => 0,
        };
        if ready > 0 {
            let text = match ready {
                1 => "Write 1 sidecar".to_owned(),
                n => format!("Write {n} sidecars"),
            };
            if theme::primary(ui, &text).clicked() {
                out.push(ExportCommand::Write);
            }
        }
        if ui.button("Take the last export back").clicked() {
            out.push(Command::Do(Action::UndoExport));
        }
        naming(ui, app, out);
    });
    ui.separator();
    match &app.export.state {
        None => {
            ui.label(RichText::new("The preview shows every change before it is made.").weak());
        }
        Some(ExportState::Running {
            done,
            total,
            writing,
        }) => {
            let doing = if *writing { "Writing" } else { "Comparing" };
            let share = *done as f32 / (*total).max(1) as f32;
            ui.add(egui::ProgressBar::new(share).text(format!("{doing}: {done} of {total}")));
        }
        Some(ExportState::Done { summary, refused }) => {
            ui.label(RichText::new(summary).strong());
            reasons(ui, refused);
        }
        Some(ExportState::Preview {
            changes,
            refused,
            unchanged,
            more,
        }) => {
            let count = changes.len() + more;
            let text = match count {
                0 => format!("Nothing to write: {unchanged} photos are up to date."),
                _ => format!("{count} sidecars would change; {unchanged} photos are up to date."),
            };
            ui.label(RichText::new(text).strong());
            reasons(ui, refused);
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .id_salt("changes")
                .show_rows(ui, 24.0, changes.len(), |ui, range| {
                    for SidecarChange { photo, diff } in changes.get(range).unwrap_or_default() {
                        let name = photo.file_name().unwrap_or(photo.as_os_str());
                        let name = name.to_string_lossy().into_owned();
                        egui::CollapsingHeader::new(name)
                            .id_salt(photo)
                            .default_open(changes.len() <= OPEN)
                            .show(ui, |ui| {
                                for line in diff.lines() {
                                    let colour = match line.as_bytes().first() {
                                        Some(b'+') => p.added,
                                        Some(b'-') => p.problem,
                                        _ => p.muted,
                                    };
                                    ui.label(RichText::new(line).monospace().color(colour));
                                }
                            });
                    }
                });
        }
    }
}

fn reasons(ui: &mut Ui, refused: &[Refused]) {
    let p = theme::palette(ui);
    for Refused { photo, reason } in refused.iter().take(20) {
        let text = format!("{}: {reason}", photo.display());
        ui.label(RichText::new(text).color(p.problem));
    }
    if refused.len() > 20 {
        ui.label(format!("… and {} more", refused.len() - 20));
    }
}

/// So few diffs are shown at once.
const OPEN: usize = 3;

/// How new sidecars are named.
pub(crate) fn naming(ui: &mut Ui, app: &App, out: &mut Commands) {
    let mut naming = app.settings.sidecars.naming;
    ui.label(RichText::new("Names").weak());
    ui.selectable_value(&mut naming, NamingChoice::Full, "IMG.JPG.xmp");
    ui.selectable_value(&mut naming, NamingChoice::Stem, "IMG.xmp for raw files");
    if naming != app.settings.sidecars.naming {
        out.push(SetCommand::Naming(naming));
    }
}
