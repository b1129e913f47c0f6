//! A rectangle that the pointer draws over photos to select them.

use eframe::egui::{Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, vec2};

use crate::ui::theme::{self, sizes};

/// A change of the rectangle.
pub(crate) struct Band {
    /// The rectangle, from the corner of the content on.
    pub(crate) area: Rect,
    /// Whether it has just begun.
    pub(crate) begins: bool,
    /// Whether it adds to what was selected.
    pub(crate) adds: bool,
}

/// The rectangle while it is drawn, from the corner of the content on.
#[derive(Default)]
pub(crate) struct SelectionBand {
    from: Option<Pos2>,
    to: Pos2,
}

impl SelectionBand {
    /// Follows the pointer over a scrolled content; returns a change. The list scrolls when the
    /// pointer leaves the view.
    pub(crate) fn update(&mut self, ui: &Ui, origin: Pos2, view: Rect) -> Option<Band> {
        let seen = view.translate(origin.to_vec2());
        let id = ui.scope_id().with("band");
        let response = ui.interact(seen, id, Sense::drag());
        if !response.dragged() {
            self.from = None;
            return None;
        }
        let pointer = response.interact_pointer_pos()?;
        let begins = self.from.is_none();
        let start = ui.input(|i| i.pointer.press_origin()).unwrap_or(pointer);
        let from = *self.from.get_or_insert(start - origin.to_vec2());
        let to = pointer - origin.to_vec2();
        let beyond = (to.y - view.max.y).max(0.0) + (to.y - view.min.y).min(0.0);
        if beyond != 0.0 {
            ui.scroll_with_delta(vec2(
                0.0,
                -beyond.clamp(-sizes::BAND_SCROLL, sizes::BAND_SCROLL),
            ));
            ui.ctx().request_repaint();
        }
        let moved = begins || self.to != to;
        self.to = to;
        moved.then(|| Band {
            area: Rect::from_two_pos(from, to),
            begins,
            adds: ui.input(|i| i.modifiers.command || i.modifiers.shift),
        })
    }

    /// Draws it over the photos.
    pub(crate) fn draw(&self, ui: &Ui, origin: Pos2) {
        let Some(from) = self.from else {
            return;
        };
        let p = theme::palette(ui);
        let move_by: Vec2 = origin.to_vec2();
        let area = Rect::from_two_pos(from, self.to).translate(move_by);
        let stroke = Stroke::new(1.0, p.accent);
        ui.painter()
            .rect(area, 0.0, theme::band(&p), stroke, StrokeKind::Inside);
    }
}
