//! Hints: in fields, where they are never cut, and beside rows, where they leave the others in sight.

use eframe::egui::{self, RectAlign, Response, TextStyle, Tooltip, Ui};

use crate::ui::theme;

/// The first of the hints that fits into a field of that width; the last if none does.
pub(crate) fn fitting<'a>(ui: &Ui, width: f32, hints: &[&'a str]) -> &'a str {
    let fits = |hint: &&&str| field_width(ui, hint) <= width;
    hints.iter().find(fits).or(hints.last()).unwrap_or(&"")
}

/// The width of a field that shows the whole hint.
pub(crate) fn field_width(ui: &Ui, hint: &str) -> f32 {
    let font = TextStyle::Body.resolve(ui.style());
    let colour = ui.visuals().text_color();
    let text = ui.painter().layout_no_wrap(hint.to_owned(), font, colour);
    text.size().x + 2.0 * ui.spacing().button_padding.x + theme::SMALL
}

/// Explains a row beside it: below, the text would cover the rows that one goes to next.
pub(crate) fn beside(row: Response, text: impl Into<egui::WidgetText>) -> Response {
    let mut hint = Tooltip::for_enabled(&row);
    hint.popup = hint.popup.align(RectAlign::RIGHT);
    hint.show(|ui| ui.label(text));
    row
}
