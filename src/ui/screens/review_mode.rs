//! The two ways to review: label by label, or photo by photo.

use eframe::egui::{self, RichText, Ui};

use crate::app::ReviewCommand;
use crate::core::count;
use crate::ui::draw_context::DrawContext;

/// Draws the switch between them, and the number of remaining suggestions.
pub(crate) fn switch(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.horizontal(|ui| {
        for (by_photo, name) in [(false, "By label"), (true, "By photo")] {
            if ui
                .selectable_label(cx.app.review.by_photo == by_photo, name)
                .clicked()
            {
                cx.ask(ReviewCommand::ByPhoto(by_photo));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = format!(
                "{} left",
                count::number(cx.app.library.catalogue.suggestions())
            );
            ui.label(RichText::new(text).weak().small());
        });
    });
}
