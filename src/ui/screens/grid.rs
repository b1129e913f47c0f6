//! The photos, as many as there is room for.

use eframe::egui::{
    self, Align2, Color32, CornerRadius, FontId, Key, Rect, RichText, Sense, Stroke, StrokeKind,
    Ui, Vec2, pos2, vec2,
};

use crate::app::{
    Action, App, Command, Grouping, Order, Row, SelectCommand, SetCommand, ViewCommand,
};
use crate::core::count;
use crate::core::photo::ContentHash;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::shortcuts;
use crate::ui::theme;
use crate::ui::widgets::bidi;
use crate::ui::widgets::chip;
use crate::ui::widgets::textures::Textures;

/// Room below a tile's picture for its name and chips, in points.
const CAPTION: f32 = 44.0;
const HEAD: f32 = 30.0;

/// One line of the grid.
enum Line {
    Head(usize),
    Tiles(usize, usize),
}

/// Lines are found anew only when the list or the width has changed.
#[derive(Default)]
pub(crate) struct Grid {
    lines: Vec<(f32, Line)>,
    /// Where groups begin.
    starts: Vec<usize>,
    height: f32,
    made_for: (u64, usize, u32, usize),
    columns: usize,
    /// The selection's count of what is to be brought into view, as it was last followed.
    revealed: u64,
    offset: f32,
    /// The first photo in view, its place in the list, and how far above the view it begins.
    first: Option<(i64, usize, f32)>,
}

impl Grid {
    /// How many tiles stand side by side.
    pub(crate) fn columns(&self) -> usize {
        self.columns.max(1)
    }

