//! The quieter screens: the first start, export, activity and settings.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::theme;
use crate::app::{Action, App, Command, ExportState, NamingChoice, Severity, ThemeChoice};

/// What a person sees who has no folder yet.
pub fn welcome(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.16).clamp(16.0, 140.0));
            ui.label(RichText::new("Choose a folder with photos").size(28.0).strong());
            let text = "Taglens looks at every photo and suggests tags for it. Nothing leaves this \
                        computer, and no photo is changed.";
            ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
            ui.add_space(theme::LARGE);
            ui.scope(|ui| {
                ui.spacing_mut().button_padding = egui::vec2(22.0, 10.0);
                if theme::primary(ui, "Choose a folder").clicked() {
                    out.push(Command::Do(Action::ChooseFolder));
                }
            });
            ui.label(RichText::new("or drop folders anywhere in this window").small().weak());
            ui.add_space(theme::MEDIUM);
            if ui.button("Try the sample photos").clicked() {
                out.push(Command::Do(Action::TrySamples));
            }
            if !app.settings.recent.is_empty() {
                ui.add_space(theme::LARGE);
                ui.label(RichText::new("Recent folders").small().strong());
                for folder in &app.settings.recent {
                    let name = folder.to_string_lossy();
                    if ui.link(name).clicked() {
                        out.push(Command::AddFolders(vec![folder.clone()]));
                    }
                }
            }
            ui.add_space(theme::LARGE);
            let p = theme::palette(ui);
            theme::card(&p).show(ui, |ui| {
                ui.set_width(ui.available_width().min(520.0));
                ui.label(RichText::new("The built-in model is ready").strong());
                let text = "It is quick and works without a connection. Full CLIP models know more; \
                            the settings list them.";
                ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
                if ui.link("See the models").clicked() {
                    out.push(Command::Do(Action::ShowSettings));
                }
            });
        });
    });
}

