//! The photos: the grid, one large photo, or advice if there are none.

use eframe::egui::{self, Ui};

use crate::app::{Action, Command, SelectCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::grid::Grid;
use crate::ui::screens::inspector;
use crate::ui::screens::pages;
use crate::ui::screens::screen::Screen;
use crate::ui::shortcuts;

/// The first screen.
#[derive(Default)]
pub(crate) struct Photos {
    grid: Grid,
}

impl Screen for Photos {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        if !app.library.loaded {
            return;
        }
        if app.library.catalogue.folders.is_empty() {
            return pages::welcome(ui, cx);
        }
        if app.window.large {
            return large(ui, cx);
        }
        Grid::tools(ui, cx);
        if app.library.shown.is_empty() {
            empty(ui, cx);
        } else {
            self.grid.show(ui, cx);
        }
    }
}

/// Draws one photo as large as possible.
fn large(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let Some(row) = cx.app.current() else {
        return;
    };
    ui.horizontal(|ui| {
        if ui.button("Back to the grid").clicked() {
            cx.ask(Command::Do(Action::Preview));
        }
        ui.label(row.name());
    });
    let rect = ui.available_rect_before_wrap();
    inspector::large(ui, cx, rect, row);
    if shortcuts::reach_screen(ui) {
        for (key, by) in [(egui::Key::ArrowRight, 1), (egui::Key::ArrowLeft, -1)] {
            if ui.input(|i| i.key_pressed(key)) {
                cx.ask(SelectCommand::Move(by, false));
            }
        }
    }
}

/// Draws the text for an empty list.
fn empty(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.35);
        if cx.app.library.filter.is_empty() {
            ui.heading("No photos yet");
            ui.label("They show up here as they are found.");
        } else {
            ui.heading("No matching photos");
            if ui.button("Show all photos").clicked() {
                cx.ask(Command::Do(Action::ClearFilters));
            }
        }
    });
}
