//! A tag that the pointer carries to photos.

use eframe::egui::{
    CursorIcon, DragAndDrop, FontId, Id, LayerId, Order, Rect, Response, Stroke, StrokeKind, Ui,
};

use crate::app::{DecideCommand, Row};
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// The name of a label on its way to photos.
pub(crate) struct CarriedTag(String);

/// Lets a label be carried by dragging its row.
pub(crate) fn pick_up(row: &Response, name: &str) {
    row.dnd_set_drag_payload(CarriedTag(name.to_owned()));
}

/// Takes a tag that is dropped on a photo: the selected photos get it if this is one of them, or
/// else this photo alone.
pub(crate) fn receive(ui: &Ui, cx: &mut DrawContext<'_>, tile: &Response, row: &Row) {
    if !DragAndDrop::has_payload_of_type::<CarriedTag>(ui.ctx()) {
        return;
    }
    let app = cx.app;
    let photos = |all: bool| match all {
        true => app.chosen(),
        false => row.photo_id().into_iter().collect(),
    };
    let all = app.selection.contains(row);
    if let Some(tag) = tile.dnd_release_payload::<CarriedTag>() {
        let text = tag.0.clone();
        let photos = photos(all);
        cx.ask(DecideCommand::Tag { photos, text });
    } else if let Some(tag) = tile.dnd_hover_payload::<CarriedTag>() {
        let p = theme::palette(ui);
        let stroke = Stroke::new(2.0, p.accent);
        let inside = StrokeKind::Inside;
        ui.painter()
            .rect_stroke(tile.rect, theme::CARD_RADIUS, stroke, inside);
        let number = if all { app.selection.len() } else { 1 };
        let frame = ui.ctx().cumulative_frame_nr();
        ui.data_mut(|d| d.insert_temp(Id::unique("carried-tag"), frame));
        draw(ui, &tr!("tag-drop", label = &tag.0, count = number));
    }
}

/// Draws a carried tag beside the pointer where no photo takes it.
pub(crate) fn show(ui: &Ui) {
    let Some(tag) = DragAndDrop::payload::<CarriedTag>(ui.ctx()) else {
        return;
    };
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let over_photo: Option<u64> = ui.data(|d| d.get_temp(Id::unique("carried-tag")));
    if over_photo != Some(ui.ctx().cumulative_frame_nr()) {
        draw(ui, &tag.0);
    }
}

fn draw(ui: &Ui, text: &str) {
    let Some(pointer) = ui.input(|i| i.pointer.latest_pos()) else {
        return;
    };
    let p = theme::palette(ui);
    let layer = LayerId::new(Order::Tooltip, Id::unique("carried-tag"));
    let painter = ui.ctx().layer_painter(layer);
    let font = FontId::proportional(sizes::TEXT_CHIP);
    let galley = painter.layout_no_wrap(text.to_owned(), font, p.text);
    let size = galley.size() + sizes::CHIP_PADDING;
    let ground = Rect::from_min_size(pointer + sizes::CARRIED_AT, size);
    painter.rect_filled(ground, theme::RADIUS, p.raised);
    painter.galley(ground.min + sizes::CHIP_PADDING * 0.5, galley, p.text);
}
