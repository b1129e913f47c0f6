//! The models to choose from, and fetching them.

use eframe::egui::{self, RichText, Ui};

use super::theme;
use crate::app::{App, Command, ModelInfo};

/// All models.
pub fn list(ui: &mut Ui, app: &App, out: &mut Vec<Command>) {
    let text = "Another model reads all photos once more; your decisions stay.";
    ui.label(RichText::new(text).weak());
    for model in &app.models {
        ui.add_space(theme::SMALL);
        entry(ui, app, model, out);
    }
}

/// One of them: its name, what it is good for, and a button to use or fetch it.
pub fn entry(ui: &mut Ui, app: &App, model: &ModelInfo, out: &mut Vec<Command>) {
    let chosen = app.model() == model.name;
    ui.horizontal(|ui| {
        ui.label(RichText::new(&model.name).strong());
        if let Some(size_mb) = model.size_mb.filter(|_| !model.installed) {
            ui.label(RichText::new(size(size_mb)).weak().small());
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if chosen {
                ui.label(RichText::new("✔ in use").weak());
            } else if model.installed {
                let button = ui.button("Use");
                let name = format!("Use {}", model.name);
                button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                if button.clicked() {
                    out.push(Command::UseModel(model.name.clone()));
                }
            }
        });
    });
    let description = RichText::new(&model.description).small().weak();
    ui.add(egui::Label::new(description).wrap());
}

/// As people say it.
fn size(size_mb: u32) -> String {
    match size_mb {
        0..1000 => format!("{size_mb} MB"),
        _ => format!("{:.1} GB", f64::from(size_mb) / 1000.0),
    }
}
