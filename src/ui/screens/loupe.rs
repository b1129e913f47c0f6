//! The loupe: one photo as large as the view, its neighbours below, and its tags over it.

use eframe::egui::{
    self, Align2, Color32, CornerRadius, FontId, Key, Rect, Sense, Stroke, StrokeKind, Ui, Vec2,
    pos2, vec2,
};

use crate::app::{Action, Command, Row, SelectCommand};
use crate::core::ids::FileId;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::loupe_view::{LoupeView, Zoom};
use crate::ui::screens::tile;
use crate::ui::shortcuts;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::{bidi, chip};
use crate::words::tr;

/// Whose large pictures are made ahead, counted from the photo on show.
const AHEAD: [isize; 3] = [1, -1, 2];

/// The loupe. The zoom stays from one photo to the next, so that two can be compared.
#[derive(Default)]
pub(crate) struct Loupe {
    zoom: Zoom,
}

impl Loupe {
    /// Draws the photo at the keyboard's place.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        let (Some(row), Some(place)) = (app.current(), app.selection.cursor()) else {
            return;
        };
        let full = app.window.full_screen;
        let toggled = !full && self.head(ui, cx, row, place);
        let rect = ui.available_rect_before_wrap();
        let strip = if full {
            0.0
        } else {
            sizes::STRIP + theme::MEDIUM
        };
        let (above, below) = rect.split_top_bottom_at_y(rect.max.y - strip);
        self.picture(ui, cx, row, above, toggled);
        if !app.settings.inspector || full {
            tags(ui, cx, row, above);
        }
        if !full {
            neighbours(ui, cx, place, below.with_min_y(below.min.y + theme::MEDIUM));
        }
        // After the picture, which is wanted first.
        for by in AHEAD {
            let near = place.checked_add_signed(by).and_then(|p| app.row(p));
            if let Some(near) = near.filter(|near| !near.failed) {
                let _ = cx.previews.get(&near.path);
            }
        }
        keys(ui, cx);
    }

    /// Draws the line above the photo. Returns whether to switch between the whole photo and its
    /// pixels.
    fn head(&self, ui: &mut Ui, cx: &mut DrawContext<'_>, row: &Row, place: usize) -> bool {
        let mut toggled = false;
        let shown = cx.app.library.shown.len();
        let number = tr!("of", some = place + 1, all = shown);
        let number = egui::RichText::new(number).weak();
        if ui.available_width() < sizes::LOUPE_HEAD {
            ui.horizontal_wrapped(|ui| {
                back(ui, cx);
                toggled = self.zoom_buttons(ui, cx);
                ui.label(number);
            });
            return toggled;
        }
        ui.horizontal(|ui| {
            back(ui, cx);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                toggled = self.zoom_buttons(ui, cx);
                ui.label(number);
                let name = egui::Label::new(bidi::visual(&row.name())).truncate();
                ui.add_sized(ui.available_size(), name);
            });
        });
        toggled
    }

    /// Draws the buttons for the whole screen and for actual pixels; returns whether the latter was
    /// pressed.
    fn zoom_buttons(&self, ui: &mut Ui, cx: &mut DrawContext<'_>) -> bool {
        let full = ui.button(tr!("action-full-screen"));
        if full.on_hover_text(tr!("loupe-full-screen-hint")).clicked() {
            cx.ask(Command::Do(Action::FullScreen));
        }
        let (name, hint) = match self.zoom {
            Zoom::Fit => (tr!("loupe-actual"), tr!("loupe-actual-hint")),
            Zoom::Part { .. } => (tr!("loupe-whole"), tr!("loupe-whole-hint")),
        };
        ui.button(name).on_hover_text(hint).clicked()
    }

    /// Draws the photo; wheel, double click and drag zoom and move it.
    fn picture(
        &mut self,
        ui: &mut Ui,
        cx: &mut DrawContext<'_>,
        row: &Row,
        rect: Rect,
        toggled: bool,
    ) {
        let id = ui.scope_id().with("loupe");
        let response = ui.interact(rect, id, Sense::click_and_drag());
        let name = row.name();
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name.clone()));
        let painter = ui.painter_at(rect);
        let preview = match cx.previews.get(&row.path) {
            Ok(Some(preview)) => Some((preview.id(), preview.size_vec2())),
            Ok(None) | Err(()) => None,
        };
        let Some((texture, pixels)) = preview.filter(|_| !row.failed) else {
            return tile::picture(ui, rect, row, cx.thumbnails);
        };
        let facts = cx.app.inspector.facts(&row.path);
        let picture = facts.map_or(pixels, |f| vec2(f.width as f32, f.height as f32));
        let view = LoupeView {
            rect,
            picture,
            pixels_per_point: ui.ctx().pixels_per_point(),
        };
        if toggled {
            self.zoom = view.toggled(self.zoom, rect.center());
        }
        let before = self.zoom;
        self.zoom = self.zoomed(ui, &response, &view);
        if self.zoom != before || toggled {
            // The line above is drawn already.
            ui.ctx().request_repaint();
        }
        let place = view.place(self.zoom);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture, place, whole, theme::UNTINTED);
        let stretch = place.width() * view.pixels_per_point / pixels.x.max(1.0);
        if stretch > sizes::PREVIEW_STRETCH && picture.x > pixels.x {
            cx.full_size.paint(&painter, &row.path, place);
        }
        if self.zoom != Zoom::Fit {
            let share = view.scale(self.zoom) * view.pixels_per_point;
            let at = rect.right_bottom() - Vec2::splat(sizes::TAGS_OVER_PICTURE);
            note(
                ui,
                at,
                Align2::RIGHT_BOTTOM,
                &format!("{:.0} %", share * 100.0),
            );
        }
    }

    /// Returns the zoom after what pointer and keys did in this frame.
    fn zoomed(&self, ui: &Ui, response: &egui::Response, view: &LoupeView) -> Zoom {
        let mut zoom = self.zoom;
        let middle = view.rect.center();
        if let Some(pointer) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta.y, i.zoom_delta()));
            let factor = (wheel * sizes::WHEEL_ZOOM).exp() * pinch;
            if factor != 1.0 {
                zoom = view.zoomed(zoom, factor, pointer);
            }
            if response.double_clicked() {
                zoom = view.toggled(zoom, pointer);
            }
        }
        if response.dragged() {
            zoom = view.moved(zoom, response.drag_delta());
        }
        if shortcuts::reach_screen(ui) {
            let pressed = |key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
            if shortcuts::is_pressed_anew(ui, Key::Z) && pressed(Key::Z) {
                zoom = view.toggled(zoom, response.hover_pos().unwrap_or(middle));
            }
            if pressed(Key::Plus) || pressed(Key::Equals) {
                zoom = view.zoomed(zoom, sizes::ZOOM_STEP, middle);
            }
            if pressed(Key::Minus) {
                zoom = view.zoomed(zoom, 1.0 / sizes::ZOOM_STEP, middle);
            }
        }
        zoom
    }
}

