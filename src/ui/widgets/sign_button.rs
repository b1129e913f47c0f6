//! Buttons with a symbol instead of words.

use eframe::egui::{self, Ui};

/// A small button, with a name for users who do not see its symbol.
pub(crate) fn sign_button(ui: &mut Ui, sign: &str, name: &str) -> egui::Response {
    let response = ui.small_button(sign).on_hover_text(name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    response
}
