//! A photo's tile: its picture, its name and its tags.

use eframe::egui::text::LayoutJob;
use eframe::egui::{
    self, Align, Align2, Color32, CornerRadius, FontId, Rect, Sense, Stroke, StrokeKind, Ui, pos2,
};

use crate::app::{Action, App, Command, Row, SelectCommand};
use crate::core::photo::ContentHash;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::context_menus;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::bidi;
use crate::ui::widgets::carried_tag;
use crate::ui::widgets::chip;
use crate::ui::widgets::textures::Textures;
use crate::words::tr;

/// Draws a picture into `rect` with its proportions, or a placeholder.
pub(crate) fn picture(ui: &Ui, rect: Rect, row: &Row, textures: &mut Textures<ContentHash>) {
    let p = theme::palette(ui);
    let radius = CornerRadius::same(theme::RADIUS);
    let note = |text: &str| {
        ui.painter().rect_filled(rect, radius, p.raised);
        let font = FontId::proportional(sizes::TEXT_NOTE);
        // A small tile has several lines.
        let width = rect.width() - 2.0 * theme::SMALL;
        let mut job = LayoutJob::simple(text.to_owned(), font, p.muted, width);
        job.halign = Align::Center;
        let lines = ui.painter().layout_job(job);
        let top = rect.center().y - lines.size().y / 2.0;
        ui.painter()
            .galley(pos2(rect.center().x, top), lines, p.muted);
    };
    if row.failed {
        return note(tr!("tile-failed"));
    }
    match row.photo.map(|(_, hash)| textures.get(&hash)) {
        None => note(tr!("tile-waiting")),
        Some(Err(())) => note(tr!("tile-no-preview")),
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
    let inner = rect.shrink(sizes::TILE_MARGIN);
    let bottom = inner.max.y - sizes::TILE_CAPTION + theme::SMALL;
    let image = Rect::from_min_max(inner.min, pos2(inner.max.x, bottom));
    picture(ui, image, row, cx.thumbnails);
    if selected {
        let at = image.right_top() + sizes::TICK_AT;
        ui.painter().circle_filled(at, sizes::TICK_RADIUS, p.accent);
        let font = FontId::proportional(sizes::TEXT_NOTE);
        ui.painter()
            .text(at, Align2::CENTER_CENTER, "✔", font, p.on_accent);
    }
    let notes = notes(row);
    if !notes.is_empty() {
        badge(ui, image.min, &notes);
    }
    let file_name = row.name();
    line(
        ui,
        pos2(inner.min.x, image.max.y + theme::SMALL),
        inner.width(),
        &file_name,
        sizes::TEXT_NOTE,
        p.text,
    );
    chips(
        ui,
        pos2(inner.min.x, image.max.y + sizes::TILE_TAGS_BELOW),
        inner.width(),
        row,
        app,
    );
    response.widget_info(|| {
        let text = spoken(app, row);
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
    carried_tag::receive(ui, cx, &response, row);
    context_menus::photo(&response, cx, place, row);
    response.on_hover_ui_at_pointer(|ui| {
        for path in row.paths() {
            ui.label(bidi::visual(&path.to_string_lossy()).into_owned());
        }
    });
}

/// What a screen reader says.
fn spoken(app: &App, row: &Row) -> String {
    let shown = row.tags.iter().filter(|t| t.state != TagState::Rejected);
    let tags: Vec<String> = shown
        .map(|t| chip::spoken(&app.library.catalogue, t))
        .collect();
    let notes = notes(row);
    let name = match notes.is_empty() {
        true => row.name(),
        false => format!("{}, {notes}", row.name()),
    };
    match tags.is_empty() {
        true => tr!("tile-no-tags", name = name),
        false => format!("{name}: {}", tags.join("; ")),
    }
}

/// The number of a stack's files, and whether a part of the picture is missing.
fn notes(row: &Row) -> String {
    let files = (!row.others.is_empty()).then(|| tr!("files", count = row.others.len() + 1));
    let incomplete = row.incomplete.then(|| tr!("tile-incomplete").to_owned());
    let notes: Vec<String> = files.into_iter().chain(incomplete).collect();
    notes.join(" · ")
}

/// Draws a note over a corner of the picture.
fn badge(ui: &Ui, corner: egui::Pos2, text: &str) {
    let p = theme::palette(ui);
    let font = FontId::proportional(sizes::TEXT_TILE_TAG);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, p.text);
    let at = corner + sizes::BADGE_AT;
    let rect = Rect::from_min_size(at, galley.size() + sizes::TILE_TAG_PADDING);
    let radius = CornerRadius::same(sizes::TILE_TAG_RADIUS);
    ui.painter().rect_filled(rect, radius, p.raised);
    let at = rect.min + sizes::TILE_TAG_PADDING * 0.5;
    ui.painter().galley(at, galley, p.text);
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
        let room = at.x + width - x - sizes::TILE_TAG_PADDING.x;
        if room < sizes::TILE_TAG_LEAST {
            break;
        }
        let font = FontId::proportional(sizes::TEXT_TILE_TAG);
        let text = chip::text(&app.library.catalogue, tag, false);
        let mut job = egui::text::LayoutJob::simple_singleline(text, font, colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        let galley = ui.fonts_mut(|f| f.layout_job(job));
        let rect = Rect::from_min_size(pos2(x, at.y), galley.size() + sizes::TILE_TAG_PADDING);
        ui.painter().rect(
            rect,
            CornerRadius::same(sizes::TILE_TAG_RADIUS),
            fill,
            stroke,
            StrokeKind::Inside,
        );
        let at = rect.min + sizes::TILE_TAG_PADDING * 0.5;
        ui.painter().galley(at, galley, colour);
        x = rect.max.x + theme::SMALL;
    }
}
