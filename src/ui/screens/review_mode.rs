//! The two ways to review: label by label, or photo by photo.

use eframe::egui::{self, RichText, Ui};

use crate::app::{App, ReviewCommand};
use crate::core::count;
use crate::ui::commands::Commands;

/// Draws the switch between them, and how much is left.
pub(crate) fn switch(ui: &mut Ui, app: &App, out: &mut Commands) {
    ui.horizontal(|ui| {
        for (by_photo, name) in [(false, "By label"), (true, "By photo")] {
            if ui
                .selectable_label(app.review.by_photo == by_photo, name)
                .clicked()
            {
                out.push(ReviewCommand::ByPhoto(by_photo));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = format!(
                "{} left",
                count::number(app.library.catalogue.suggestions())
            );
            ui.label(RichText::new(text).weak().small());
        });
    });
}
