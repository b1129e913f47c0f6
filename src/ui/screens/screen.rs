//! What the screens have in common.

use eframe::egui::Ui;

use crate::ui::draw_context::DrawContext;

/// What the middle of the window may show. A screen keeps what is typed and what is in view.
pub(crate) trait Screen {
    /// Draws it.
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>);
}
