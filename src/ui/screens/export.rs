//! The export: preview, writing and undo.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Command, ExportCommand, ExportState, NamingChoice, SetCommand};
use crate::app::{Refused, SidecarChange};
use crate::core::count;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::screen::Screen;
use crate::ui::theme;

/// The export: preview, writing and undo.
#[derive(Default)]
pub(crate) struct Export;

impl Screen for Export {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        ui.heading("Export sidecars");
        let text = "Accepted tags are written as keywords into XMP files beside your photos. Nothing else \
                    in those files changes, and the photos themselves are never touched.";
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        ui.horizontal_wrapped(|ui| buttons(ui, cx));
        ui.separator();
        match &cx.app.export.state {
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
                more,
            }) => {
                let up_to_date = count::photos(*unchanged);
                let text = match changes.len() + more {
                    0 => format!("Nothing to write. Up to date: {up_to_date}."),
                    n => format!(
                        "{} to write. Up to date: {up_to_date}.",
                        count::count(n, "sidecar", "sidecars"),
                    ),
                };
                ui.label(RichText::new(text).strong());
                reasons(ui, refused);
                diffs(ui, changes);
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
        Some(ExportState::Preview { changes, more, .. }) => changes.len() + more,
        _ => 0,
    };
    if ready > 0 {
        let text = format!("Write {}", count::count(ready, "sidecar", "sidecars"));
        if theme::primary(ui, &text).clicked() {
            cx.ask(ExportCommand::Write);
        }
    }
    if ui.button("Undo last export").clicked() {
        cx.ask(Command::Do(Action::UndoExport));
    }
    naming(ui, cx);
}

/// Draws the diff of each sidecar.
fn diffs(ui: &mut Ui, changes: &[SidecarChange]) {
    let p = theme::palette(ui);
    let diff = |ui: &mut Ui, diff: &str| {
        for line in diff.lines() {
            let colour = match line.as_bytes().first() {
                Some(b'+') => p.added,
                Some(b'-') => p.problem,
                _ => p.muted,
            };
            ui.label(RichText::new(line).monospace().color(colour));
        }
    };
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("changes")
        .show_rows(ui, 24.0, changes.len(), |ui, range| {
            for change in changes.get(range).unwrap_or_default() {
                let photo = &change.photo;
                let name = photo.file_name().unwrap_or(photo.as_os_str());
                egui::CollapsingHeader::new(name.to_string_lossy().into_owned())
                    .id_salt(photo)
                    .default_open(changes.len() <= OPEN)
                    .show(ui, |ui| diff(ui, &change.diff));
            }
        });
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

/// The most diffs that are open from the start.
const OPEN: usize = 3;

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
