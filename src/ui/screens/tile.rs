//! A photo's tile: its picture, its name and its tags.

use eframe::egui::{
    self, Align2, Color32, CornerRadius, FontId, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

use crate::app::{Action, App, Command, Row, SelectCommand};
use crate::core::photo::ContentHash;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme;
use crate::ui::widgets::bidi;
use crate::ui::widgets::chip;
use crate::ui::widgets::textures::Textures;

/// The height below a tile's picture for its name and chips, in points.
pub(crate) const CAPTION: f32 = 44.0;

/// Draws a picture into `rect` with its proportions, or a placeholder.
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

/// Draws the tile of the photo at `place` in the list, which can be selected and opened.
pub(crate) fn show(ui: &mut Ui, cx: &mut DrawContext<'_>, rect: Rect, place: usize, row: &Row) {
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

/// Draws one line of text, cut off at `width`.
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