/// Draws the button that leads back to the grid.
fn back(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    if ui.button(tr!("loupe-back")).clicked() {
        cx.ask(Command::Do(Action::Preview));
    }
}

/// The keys that lead to other photos.
fn keys(ui: &Ui, cx: &mut DrawContext<'_>) {
    if !shortcuts::reach_screen(ui) {
        return;
    }
    let steps = [
        (Key::ArrowRight, 1),
        (Key::ArrowDown, 1),
        (Key::PageDown, 1),
        (Key::ArrowLeft, -1),
        (Key::ArrowUp, -1),
        (Key::PageUp, -1),
        (Key::Home, isize::MIN / 2),
        (Key::End, isize::MAX / 2),
    ];
    for (key, by) in steps {
        if ui.input(|i| i.key_pressed(key)) {
            cx.ask(SelectCommand::Move(by, false));
        }
    }
}

/// Draws the strip of neighbours, the photo on show in its middle.
fn neighbours(ui: &mut Ui, cx: &mut DrawContext<'_>, place: usize, rect: Rect) {
    let app = cx.app;
    let p = theme::palette(ui);
    let pitch = sizes::STRIP_TILE + theme::SMALL;
    let half = (rect.width() / pitch / 2.0) as usize;
    let last = (place + half).min(app.library.shown.len().saturating_sub(1));
    for near in place.saturating_sub(half)..=last {
        let Some(row) = app.row(near) else {
            continue;
        };
        let x = rect.center().x + (near as f32 - place as f32) * pitch;
        let at = pos2(x, rect.center().y);
        let tile = Rect::from_center_size(at, Vec2::splat(sizes::STRIP_TILE));
        let salt: FileId = row.id;
        let response = ui.interact(tile, ui.scope_id().with(("strip", salt)), Sense::click());
        tile::picture(ui, tile.shrink(theme::SMALL), row, cx.thumbnails);
        let colour = match (near == place, response.hovered()) {
            (true, _) => p.accent,
            (false, true) => p.muted,
            (false, false) => Color32::TRANSPARENT,
        };
        let radius = CornerRadius::same(theme::RADIUS);
        let stroke = Stroke::new(sizes::FOCUS_LINE, colour);
        ui.painter()
            .rect_stroke(tile, radius, stroke, StrokeKind::Inside);
        let name = row.name();
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::Button, true, near == place, name.clone())
        });
        if response.on_hover_text(bidi::visual(&row.name())).clicked() {
            cx.ask(SelectCommand::Only(near));
        }
    }
}

/// Draws the tags over the photo, where the inspector does not show them.
fn tags(ui: &Ui, cx: &DrawContext<'_>, row: &Row, rect: Rect) {
    let catalogue = &cx.app.library.catalogue;
    let shown = row.tags.iter().filter(|t| t.state != TagState::Rejected);
    let texts: Vec<String> = shown.map(|tag| chip::text(catalogue, tag, true)).collect();
    if !texts.is_empty() {
        let at = rect.left_bottom() + vec2(1.0, -1.0) * sizes::TAGS_OVER_PICTURE;
        note(ui, at, Align2::LEFT_BOTTOM, &texts.join("    "));
    }
}

/// Draws text over a photo, on a ground that keeps it readable.
fn note(ui: &Ui, at: egui::Pos2, anchor: Align2, text: &str) {
    let p = theme::palette(ui);
    let font = FontId::proportional(sizes::TEXT_NOTE);
    let room = ui.max_rect().width() - 2.0 * (sizes::TAGS_OVER_PICTURE + sizes::CHIP_PADDING.x);
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, p.text, room);
    job.break_on_newline = false;
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    let ground = anchor.anchor_size(at, galley.size() + sizes::CHIP_PADDING);
    let radius = CornerRadius::same(theme::RADIUS);
    ui.painter().rect_filled(ground, radius, p.surface);
    let at = ground.min + sizes::CHIP_PADDING * 0.5;
    ui.painter().galley(at, galley, p.text);
}
