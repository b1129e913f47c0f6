//! The head of a group of photos in the grid: its name, its number of photos, and their selection.

use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::Group;
use crate::app::SelectCommand;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::context_menus;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::bidi;
use crate::words::tr;

/// The place of a head.
pub(crate) fn area(min: Pos2, width: f32) -> Rect {
    Rect::from_min_size(min, vec2(width, sizes::GROUP_HEAD))
}

/// Draws a group's head over what is there. A click selects its photos; with Ctrl, it adds them to
/// the selection.
pub(crate) fn show(ui: &Ui, cx: &mut DrawContext<'_>, rect: Rect, group: &Group) {
    let p = theme::palette(ui);
    let id = ui.scope_id().with(("group", group.places.start));
    let response = ui.interact(rect, id, Sense::click());
    let over = response.hovered() || response.has_focus();
    ui.painter().rect_filled(rect, 0.0, p.ground);
    let text = |at: Pos2, align: Align2, text: &str, colour: Color32| {
        let font = FontId::proportional(sizes::TEXT_BODY);
        ui.painter().text(at, align, text, font, colour)
    };
    let name = group.name.in_words();
    let name = bidi::visual(&name);
    let photos = tr!("photos", count = group.places.len());
    let middle = rect.center().y;
    let end = text(pos2(rect.min.x, middle), Align2::LEFT_CENTER, &name, p.text);
    let at = pos2(end.max.x + theme::MEDIUM, middle);
    let end = text(at, Align2::LEFT_CENTER, &photos, p.muted);
    if over {
        let at = pos2(end.max.x + theme::LARGE, middle);
        text(at, Align2::LEFT_CENTER, tr!("select"), p.accent);
    }
    response.widget_info(|| {
        let spoken = tr!("group-select", name = &name, photos = &photos);
        WidgetInfo::labeled(Role::Button, true, spoken)
    });
    context_menus::group(&response, cx, group);
    if response.clicked() {
        let add = ui.input(|i| i.modifiers.command);
        let last = group.places.end.saturating_sub(1);
        cx.ask(SelectCommand::Range(group.places.start, last, add));
    }
}