/// Sidecars: what would change, writing, and taking back.
pub fn export(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    let p = theme::palette(ui);
    ui.heading("Export sidecars");
    let text = "Accepted tags are written as keywords into XMP files beside your photos. Nothing else \
                in those files changes, and the photos themselves are never touched.";
    ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
    ui.horizontal_wrapped(|ui| {
        if app.is_exporting() {
            if ui.button("Cancel").clicked() {
                out.push(Command::CancelExport);
            }
            return;
        }
        if ui.button("Preview").clicked() {
            out.push(Command::PreviewExport);
        }
        let ready = match &app.export {
            Some(ExportState::Preview { changes, more, .. }) => changes.len() + more,
            _ => 0,
        };
        if ready > 0 {
            let text = match ready {
                1 => "Write 1 sidecar".to_owned(),
                n => format!("Write {n} sidecars"),
            };
            if theme::primary(ui, &text).clicked() {
                out.push(Command::Export);
            }
        }
        if ui.button("Take the last export back").clicked() {
            out.push(Command::Do(Action::UndoExport));
        }
        naming(ui, app, out);
    });
    ui.separator();
    match &app.export {
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
                    for (photo, diff) in changes.get(range).unwrap_or_default() {
                        let name = photo.file_name().unwrap_or(photo.as_os_str());
                        let name = name.to_string_lossy().into_owned();
                        egui::CollapsingHeader::new(name)
                            .id_salt(photo)
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

fn reasons(ui: &mut Ui, refused: &[(std::path::PathBuf, String)]) {
    let p = theme::palette(ui);
    for (photo, reason) in refused.iter().take(20) {
        let text = format!("{}: {reason}", photo.display());
        ui.label(RichText::new(text).color(p.problem));
    }
    if refused.len() > 20 {
        ui.label(format!("… and {} more", refused.len() - 20));
    }
}

fn naming(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    let mut naming = app.settings.naming;
    ui.label(RichText::new("Names").weak());
    ui.selectable_value(&mut naming, NamingChoice::Full, "IMG.JPG.xmp");
    ui.selectable_value(&mut naming, NamingChoice::Stem, "IMG.xmp for raw files");
    if naming != app.settings.naming {
        out.push(Command::Naming(naming));
    }
}

/// What happened, and which photos failed.
pub fn activity(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    let p = theme::palette(ui);
    ui.heading("Activity");
    if app.unread > 0 {
        out.push(Command::ReadMessages);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("activity")
        .show(ui, |ui| {
            let count = app.failures.len();
            ui.label(RichText::new(format!("{count} photos cannot be read")).strong());
            if count == 0 {
                ui.label(RichText::new("Every photo could be read.").weak());
            }
            for failure in app.failures.iter().take(300) {
                ui.add(egui::Label::new(RichText::new(&failure.reason)).wrap());
            }
            if count > 300 {
                ui.label(format!("… and {} more", count - 300));
            }
            ui.separator();
            ui.label(RichText::new("Messages").strong());
            if app.messages.is_empty() {
                ui.label(RichText::new("Nothing has happened that you should know.").weak());
            }
            for message in app.messages.iter().rev() {
                let text = RichText::new(&message.text);
                let text = match message.severity {
                    Severity::Problem => text.color(p.problem),
                    Severity::Info => text,
                };
                ui.add(egui::Label::new(text).wrap());
            }
        });
}

/// What a person can set.
pub fn settings(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("settings")
        .show(ui, |ui| {
            ui.heading("Settings");
            let p = theme::palette(ui);
            theme::card(&p).show(ui, |ui| {
                ui.set_width(ui.available_width().min(640.0));
                ui.label(RichText::new("Look").strong());
                ui.horizontal_wrapped(|ui| {
                    let mut theme = app.settings.theme;
                    ui.selectable_value(&mut theme, ThemeChoice::System, "As the system");
                    ui.selectable_value(&mut theme, ThemeChoice::Light, "Light");
                    ui.selectable_value(&mut theme, ThemeChoice::Dark, "Dark");
                    if theme != app.settings.theme {
                        out.push(Command::Theme(theme));
                    }
                });
                ui.horizontal_wrapped(|ui| {
                    ui.label("Size of text");
                    for (scale, name) in [
                        (0.85, "Small"),
                        (1.0, "Normal"),
                        (1.25, "Large"),
                        (1.6, "Huge"),
                    ] {
                        let chosen = (app.settings.text_scale - scale).abs() < 0.01;
                        if ui.selectable_label(chosen, name).clicked() {
                            out.push(Command::TextScale(scale));
                        }
                    }
                });
            });
            theme::card(&p).show(ui, |ui| {
                ui.set_width(ui.available_width().min(640.0));
                ui.label(RichText::new("Sidecars").strong());
                ui.horizontal_wrapped(|ui| naming(ui, app, out));
                let (mut digikam, mut hierarchical) =
                    (app.settings.digikam, app.settings.hierarchical);
                let a = ui.checkbox(&mut hierarchical, "Hierarchies for Lightroom and darktable");
                let b = ui.checkbox(&mut digikam, "Tag tree for digiKam");
                if a.changed() || b.changed() {
                    out.push(Command::Properties {
                        digikam,
                        hierarchical,
                    });
                }
            });
            theme::card(&p).show(ui, |ui| {
                ui.set_width(ui.available_width().min(640.0));
                ui.label(RichText::new("Model").strong());
                let text = "Another model reads all photos once more; your decisions stay.";
                ui.label(RichText::new(text).weak());
                for model in &app.models {
                    ui.horizontal_wrapped(|ui| {
                        let chosen = app.model() == model.name;
                        let name = egui::Button::selectable(chosen, &model.name);
                        if ui.add_enabled(model.installed, name).clicked() && !chosen {
                            out.push(Command::UseModel(model.name.clone()));
                        }
                        ui.add(
                            egui::Label::new(RichText::new(&model.description).small().weak())
                                .wrap(),
                        );
                        if !model.installed {
                            let text = format!("taglens model pull {}", model.name);
                            ui.label(RichText::new(text).small().monospace());
                        }
                    });
                }
            });
        });
}