    /// The bar above the photos.
    pub(crate) fn tools(ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        ui.horizontal(|ui| {
            let shown = app.library.shown.len();
            let total = app.library.catalogue.rows.len();
            let text = match shown == total {
                true => count::photos(total),
                false => format!("{} of {}", count::number(shown), count::photos(total)),
            };
            ui.label(text);
            let selected = app.selection.len();
            if selected > 0 {
                let text = format!("{} selected", count::number(selected));
                ui.label(RichText::new(text).strong());
            }
            filters(ui, cx);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let mut tile = app.settings.tile;
                ui.spacing_mut().slider_width = 90.0;
                let slider = egui::Slider::new(&mut tile, 90.0..=400.0).show_value(false);
                let slider = ui.add(slider).on_hover_text("Size of the thumbnails");
                slider.widget_info(|| {
                    egui::WidgetInfo::slider(true, f64::from(tile), "Thumbnail size")
                });
                if slider.changed() {
                    cx.ask(SetCommand::Tile(tile));
                }
                let mut grouping = app.settings.grouping;
                egui::ComboBox::from_id_salt("grouping")
                    .selected_text(name(&Grouping::ALL, grouping))
                    .width(100.0)
                    .show_ui(ui, |ui| {
                        for (value, name) in Grouping::ALL {
                            ui.selectable_value(&mut grouping, value, name);
                        }
                    });
                if grouping != app.settings.grouping {
                    cx.ask(ViewCommand::Group(grouping));
                }
                let mut order = app.settings.order;
                egui::ComboBox::from_id_salt("order")
                    .selected_text(name(&Order::ALL, order))
                    .width(100.0)
                    .show_ui(ui, |ui| {
                        for (value, name) in Order::ALL {
                            ui.selectable_value(&mut order, value, name);
                        }
                    });
                if order != app.settings.order {
                    cx.ask(ViewCommand::Sort(order));
                }
            });
        });
    }

    fn layout(&mut self, app: &App, width: f32) {
        let tile = app.settings.tile;
        let key = (
            app.library.revision,
            app.library.shown.len(),
            (width * 4.0) as u32,
            (tile * 4.0) as usize,
        );
        if key == self.made_for {
            return;
        }
        self.made_for = key;
        let gap = theme::MEDIUM;
        self.columns = (((width + gap) / (tile + gap)) as usize).max(1);
        self.lines.clear();
        self.starts = app.library.groups.iter().map(|g| g.start).collect();
        let mut y = 0.0;
        let all = [0];
        let grouped = !app.library.groups.is_empty();
        let groups = if grouped { &self.starts[..] } else { &all[..] };
        for (i, start) in groups.iter().enumerate() {
            let end = groups.get(i + 1).copied();
            let end = end.unwrap_or(app.library.shown.len());
            if grouped {
                self.lines.push((y, Line::Head(i)));
                y += HEAD;
            }
            let mut at = *start;
            while at < end {
                let next = (at + self.columns).min(end);
                self.lines.push((y, Line::Tiles(at, next)));
                y += tile + CAPTION + gap;
                at = next;
            }
        }
        self.height = y;
    }

    /// Draws what is visible and asks for its thumbnails.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        let width = ui.available_width() - 14.0;
        self.layout(app, width);
        self.keys(ui, cx);
        let gap = theme::MEDIUM;
        let tile = ((width + gap) / self.columns() as f32 - gap).min(app.settings.tile * 1.6);
        let mut area = egui::ScrollArea::vertical().auto_shrink([false, false]);
        if let Some(offset) = self.scroll(app, ui.available_height()) {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_viewport(ui, |ui, view| {
            ui.set_height(self.height);
            let origin = ui.max_rect().min;
            let first = self.lines.partition_point(|(y, _)| *y < view.min.y);
            for (y, line) in self.lines.iter().skip(first.saturating_sub(1)) {
                if *y > view.max.y {
                    break;
                }
                match line {
                    Line::Head(group) => {
                        let name = app
                            .library
                            .groups
                            .get(*group)
                            .map_or("", |g| g.name.as_str());
                        let at = pos2(origin.x, origin.y + y + HEAD / 2.0);
                        let p = theme::palette(ui);
                        let font = FontId::proportional(14.0);
                        ui.painter()
                            .text(at, Align2::LEFT_CENTER, name, font, p.muted);
                    }
                    Line::Tiles(start, end) => {
                        for (column, place) in (*start..*end).enumerate() {
                            let x = origin.x + column as f32 * (tile + gap);
                            let rect = Rect::from_min_size(
                                pos2(x, origin.y + y),
                                vec2(tile, app.settings.tile + CAPTION),
                            );
                            if let Some(row) = app.row(place) {
                                tile_at(ui, cx, rect, place, row);
                            }
                        }
                    }
                }
            }
        });
        self.offset = shown.state.clamped_offset().y;
        self.note_first(app);
    }

    /// Where to scroll to: to what is to be seen, else to where the first photo in view has moved, so
    /// that nothing moves under the pointer when the library changes.
    fn scroll(&mut self, app: &App, view: f32) -> Option<f32> {
        let reveal = app.selection.reveal();
        if reveal != self.revealed {
            self.revealed = reveal;
            let Some(y) = app.selection.cursor().and_then(|c| self.line_of(c)) else {
                return Some(0.0);
            };
            let bottom = y + app.settings.tile + CAPTION;
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
        // A head counts as where its first tiles do not begin yet.
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

/// What narrows the photos down, each to be taken away.
fn filters(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    let filter = &app.library.filter;
    let mut chip = |text: String, without: ViewCommand| {
        let button = ui.small_button(format!("{text}  ✖"));
        if button.on_hover_text("Take this filter away").clicked() {
            cx.ask(without);
        }
    };
    if let Some(id) = filter.folder {
        let mut folders = app.library.catalogue.folders.iter();
        let folder = folders.find(|f| f.folder.id == id);
        let name = folder.map(|f| f.name());
        chip(
            format!("in {}", name.unwrap_or_default()),
            ViewCommand::Folder(None),
        );
    }
    if let Some(label) = &filter.label {
        chip(format!("tagged {label}"), ViewCommand::Label(None));
    }
    let query = &filter.query;
    if let Some(sought) = &filter.sought {
        let text = match filter.hits {
            Some(_) if query.words.is_empty() => sought.clone(),
            Some(_) => format!("like “{sought}”"),
            None => format!("looking for “{sought}” …"),
        };
        chip(text, ViewCommand::Search(query.filters()));
    }
    let typed = query.filters();
    if !typed.is_empty() {
        chip(typed, ViewCommand::Search(query.words.clone()));
    }
}

fn name<T: PartialEq + Copy>(all: &[(T, &'static str)], value: T) -> &'static str {
    all.iter().find(|(v, _)| *v == value).map_or("", |(_, n)| n)
}

/// Draws a picture into `rect` with its proportions, or what stands in for it.
pub(crate) fn picture(ui: &Ui, rect: Rect, row: &Row, textures: &mut Textures<ContentHash>) {
    let p = theme::palette(ui);
    let radius = CornerRadius::same(theme::RADIUS);
    let note = |text: &str| {
        ui.painter().rect_filled(rect, radius, p.raised);
        let font = FontId::proportional(12.0);
        let at = rect.center();
        ui.painter()
            .text(at, Align2::CENTER_CENTER, text, font, p.muted);
    };
    if row.failed {
        return note("cannot be read");
    }
    match row.photo.map(|(_, hash)| textures.get(&hash)) {
        None => note("waiting"),
        Some(Err(())) => note("no preview"),
        Some(Ok(None)) => {
            ui.painter().rect_filled(rect, radius, p.raised);
        }
        Some(Ok(Some(texture))) => {
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            let fitted = Rect::from_center_size(rect.center(), size * scale);
            egui::Image::new(texture)
                .corner_radius(radius)
                .paint_at(ui, fitted);
        }
    }
}

fn tile_at(ui: &mut Ui, cx: &mut DrawContext<'_>, rect: Rect, place: usize, row: &Row) {
    let app = cx.app;
    let p = theme::palette(ui);
    let id = ui.scope_id().with(("tile", place));
    let response = ui.interact(rect, id, Sense::click());
    let selected = app.selection.contains(row);
    let radius = CornerRadius::same(theme::CARD_RADIUS);
    let fill = match (selected, response.hovered()) {
        (true, _) => p.hovered,
        (false, true) => p.raised,
        (false, false) => p.surface,
    };
    let stroke = match selected || app.selection.cursor() == Some(place) {
        true => Stroke::new(if selected { 2.0 } else { 1.0 }, p.accent),
        false => Stroke::new(1.0, p.line),
    };
    ui.painter()
        .rect(rect, radius, fill, stroke, StrokeKind::Inside);
    let inner = rect.shrink(6.0);
    let image = Rect::from_min_max(inner.min, pos2(inner.max.x, inner.max.y - CAPTION + 4.0));
    picture(ui, image, row, cx.thumbnails);
    if selected {
        let at = image.right_top() + vec2(-12.0, 12.0);
        ui.painter().circle_filled(at, 9.0, p.accent);
        let font = FontId::proportional(12.0);
        ui.painter()
            .text(at, Align2::CENTER_CENTER, "✔", font, p.on_accent);
    }
    let file_name = row.name();
    line(
        ui,
        pos2(inner.min.x, image.max.y + 4.0),
        inner.width(),
        &file_name,
        12.0,
        p.text,
    );
    chips(
        ui,
        pos2(inner.min.x, image.max.y + 21.0),
        inner.width(),
        row,
        app,
    );
    response.widget_info(|| {
        let tags: Vec<String> = row
            .tags
            .iter()
            .filter(|t| t.state != TagState::Rejected)
            .map(|t| chip::spoken(&app.library.catalogue, t))
            .collect();
        let text = match tags.is_empty() {
            true => format!("{file_name}, no tags"),
            false => format!("{file_name}: {}", tags.join("; ")),
        };
        egui::WidgetInfo::selected(egui::Role::Button, true, selected, text)
    });
    if response.double_clicked() {
        cx.ask(Command::Do(Action::Preview));
    } else if response.clicked() {
        let modifiers = ui.input(|i| i.modifiers);
        cx.ask(match (modifiers.shift, modifiers.command) {
            (true, _) => SelectCommand::To(place),
            (false, true) => SelectCommand::Toggle(place),
            (false, false) => SelectCommand::Only(place),
        });
    }
    response.on_hover_ui_at_pointer(|ui| {
        ui.label(bidi::visual(&row.path.to_string_lossy()).into_owned());
    });
}

/// One line of text, cut off where there is no room.
pub(crate) fn line(ui: &Ui, at: egui::Pos2, width: f32, text: &str, size: f32, colour: Color32) {
    let font = FontId::proportional(size);
    let text = bidi::visual(text).into_owned();
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    ui.painter().galley(at, galley, colour);
}

fn chips(ui: &Ui, at: egui::Pos2, width: f32, row: &Row, app: &App) {
    let p = theme::palette(ui);
    let mut x = at.x;
    let shown = row.tags.iter().filter(|t| t.state != TagState::Rejected);
    for tag in shown {
        let (fill, colour, stroke) = match tag.state {
            TagState::Accepted => (p.accepted, p.on_accepted, Stroke::NONE),
            _ => (Color32::TRANSPARENT, p.muted, Stroke::new(1.0, p.muted)),
        };
        let room = at.x + width - x - 10.0;
        if room < 24.0 {
            break;
        }
        let font = FontId::proportional(11.0);
        let text = chip::text(&app.library.catalogue, tag, false);
        let mut job = egui::text::LayoutJob::simple_singleline(text, font, colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        let galley = ui.fonts_mut(|f| f.layout_job(job));
        let rect = Rect::from_min_size(pos2(x, at.y), galley.size() + vec2(10.0, 3.0));
        ui.painter().rect(
            rect,
            CornerRadius::same(theme::RADIUS + 2),
            fill,
            stroke,
            StrokeKind::Inside,
        );
        ui.painter()
            .galley(rect.min + Vec2::new(5.0, 1.5), galley, colour);
        x = rect.max.x + theme::SMALL;
    }
}
