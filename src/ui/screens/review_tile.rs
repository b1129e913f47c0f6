//! A photo in the review by label.

use eframe::egui::{
    Align2, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};

use crate::app::Row;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::tile;
use crate::ui::theme::{self, sizes};
use crate::words::{decimal, tr};

/// A photo with a suggestion.
pub(crate) struct Candidate<'a> {
    pub(crate) row: &'a Row,
    /// The label's confidence.
    pub(crate) confidence: Option<f32>,
    /// Whether it is about to be accepted, rather than rejected.
    pub(crate) accepted: bool,
    /// Whether that is unlike the others.
    pub(crate) is_marked: bool,
    /// Whether it has the keyboard.
    pub(crate) is_focused: bool,
}

impl Candidate<'_> {
    /// Draws it.
    pub(crate) fn show(&self, ui: &Ui, cx: &mut DrawContext<'_>, rect: Rect) -> Response {
        let p = theme::palette(ui);
        let salt = ui.scope_id().with(("candidate", self.row.id));
        let response = ui.interact(rect, salt, Sense::click());
        let end = pos2(rect.max.x, rect.max.y - sizes::CANDIDATE_CAPTION);
        let image = Rect::from_min_max(rect.min, end);
        tile::picture(ui, image.shrink(theme::SMALL), self.row, cx.thumbnails);
        if self.is_marked {
            let (sign, colour) = match self.accepted {
                true => ("✔", p.added),
                false => ("✖", p.problem),
            };
            ui.painter()
                .rect_filled(rect, theme::RADIUS, theme::veil(&p));
            let font = FontId::proportional(sizes::TEXT_CROSS);
            ui.painter()
                .text(image.center(), Align2::CENTER_CENTER, sign, font, colour);
        }
        let name = self.row.name();
        let text = match self.confidence {
            Some(c) => format!("{}  {name}", tr!("percent", share = decimal(c * 100.0, 0))),
            None => name.clone(),
        };
        let at = pos2(rect.min.x + sizes::CANDIDATE_MARGIN, image.max.y);
        let room = rect.width() - 2.0 * sizes::CANDIDATE_MARGIN;
        tile::line(ui, at, room, &text, sizes::TEXT_SMALL, p.muted);
        if self.is_focused || response.hovered() {
            let width = if self.is_focused { 2.0 } else { 1.0 };
            let stroke = Stroke::new(width, p.accent);
            ui.painter()
                .rect_stroke(rect, theme::RADIUS, stroke, StrokeKind::Inside);
        }
        let accepted = self.accepted;
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, accepted, name.clone()));
        response
    }
}
