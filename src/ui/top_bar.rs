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
}

impl TopBar {
    /// Draws the bar. `settled` is whether all earlier commands were carried out.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, settled: bool) {
        let narrow = ui.available_width() < sizes::ONE_LINE_FROM;
        if narrow {
            ui.horizontal_wrapped(|ui| Self::navigation(ui, cx));
            ui.horizontal(|ui| self.search.show(ui, cx, f32::INFINITY, settled));
            return;
        }
        ui.horizontal(|ui| {
            Self::navigation(ui, cx);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.search.show(ui, cx, sizes::SEARCH, settled);
            });
        });
    }

    /// The menus and the screens.
    fn navigation(ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        bars::menus(ui, cx);
        ui.separator();
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
            if ui.selectable_label(chosen, text).clicked() {
                cx.ask(Command::Show(screen));
            }
        }
    }
}
