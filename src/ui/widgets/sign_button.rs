//! Buttons with a symbol instead of words.

use eframe::egui::{self, Ui};

use crate::ui::theme::sizes;

/// A small button, with a name for users who do not see its symbol. All are equally wide, so that
/// they form columns.
pub(crate) fn sign_button(ui: &mut Ui, sign: &str, name: &str) -> egui::Response {
    let button = egui::Button::new(sign).small();
    let padded = ui.scope(|ui| {
        // The usual padding would make it wider than its column.
        ui.spacing_mut().button_padding = egui::Vec2::ZERO;
        ui.add_sized(size(ui), button)
    });
    let response = padded.inner.on_hover_text(name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    response
}

/// The place of a button that is not offered, so that those of other lines stay in their columns.
pub(crate) fn sign_gap(ui: &mut Ui) {
    ui.allocate_space(size(ui));
}

/// The width of a number of them, with the space before each.
pub(crate) fn sign_buttons_width(ui: &Ui, number: u8) -> f32 {
    f32::from(number) * (sizes::SIGN_BUTTON + ui.spacing().item_spacing.x)
}

fn size(ui: &Ui) -> egui::Vec2 {
    egui::vec2(sizes::SIGN_BUTTON, ui.spacing().interact_size.y)
}
