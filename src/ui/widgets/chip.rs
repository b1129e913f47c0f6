//! A tag's chip.

use eframe::egui::{self, Align2, CornerRadius, FontId, Sense, Stroke, StrokeKind, Ui, Vec2};

use crate::app::{Catalogue, Tag};
use crate::store::TagState;
use crate::ui::theme;

/// The mark that shows a tag's state without colour.
fn mark(state: TagState) -> &'static str {
    match state {
        TagState::Accepted => "✔",
        TagState::Suggested => "?",
        TagState::Rejected => "✖",
    }
}

/// A tag's text: mark, name, and confidence if requested.
pub(crate) fn text(catalogue: &Catalogue, tag: &Tag, confidence: bool) -> String {
    let name = catalogue
        .labels
        .get(tag.label)
        .map_or("", |l| l.short.as_str());
    match tag.confidence.filter(|_| confidence && !tag.decided) {
        Some(c) => format!("{} {name}  {:.0} %", mark(tag.state), c * 100.0),
        None => format!("{} {name}", mark(tag.state)),
    }
}

/// The text for screen readers.
pub(crate) fn spoken(catalogue: &Catalogue, tag: &Tag) -> String {
    let name = catalogue
        .labels
        .get(tag.label)
        .map_or("", |l| l.name.as_str());
    let state = match tag.state {
        TagState::Accepted => "accepted",
        TagState::Suggested => "suggested",
        TagState::Rejected => "rejected",
    };
    format!("{name}, {state}")
}

/// Draws a clickable chip; `of` is the number of photos with the tag, shown instead of its
/// confidence.
pub(crate) fn show(
    ui: &mut Ui,
    catalogue: &Catalogue,
    tag: &Tag,
    of: Option<&str>,
) -> egui::Response {
    let p = theme::palette(ui);
    let font = FontId::proportional(12.5);
    let text = match of {
        Some(of) => format!("{}  {of}", text(catalogue, tag, false)),
        None => text(catalogue, tag, true),
    };
    let (fill, colour, stroke) = match tag.state {
        TagState::Accepted => (p.accepted, p.on_accepted, Stroke::NONE),
        TagState::Suggested => (p.surface, p.text, Stroke::new(1.0, p.muted)),
        TagState::Rejected => (p.surface, p.muted, Stroke::new(1.0, p.line)),
    };
    let room = (ui.available_width() - 16.0).max(40.0);
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    let size = galley.size() + Vec2::new(16.0, 8.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let stroke = match response.hovered() || response.has_focus() {
        true => Stroke::new(1.5, p.accent),
        false => stroke,
    };
    let radius = CornerRadius::same(theme::RADIUS + 6);
    ui.painter()
        .rect(rect, radius, fill, stroke, StrokeKind::Inside);
    let at =
        Align2::LEFT_CENTER.anchor_size(rect.left_center() + Vec2::new(8.0, 0.0), galley.size());
    ui.painter().galley(at.min, galley, colour);
    let spoken = match of {
        Some(of) => format!("{}, {of}", spoken(catalogue, tag)),
        None => spoken(catalogue, tag),
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, spoken.clone()));
    response
}
