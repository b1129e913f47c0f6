//! A label's confidences in the library: the histogram with its threshold, and the photos that
//! reach it.

use eframe::egui::{self, Align2, FontId, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::app::{LabelCommand, LabelInfo, LabelScores, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::tile;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::wall;
use crate::words::{decimal, tr};

const BINS: usize = 40;

/// Draws the histogram of a label's confidences; its threshold can be dragged.
pub(crate) fn histogram(
    ui: &mut Ui,
    cx: &mut DrawContext<'_>,
    scores: &LabelScores,
    label: Option<&LabelInfo>,
) {
    let p = theme::palette(ui);
    let threshold = cx.app.labels.dragged.unwrap_or(scores.threshold);
    let reached = scores.count_from(threshold);
    ui.label(RichText::new(tr!(
        "scores-reached",
        label = &scores.label,
        threshold = decimal(threshold * 100.0, 0),
        reached = reached,
        count = scores.confidences.len()
    )));
    let width = ui.available_width().min(sizes::HISTOGRAM.x);
    let size = vec2(width, sizes::HISTOGRAM.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    ui.painter().rect_filled(rect, theme::RADIUS, p.raised);
    let bins = scores.histogram(BINS);
    // Most photos are unrelated to a label, so only a logarithmic scale shows the others.
    let height = |n: usize| ((n + 1) as f32).ln();
    let most = bins.iter().copied().map(height).fold(1.0, f32::max);
    let bar = rect.width() / BINS as f32;
    for (i, n) in bins.iter().enumerate() {
        let x = rect.min.x + i as f32 * bar;
        let top = rect.max.y - height(*n) / most * (rect.height() - theme::MEDIUM);
        let given = (i as f32 + 0.5) / BINS as f32 >= threshold;
        let colour = if given { p.accent } else { p.muted };
        let shape = Rect::from_min_max(pos2(x + 1.0, top), pos2(x + bar - 1.0, rect.max.y));
        ui.painter().rect_filled(shape, 1.0, colour);
    }
    for (share, text, align) in [
        (0.0, "0 %", Align2::LEFT_TOP),
        (0.5, "50 %", Align2::CENTER_TOP),
        (1.0, "100 %", Align2::RIGHT_TOP),
    ] {
        let at = pos2(rect.min.x + share * rect.width(), rect.max.y + 2.0);
        let font = FontId::proportional(sizes::TEXT_AXIS);
        ui.painter().text(at, align, text, font, p.muted);
    }
    let x = rect.min.x + threshold * rect.width();
    let stroke = Stroke::new(2.0, p.text);
    ui.painter().vline(x, rect.y_range(), stroke);
    let spoken = tr!("scores-threshold", label = &scores.label);
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(threshold), spoken.clone()));
    ui.add_space(theme::LARGE);
    let response = response.on_hover_text(tr!("scores-threshold-hint"));
    let Some(label) = label else {
        return;
    };
    if let Some(at) = response.interact_pointer_pos() {
        let dragged = (at.x - rect.min.x) / rect.width();
        if response.dragged() {
            cx.ask(LabelCommand::DragThreshold(dragged));
        }
    }
    if response.drag_stopped() {
        let to = (threshold * 1e2).round() / 1e2;
        cx.ask(LabelCommand::SetThreshold(label.name.clone(), Some(to)));
    }
    if label.threshold.is_some() && ui.button(tr!("scores-default")).clicked() {
        cx.ask(LabelCommand::SetThreshold(label.name.clone(), None));
    }
}

/// Draws the photos that would get the label; they follow the threshold while it is dragged.
pub(crate) fn best(ui: &mut Ui, cx: &mut DrawContext<'_>, scores: &LabelScores) {
    /// Shown if no photo reaches the threshold.
    const NEAREST: usize = 24;
    let p = theme::palette(ui);
    let count = scores.count_from(cx.app.labels.dragged.unwrap_or(scores.threshold));
    let title = match count {
        0 => tr!("scores-none"),
        _ => tr!("scores-some"),
    };
    ui.label(RichText::new(title).weak());
    let (shown, backwards) = match count {
        0 => (scores.confidences.len().min(NEAREST), false),
        n => (n, true),
    };
    wall::show(ui, shown, sizes::BEST_TILE, |ui, place, rect| {
        let at = if backwards { shown - 1 - place } else { place };
        let Some((photo, confidence)) = scores.confidences.get(at) else {
            return;
        };
        let Some(row) = cx.app.row_of(*photo) else {
            return;
        };
        let salt = ui.scope_id().with(("best", *photo));
        let response = ui.interact(rect, salt, Sense::click());
        let mut image = rect;
        image.max.y -= sizes::BEST_CAPTION;
        tile::picture(ui, image, row, cx.thumbnails);
        let text = format!("{:.0} %", confidence * 100.0);
        let under = pos2(rect.min.x, image.max.y + sizes::BEST_CAPTION_BELOW);
        let width = sizes::BEST_TILE.x;
        tile::line(ui, under, width, &text, sizes::TEXT_SMALL, p.muted);
        let name = row.name();
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name}, {text}"))
        });
        if response.on_hover_text(row.name()).clicked() {
            cx.ask(ViewCommand::Photo(*photo));
        }
    });
}
