//! The lines of lists in the side bar and beside screens.

use eframe::egui::{self, Ui};

use crate::app::LabelInfo;
use crate::ui::screens::tile;
use crate::ui::theme::{self, sizes};
use crate::words::{self, tr};

/// The number at the end of a line.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    photos: Option<usize>,
    suggested: usize,
}

impl From<usize> for Number {
    fn from(photos: usize) -> Self {
        Self {
            photos: Some(photos),
            suggested: 0,
        }
    }
}

impl Number {
    /// No number.
    pub(crate) const NONE: Self = Self {
        photos: None,
        suggested: 0,
    };

    /// The photos with a label, and those for which it is suggested. A filter by the label shows
    /// both.
    pub(crate) fn of(label: &LabelInfo) -> Self {
        Self {
            photos: Some(label.accepted),
            suggested: label.suggested,
        }
    }

    fn text(self) -> String {
        match (self.photos.unwrap_or(0), self.suggested) {
            (0, 0) => String::new(),
            (photos, 0) => words::number(photos),
            (0, more) => format!("+ {}", words::number(more)),
            (photos, more) => format!("{} + {}", words::number(photos), words::number(more)),
        }
    }

    /// For screen readers.
    pub(crate) fn spoken(self) -> String {
        let photos = self.photos.map(|n| tr!("photos", count = n));
        let more = (self.suggested > 0).then(|| tr!("suggested", count = self.suggested));
        let parts: Vec<String> = photos.into_iter().chain(more).collect();
        parts.join(", ")
    }
}

/// Draws a selectable line with a count at its right end.
pub(crate) fn pick(
    ui: &mut Ui,
    text: &str,
    count: impl Into<Number>,
    chosen: bool,
    indent: f32,
    muted: bool,
) -> egui::Response {
    let p = theme::palette(ui);
    let width = ui.available_width();
    let size = egui::vec2(width, sizes::ROW);
    ui.spacing_mut().item_spacing.y = 0.0;
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    let fill = match (chosen, response.hovered() || response.has_focus()) {
        (true, _) => Some((p.accent, p.on_accent)),
        (false, true) => Some((p.hovered, p.text)),
        (false, false) => None,
    };
    let mut colour = if muted { p.muted } else { p.text };
    if let Some((fill, text)) = fill {
        let radius = egui::CornerRadius::same(theme::RADIUS);
        ui.painter().rect_filled(rect, radius, fill);
        colour = text;
    }
    let font = egui::FontId::proportional(sizes::TEXT_NOTE);
    let count: Number = count.into();
    let number = count.text();
    let at = rect.right_center() - egui::vec2(sizes::ROW_MARGIN, 0.0);
    let weak = if chosen { p.on_accent } else { p.muted };
    let used = ui
        .painter()
        .text(at, egui::Align2::RIGHT_CENTER, number, font, weak);
    let left = rect.left_center() + egui::vec2(sizes::ROW_MARGIN + indent, -sizes::ROW_TEXT_RISE);
    let room = (used.min.x - left.x - sizes::ROW_MARGIN).max(sizes::ROW_TEXT_LEAST);
    tile::line(ui, left, room, text, sizes::TEXT_ROW, colour);
    let name = text.trim_start_matches(['⏵', '⏷', ' ']);
    let spoken = match count.spoken() {
        number if number.is_empty() => name.to_owned(),
        number => format!("{name}, {number}"),
    };
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, chosen, spoken.clone())
    });
    response
}

/// Whether a row was clicked on the triangle before its text.
pub(crate) fn on_triangle(row: &egui::Response, indent: f32) -> bool {
    let end = row.rect.min.x + sizes::ROW_MARGIN + indent + sizes::ROW_TRIANGLE;
    let at = row.interact_pointer_pos().or_else(|| row.hover_pos());
    row.clicked() && at.is_some_and(|at| at.x < end)
}
