//! The bar at the top: menus, screens and the search.

use eframe::egui::{self, Ui};

use crate::app::{Command, ScreenId};
use crate::ui::bars;
use crate::ui::draw_context::DrawContext;
use crate::ui::search_box::SearchBox;
use crate::ui::theme::sizes;
use crate::words;

/// The bar, with its search box.
#[derive(Default)]
pub(crate) struct TopBar {
    pub(crate) search: SearchBox,
    /// The width of menus and screens side by side, as last drawn. It depends on the language.
    navigation: f32,
}

impl TopBar {
    /// Draws the bar. `settled` is whether all earlier commands were carried out.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, settled: bool) {
        let room = ui.available_width() - sizes::SEARCH_BESIDE_LEAST;
        let narrow = room < self.navigation;
        if narrow {
            let drawn = ui.horizontal_wrapped(|ui| navigation(ui, cx));
            self.navigation = drawn.inner;
            ui.horizontal(|ui| self.search.show(ui, cx, f32::INFINITY, settled));
        } else {
            ui.horizontal(|ui| {
                self.navigation = navigation(ui, cx);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    self.search.show(ui, cx, sizes::SEARCH, settled);
                });
            });
        }
        if narrow != (room < self.navigation) {
            // Drawn again at once, with the other number of lines.
            ui.ctx().request_discard("lines");
        }
    }
}

/// Draws the menus and the screens; returns the width that they have side by side.
fn navigation(ui: &mut Ui, cx: &mut DrawContext<'_>) -> f32 {
    let app = cx.app;
    let mut parts = bars::menus(ui, cx);
    parts.push(ui.separator());
    for screen in ScreenId::ALL {
        let name = screen.name();
        let text = match screen {
            ScreenId::Review if app.library.catalogue.suggestions() > 0 => {
                format!(
                    "{name} {}",
                    words::number(app.library.catalogue.suggestions())
                )
            }
            ScreenId::Activity if app.messages.unread > 0 => {
                format!("{name} {}", words::number(app.messages.unread))
            }
            _ => name.to_owned(),
        };
        let chosen = app.window.screen == screen;
        let tab = ui.selectable_label(chosen, text);
        if tab.clicked() {
            cx.ask(Command::Show(screen));
        }
        parts.push(tab);
    }
    let space = ui.spacing().item_spacing.x;
    parts.iter().map(|part| part.rect.width() + space).sum()
}
