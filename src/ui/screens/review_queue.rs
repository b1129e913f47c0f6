//! The labels of a review session, and what is shown once they are done.

use eframe::egui::Ui;

use crate::app::{Action, App, Command, ReviewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::sizes;
use crate::words::tr;

/// The labels with suggestions: those of the session in its order, and the one that the user asked
/// for.
pub(crate) fn labels(app: &App) -> Vec<(usize, &str)> {
    let session = app.session_labels().into_iter();
    let mut queue: Vec<(usize, &str)> = session.map(|l| (l.suggested, l.name.as_str())).collect();
    let asked = app.review.label.as_ref();
    let mut all = app.library.catalogue.labels.iter();
    let asked = asked.and_then(|name| all.find(|l| l.name == *name && l.suggested > 0));
    if let Some(label) = asked.filter(|l| queue.iter().all(|(_, name)| *name != l.name)) {
        queue.insert(0, (label.suggested, &label.name));
    }
    queue
}

/// Draws the end of a session, after which there is another.
pub(crate) fn done(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * sizes::EMPTY_ABOVE_SHARE);
        ui.heading(tr!("review-done"));
        let left = cx.app.library.catalogue.suggestions();
        ui.label(tr!("review-left", count = left));
        if ui.button(tr!("review-another")).clicked() {
            cx.ask(ReviewCommand::NextSession);
        }
        back(ui, cx);
    });
}

/// Draws that nothing is suggested.
pub(crate) fn nothing(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * sizes::EMPTY_ABOVE_SHARE);
        ui.heading(tr!("review-nothing"));
        ui.label(tr!("review-nothing-hint"));
        back(ui, cx);
    });
}

fn back(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    if ui.button(tr!("review-back")).clicked() {
        cx.ask(Command::Do(Action::ShowPhotos));
    }
}
