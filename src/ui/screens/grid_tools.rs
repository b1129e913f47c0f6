//! The bar above the photos: their number, filters, order, groups and size.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Grouping, Order, SetCommand, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::filter_bar;
use crate::ui::theme::sizes;
use crate::words::tr;

/// Draws the bar.
pub(crate) fn show(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    let on_one_line = ui.horizontal(|ui| {
        let shown = app.library.shown.len();
        let total = app.library.catalogue.rows.len();
        let text = match shown == total {
            true => tr!("photos", count = total),
            false => tr!("photos-shown", shown = shown, count = total),
        };
        ui.label(text);
        let selected = app.selection.len();
        if selected > 0 {
            let text = tr!("selected", count = selected);
            ui.label(RichText::new(text).strong());
        }
        filter_bar::menu(ui, cx);
        let fits = ui.available_width() >= sizes::GRID_TOOLS;
        if fits {
            at_end(ui, cx);
        }
        fits
    });
    // Beside a long text in a narrow window, they would cover it.
    if !on_one_line.inner {
        match ui.available_width() >= sizes::GRID_TOOLS {
            true => _ = ui.horizontal(|ui| at_end(ui, cx)),
            false => {
                ui.horizontal(|ui| choices(ui, cx));
                ui.horizontal(|ui| size(ui, cx));
            }
        }
    }
    filter_bar::chips(ui, cx);
}

/// Draws the order, groups and size at the end of the line.
fn at_end(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        size(ui, cx);
        choices(ui, cx);
    });
}

/// Draws the slider for the size of tiles.
fn size(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut tile = cx.app.settings.tile;
    ui.spacing_mut().slider_width = sizes::TILE_SLIDER;
    let slider = egui::Slider::new(&mut tile, sizes::TILE_RANGE).show_value(false);
    let slider = ui.add(slider).on_hover_text(tr!("thumbnail-size"));
    slider.widget_info(|| egui::WidgetInfo::slider(true, f64::from(tile), tr!("thumbnail-size")));
    if slider.changed() {
        cx.ask(SetCommand::Tile(tile));
    }
}

/// Draws the order and the groups.
fn choices(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let set = &cx.app.settings;
    let grouping = choice(ui, "grouping", &Grouping::ALL, Grouping::name, set.grouping);
    if let Some(grouping) = grouping {
        cx.ask(ViewCommand::Group(grouping));
    }
    if let Some(order) = choice(ui, "order", &Order::ALL, Order::name, set.order) {
        cx.ask(ViewCommand::Sort(order));
    }
}

/// Draws a list of choices; returns another one that was chosen.
fn choice<T: PartialEq + Copy>(
    ui: &mut Ui,
    id: &str,
    all: &[T],
    name: fn(T) -> &'static str,
    current: T,
) -> Option<T> {
    let mut chosen = current;
    egui::ComboBox::from_id_salt(id)
        .selected_text(name(current))
        .width(sizes::ORDER_CHOICE)
        .show_ui(ui, |ui| {
            for value in all {
                ui.selectable_value(&mut chosen, *value, name(*value));
            }
        });
    (chosen != current).then_some(chosen)
}
