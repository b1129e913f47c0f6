//! The dates beside photos in the order of time: a click or a drag scrolls to a month.

use eframe::egui::{
    Align2, FontId, Id, LayerId, Order as LayerOrder, Rect, Role, Sense, Stroke, Ui, WidgetInfo,
    pos2,
};

use crate::app::{App, Grouping, Order};
use crate::ui::theme::{self, sizes};
use crate::words::{self, tr};

/// The months of the photos on show.
#[derive(Default)]
pub(crate) struct Scrubber {
    /// Where each month begins, and its name such as `2024-05`.
    months: Vec<(f32, String)>,
}

impl Scrubber {
    /// Whether the photos on show are in the order of time.
    pub(crate) fn fits(app: &App) -> bool {
        let settings = &app.settings;
        let in_time = matches!(settings.order, Order::Newest | Order::Oldest);
        let by_folder = settings.grouping == Grouping::Folder;
        in_time && !by_folder && app.library.filter.hits.is_none()
    }

    /// Notes the months of lines of photos, each with its offset and its first place.
    pub(crate) fn mark(&mut self, app: &App, lines: impl Iterator<Item = (f32, usize)>) {
        self.months.clear();
        if !Self::fits(app) {
            return;
        }
        let mut last_day = None;
        for (y, place) in lines {
            let Some(row) = app.row(place) else {
                continue;
            };
            let day = row.captured.time.day_number();
            if last_day.replace(day) == Some(day) {
                continue;
            }
            let date = row.captured.time.day();
            let month = date.rsplit_once('-').map_or("", |(month, _)| month);
            if self.months.last().is_none_or(|(_, last)| last != month) {
                self.months.push((y, month.to_owned()));
            }
        }
    }

    /// Draws the years over a list of that height, of which a part from `offset` on is visible.
    /// Returns where to scroll.
    pub(crate) fn show(&self, ui: &mut Ui, height: f32, offset: f32, view: f32) -> Option<f32> {
        let p = theme::palette(ui);
        let size = ui.available_size();
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let height = height.max(view).max(1.0);
        let at = |y: f32| rect.min.y + y / height * rect.height();
        let font = FontId::proportional(sizes::TEXT_SMALL);
        let mut free_from = rect.min.y;
        let mut last_year = "";
        for (y, month) in &self.months {
            let year = month.split('-').next().unwrap_or_default();
            let top = at(*y);
            if year != last_year && top >= free_from {
                let corner = pos2(rect.max.x, top);
                ui.painter()
                    .text(corner, Align2::RIGHT_TOP, year, font.clone(), p.muted);
                (free_from, last_year) = (top + sizes::SCRUBBER_YEAR, year);
            }
        }
        let shown = Rect::from_min_max(
            pos2(rect.min.x, at(offset)),
            pos2(rect.min.x + theme::SMALL, at(offset + view).min(rect.max.y)),
        );
        ui.painter().rect_filled(shown, theme::RADIUS, p.line);
        let month = |y: f32| {
            let after = self.months.partition_point(|(start, _)| *start <= y);
            let month = self.months.get(after.saturating_sub(1));
            month.map_or_else(String::new, |(_, month)| words::month(month))
        };
        let spoken = tr!("scrubber-date", date = month(offset));
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &spoken));
        let pointer = response.interact_pointer_pos().or(response.hover_pos())?;
        let y = ((pointer.y - rect.min.y) / rect.height()).clamp(0.0, 1.0) * height;
        let line = [pos2(rect.min.x, pointer.y), pos2(rect.max.x, pointer.y)];
        ui.painter().line_segment(line, Stroke::new(1.0, p.accent));
        let galley = ui.painter().layout_no_wrap(month(y), font, p.text);
        let size = galley.size() + sizes::CHIP_PADDING;
        let corner = pos2(rect.min.x - size.x - theme::SMALL, pointer.y - size.y * 0.5);
        let ground = Rect::from_min_size(corner, size);
        let layer = LayerId::new(LayerOrder::Tooltip, Id::unique("date"));
        let above = ui.ctx().layer_painter(layer);
        above.rect_filled(ground, theme::RADIUS, p.raised);
        above.galley(ground.min + sizes::CHIP_PADDING * 0.5, galley, p.text);
        let pressed = response.is_pointer_button_down_on() || response.clicked();
        pressed.then(|| (y - view * 0.5).clamp(0.0, (height - view).max(0.0)))
    }
}
