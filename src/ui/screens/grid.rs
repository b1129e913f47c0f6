//! The grid of photos.

use std::ops::Range;

use eframe::egui::{self, Key, Pos2, Rect, Ui, pos2, vec2};

use crate::app::{App, SelectCommand, ViewCommand};
use crate::core::ids::FileId;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::scrubber::Scrubber;
use crate::ui::screens::selection_band::SelectionBand;
use crate::ui::screens::{group_head, tile};
use crate::ui::shortcuts;
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// One line of the grid.
enum Line {
    Head(usize),
    Tiles(usize, usize),
}

/// The grid. Lines are computed again only when the list or the width has changed.
#[derive(Default)]
pub(crate) struct Grid {
    lines: Vec<(f32, Line)>,
    /// The offsets of the groups.
    starts: Vec<usize>,
    /// Where their heads are.
    heads: Vec<f32>,
    height: f32,
    made_for: (u64, usize, u32, usize),
    columns: usize,
    /// The selection's `reveal` counter at the last scroll.
    revealed: u64,
    offset: f32,
    /// The height of the visible part.
    view_height: f32,
    scrubber: Scrubber,
    band: SelectionBand,
    /// The first visible photo, its place in the list, and its offset above the view.
    first: Option<(FileId, usize, f32)>,
}

impl Grid {
    /// The number of tiles side by side.
    pub(crate) fn columns(&self) -> usize {
        self.columns.max(1)
    }

    fn layout(&mut self, app: &App, width: f32) {
        let tile = app.settings.tile;
        let key = (
            app.library.revision,
            app.library.shown.len(),
            (width / sizes::LAYOUT_STEP) as u32,
            (tile / sizes::LAYOUT_STEP) as usize,
        );
        if key == self.made_for {
            return;
        }
        self.made_for = key;
        let gap = theme::MEDIUM;
        self.columns = (((width + gap) / (tile + gap)) as usize).max(1);
        self.lines.clear();
        self.heads.clear();
        let groups = app.library.groups.iter();
        self.starts = groups.map(|g| g.places.start).collect();
        let mut y = 0.0;
        let all = [0];
        let grouped = !app.library.groups.is_empty();
        let groups = if grouped { &self.starts[..] } else { &all[..] };
        for (i, start) in groups.iter().enumerate() {
            let end = groups.get(i + 1).copied();
            let end = end.unwrap_or(app.library.shown.len());
            if grouped {
                self.lines.push((y, Line::Head(i)));
                self.heads.push(y);
                y += sizes::GROUP_HEAD;
            }
            let mut at = *start;
            while at < end {
                let next = (at + self.columns).min(end);
                self.lines.push((y, Line::Tiles(at, next)));
                y += tile + sizes::TILE_CAPTION + gap;
                at = next;
            }
        }
        self.height = y;
        let lines = self.lines.iter().filter_map(|(y, line)| match line {
            Line::Tiles(start, _) => Some((*y, *start)),
            Line::Head(_) => None,
        });
        self.scrubber.mark(app, lines);
    }

