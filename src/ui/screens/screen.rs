//! The trait of all screens.

use eframe::egui::Ui;

use crate::ui::draw_context::DrawContext;

/// A screen in the middle of the window. It keeps its typed text and its scroll position.
pub(crate) trait Screen {
    /// Draws it.
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>);
}
