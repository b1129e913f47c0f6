//! The two ways to review: label by label, or photo by photo.

use eframe::egui::{RichText, Ui};

use crate::app::ReviewCommand;
use crate::ui::bars;
use crate::ui::draw_context::DrawContext;
use crate::words::tr;

/// Draws the switch between them, and below it what remains. Only a session of labels has a time.
pub(crate) fn switch(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let by_photo = cx.app.review.by_photo;
    ui.horizontal_wrapped(|ui| {
        for (way, name) in [
            (false, tr!("review-by-label")),
            (true, tr!("review-by-photo")),
        ] {
            if ui.selectable_label(by_photo == way, name).clicked() {
                cx.ask(ReviewCommand::ByPhoto(way));
            }
        }
    });
    let left = cx.app.library.catalogue.suggestions();
    let mut parts = vec![tr!("review-remaining", count = left)];
    if !by_photo {
        let left = bars::time(cx.app.session_time());
        parts.push(tr!("review-time-left", left = left));
    }
    ui.label(RichText::new(parts.join(" · ")).weak().small());
}