    /// Draws the visible photos and requests their thumbnails.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        let jump = self.dates(ui, app);
        let width = ui.available_width() - sizes::SCROLL_BAR;
        self.layout(app, width);
        self.keys(ui, cx);
        let mut area = egui::ScrollArea::vertical().auto_shrink([false, false]);
        let revealed = self.scroll(app, ui.available_height());
        if let Some(offset) = jump.or(revealed) {
            area = area.vertical_scroll_offset(offset.max(0.0));
        }
        let view_height = ui.available_height();
        let shown = area.show_viewport(ui, |ui, view| self.content(ui, cx, view, width));
        self.offset = shown.state.clamped_offset().y;
        self.view_height = view_height;
        self.note_first(app);
    }

    /// Draws the dates beside photos in the order of time. Returns where to scroll.
    fn dates(&self, ui: &mut Ui, app: &App) -> Option<f32> {
        if !Scrubber::fits(app) {
            return None;
        }
        let (offset, view) = (self.offset, self.view_height);
        let panel = egui::Panel::right("dates")
            .resizable(false)
            .exact_size(sizes::SCRUBBER)
            .show_separator_line(false)
            .frame(egui::Frame::new());
        let scrubber = &self.scrubber;
        let height = self.height;
        let drawn = panel.show(ui, |ui| scrubber.show(ui, height, offset, view));
        drawn.inner
    }

    /// Draws what is in view.
    fn content(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, view: Rect, width: f32) {
        let app = cx.app;
        let more = app.library.filter.has_more();
        let below = if more { sizes::BELOW_PHOTOS } else { 0.0 };
        ui.set_height(self.height + below);
        let origin = ui.max_rect().min;
        let edge = self.edge(app, width);
        // Below the tiles, which take clicks.
        let band = self.band.update(ui, origin, view);
        if let Some(band) = band {
            cx.ask(SelectCommand::Band {
                places: self.places_in(band.area, edge + theme::MEDIUM),
                begins: band.begins,
                add: band.adds,
            });
        }
        let first = self.lines.partition_point(|(y, _)| *y < view.min.y);
        for (y, line) in self.lines.iter().skip(first.saturating_sub(1)) {
            if *y > view.max.y {
                break;
            }
            match line {
                Line::Head(group) => {
                    // The one at the top is drawn below.
                    let group = app.library.groups.get(*group);
                    if let Some(group) = group.filter(|_| *y > view.min.y) {
                        let head = group_head::area(origin + vec2(0.0, *y), width);
                        group_head::show(ui, cx, head, group);
                    }
                }
                Line::Tiles(start, end) => {
                    for (column, place) in (*start..*end).enumerate() {
                        let x = origin.x + column as f32 * (edge + theme::MEDIUM);
                        let rect = Rect::from_min_size(
                            pos2(x, origin.y + y),
                            vec2(edge, app.settings.tile + sizes::TILE_CAPTION),
                        );
                        if let Some(row) = app.row(place) {
                            tile::show(ui, cx, rect, place, row);
                        }
                    }
                }
            }
        }
        if more && view.max.y > self.height {
            let middle = vec2(width * 0.5, self.height + sizes::BELOW_PHOTOS * 0.5);
            let place = Rect::from_center_size(origin + middle, sizes::MORE_BUTTON);
            if ui
                .put(place, egui::Button::new(tr!("search-more")))
                .clicked()
            {
                cx.ask(ViewCommand::MoreHits);
            }
        }
        self.head_at_top(ui, cx, origin, view, width);
        self.band.draw(ui, origin);
    }

    /// The head of what is at the top stays in sight.
    fn head_at_top(&self, ui: &Ui, cx: &mut DrawContext<'_>, origin: Pos2, view: Rect, width: f32) {
        let next = self.heads.partition_point(|y| *y <= view.min.y);
        let app = cx.app;
        let group = next.checked_sub(1).and_then(|g| app.library.groups.get(g));
        if let Some(group) = group {
            let next = self.heads.get(next).copied().unwrap_or(f32::INFINITY);
            let y = view.min.y.min(next - sizes::GROUP_HEAD);
            let head = group_head::area(origin + vec2(0.0, y), width);
            group_head::show(ui, cx, head, group);
        }
    }

    /// The width of a tile.
    fn edge(&self, app: &App, width: f32) -> f32 {
        let gap = theme::MEDIUM;
        let edge = (width + gap) / self.columns() as f32 - gap;
        edge.min(app.settings.tile * sizes::TILE_STRETCH)
    }

    /// The places of the tiles that a rectangle touches, in ranges; `pitch` is the distance from one
    /// tile to the next.
    fn places_in(&self, area: Rect, pitch: f32) -> Vec<Range<usize>> {
        let first = self.lines.partition_point(|(y, _)| *y <= area.min.y);
        let lines = self.lines.iter().skip(first.saturating_sub(1));
        let lines = lines.take_while(|(y, _)| *y <= area.max.y);
        let left = (area.min.x.max(0.0) / pitch) as usize;
        let right = (area.max.x.max(0.0) / pitch) as usize + 1;
        let ranges = lines.filter_map(|(_, line)| match line {
            Line::Tiles(start, end) => {
                let range = (start + left).min(*end)..(start + right).min(*end);
                (!range.is_empty()).then_some(range)
            }
            Line::Head(_) => None,
        });
        ranges.collect()
    }

    /// Returns where to scroll: to what should be revealed, else to where the first visible photo
    /// has moved, so that nothing moves under the pointer when the library changes.
    fn scroll(&mut self, app: &App, view: f32) -> Option<f32> {
        let reveal = app.selection.reveal();
        if reveal != self.revealed {
            self.revealed = reveal;
            let Some(y) = app.selection.cursor().and_then(|c| self.line_of(c)) else {
                return Some(0.0);
            };
            let bottom = y + app.settings.tile + sizes::TILE_CAPTION;
            if y < self.offset {
                return Some(y);
            }
            return (bottom > self.offset + view).then_some(bottom - view);
        }
        let (id, place, above) = self.first.filter(|_| self.offset > 0.0)?;
        let is_it = |place: &usize| app.row(*place).is_some_and(|r| r.id == id);
        let place = match is_it(&place) {
            true => place,
            false => (0..app.library.shown.len()).find(is_it)?,
        };
        let offset = self.line_of(place)? + above;
        ((offset - self.offset).abs() > 1.0).then_some(offset)
    }

    fn note_first(&mut self, app: &App) {
        let lines = self.lines.partition_point(|(y, _)| *y <= self.offset);
        let lines = self.lines.get(lines.saturating_sub(1)..);
        let mut tiles = lines
            .into_iter()
            .flatten()
            .filter_map(|(y, line)| match line {
                Line::Tiles(start, _) => Some((*y, *start)),
                Line::Head(_) => None,
            });
        let first = tiles.next();
        self.first = first.and_then(|(y, place)| {
            let row = app.row(place)?;
            Some((row.id, place, self.offset - y))
        });
    }

    fn line_of(&self, place: usize) -> Option<f32> {
        // A heading counts only until its first tiles begin.
        let begins_before = |(_, line): &(f32, Line)| match line {
            Line::Tiles(start, _) => *start <= place,
            Line::Head(group) => self.starts.get(*group).is_some_and(|start| *start <= place),
        };
        let end = self.lines.partition_point(begins_before);
        let line = self.lines.get(end.checked_sub(1)?)?;
        Some(line.0)
    }

    fn keys(&self, ui: &Ui, cx: &mut DrawContext<'_>) {
        if !shortcuts::reach_screen(ui) {
            return;
        }
        let columns = isize::try_from(self.columns()).unwrap_or(1);
        let steps = [
            (Key::ArrowRight, 1),
            (Key::ArrowLeft, -1),
            (Key::ArrowDown, columns),
            (Key::ArrowUp, -columns),
            (Key::PageDown, columns * 4),
            (Key::PageUp, -columns * 4),
            (Key::Home, isize::MIN / 2),
            (Key::End, isize::MAX / 2),
        ];
        for (key, by) in steps {
            if ui.input(|i| i.key_pressed(key)) {
                cx.ask(SelectCommand::Move(by, ui.input(|i| i.modifiers.shift)));
            }
        }
    }
}
