//! A tag's chip.

use eframe::egui::{self, Align2, CornerRadius, FontId, Sense, Stroke, StrokeKind, Ui, Vec2};

use crate::app::{Catalogue, Tag};
use crate::store::TagState;
use crate::ui::theme::{self, sizes};
use crate::words::{decimal, tr};

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
        Some(c) => {
            let share = tr!("percent", share = decimal(c * 100.0, 0));
            format!("{} {name}  {share}", mark(tag.state))
        }
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
        TagState::Accepted => tr!("chip-accepted"),
        TagState::Suggested => tr!("chip-suggested"),
        TagState::Rejected => tr!("chip-rejected"),
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
    let font = FontId::proportional(sizes::TEXT_CHIP);
    let text = match of {
        Some(of) => format!("{}  {of}", text(catalogue, tag, false)),
        None => text(catalogue, tag, true),
    };
    let (fill, colour, stroke) = match tag.state {
        TagState::Accepted => (p.accepted, p.on_accepted, Stroke::NONE),
        TagState::Suggested => (p.surface, p.text, Stroke::new(1.0, p.muted)),
        TagState::Rejected => (p.surface, p.muted, Stroke::new(1.0, p.line)),
    };
    let room = (ui.available_width() - sizes::CHIP_PADDING.x).max(sizes::CHIP_TEXT_LEAST);
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    let size = galley.size() + sizes::CHIP_PADDING;
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let stroke = match response.hovered() || response.has_focus() {
        true => Stroke::new(sizes::FOCUS_LINE, p.accent),
        false => stroke,
    };
    let radius = CornerRadius::same(sizes::CHIP_RADIUS);
    ui.painter()
        .rect(rect, radius, fill, stroke, StrokeKind::Inside);
    let left = rect.left_center() + Vec2::new(sizes::CHIP_PADDING.x * 0.5, 0.0);
    let at = Align2::LEFT_CENTER.anchor_size(left, galley.size());
    ui.painter().galley(at.min, galley, colour);
    let spoken = match of {
        Some(of) => format!("{}, {of}", spoken(catalogue, tag)),
        None => spoken(catalogue, tag),
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, spoken.clone()));
    response
}
