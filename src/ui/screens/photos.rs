//! The photos: the grid, one large photo, or advice if there are none.

use eframe::egui::Ui;

use crate::app::{Action, Command, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::grid::Grid;
use crate::ui::screens::grid_tools;
use crate::ui::screens::loupe::Loupe;
use crate::ui::screens::pages;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::sizes;
use crate::words::tr;

/// The first screen.
#[derive(Default)]
pub(crate) struct Photos {
    grid: Grid,
    loupe: Loupe,
}

impl Screen for Photos {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        // Of a large library, the first photos come before the others.
        if !app.library.loaded && app.library.shown.is_empty() {
            return;
        }
        if app.library.catalogue.folders.is_empty() {
            return pages::welcome(ui, cx);
        }
        if app.window.large {
            return self.loupe.show(ui, cx);
        }
        self.loupe = Loupe::default();
        grid_tools::show(ui, cx);
        if app.library.shown.is_empty() {
            empty(ui, cx);
        } else {
            self.grid.show(ui, cx);
        }
    }
}

/// Draws the text for an empty list.
fn empty(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * sizes::EMPTY_ABOVE_SHARE);
        if cx.app.library.filter.is_empty() {
            ui.heading(tr!("photos-none-yet"));
            ui.label(tr!("photos-none-yet-hint"));
        } else {
            ui.heading(tr!("photos-none-match"));
            if cx.app.library.filter.has_more() && ui.button(tr!("search-more")).clicked() {
                cx.ask(ViewCommand::MoreHits);
            }
            if ui.button(tr!("action-clear-filters")).clicked() {
                cx.ask(Command::Do(Action::ClearFilters));
            }
        }
    });
}
