//! Tiles side by side, of which only the visible ones are drawn.

use eframe::egui::{Rect, Sense, Ui, Vec2, pos2, vec2};

use crate::ui::theme;

/// The number of tiles of that size that fit side by side.
pub(crate) fn columns(ui: &Ui, tile: Vec2) -> usize {
    let gap = theme::MEDIUM;
    (((ui.available_width() + gap) / (tile.x + gap)) as usize).max(1)
}

/// Reserves the space of `count` tiles and calls `draw` for the visible ones, each with its place.
/// In a scroll area the cost does not depend on their number.
pub(crate) fn show(
    ui: &mut Ui,
    count: usize,
    tile: Vec2,
    mut draw: impl FnMut(&mut Ui, usize, Rect),
) {
    let gap = theme::MEDIUM;
    let columns = columns(ui, tile);
    let lines = count.div_ceil(columns);
    let pitch = tile.y + gap;
    let size = vec2(ui.available_width(), lines as f32 * pitch);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let clip = ui.clip_rect();
    let line_at = |y: f32| ((y - area.min.y) / pitch).clamp(0.0, lines as f32);
    let (first, end) = (
        line_at(clip.min.y) as usize,
        line_at(clip.max.y).ceil() as usize,
    );
    for line in first..end {
        for column in 0..columns {
            let place = line * columns + column;
            if place >= count {
                break;
            }
            let x = area.min.x + column as f32 * (tile.x + gap);
            let y = area.min.y + line as f32 * pitch;
            draw(ui, place, Rect::from_min_size(pos2(x, y), tile));
        }
    }
}
