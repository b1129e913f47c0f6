//! The two ways to review: label by label, or photo by photo.

use eframe::egui::{self, RichText, Ui};

use crate::app::ReviewCommand;
use crate::ui::draw_context::DrawContext;
use crate::words::tr;

/// Draws the switch between them, and the number of remaining suggestions.
pub(crate) fn switch(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.horizontal(|ui| {
        for (by_photo, name) in [
            (false, tr!("review-by-label")),
            (true, tr!("review-by-photo")),
        ] {
            if ui
                .selectable_label(cx.app.review.by_photo == by_photo, name)
                .clicked()
            {
                cx.ask(ReviewCommand::ByPhoto(by_photo));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let left = cx.app.library.catalogue.suggestions();
            let text = tr!("review-remaining", count = left);
            ui.label(RichText::new(text).weak().small());
        });
    });
}
