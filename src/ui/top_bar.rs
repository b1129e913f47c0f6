//! The bar at the top: menus, screens and the search.

use eframe::egui::{self, Ui};

use crate::app::{Command, Query, ScreenId, ViewCommand};
use crate::core::count;
use crate::ui::bars;
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::field_focus::FieldFocus;

/// Below this width, in points, not everything fits.
const NARROW: f32 = 860.0;

/// The typed search.
#[derive(Default)]
pub(crate) struct TopBar {
    search: String,
    pub(crate) focus: FieldFocus,
}

impl TopBar {
    /// Draws the bar. `settled` is whether all earlier commands were carried out.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, settled: bool) {
        let narrow = ui.available_width() < NARROW;
        if narrow {
            ui.horizontal_wrapped(|ui| Self::navigation(ui, cx));
            ui.horizontal(|ui| self.search_field(ui, cx, f32::INFINITY, settled));
            return;
        }
        ui.horizontal(|ui| {
            Self::navigation(ui, cx);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.search_field(ui, cx, 320.0, settled);
            });
        });
    }

    /// The menus and the screens.
    fn navigation(ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        bars::menus(ui, cx);
        ui.separator();
        for (screen, name) in ScreenId::ALL {
            let text = match screen {
                ScreenId::Review if app.library.catalogue.suggestions() > 0 => {
                    format!(
                        "{name} {}",
                        count::number(app.library.catalogue.suggestions())
                    )
                }
                ScreenId::Activity if app.messages.unread > 0 => {
                    format!("{name} {}", count::number(app.messages.unread))
                }
                _ => name.to_owned(),
            };
            let chosen = app.window.screen == screen;
            if ui.selectable_label(chosen, text).clicked() {
                cx.ask(Command::Show(screen));
            }
        }
    }

    fn search_field(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, most: f32, settled: bool) {
        let field = egui::TextEdit::singleline(&mut self.search)
            .hint_text("Search: words, tag:dog, folder:2024")
            .desired_width(ui.available_width().clamp(80.0, most));
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search"));
        self.focus.give(ui, &field, &mut self.search);
        let enter = ui.input(|i| i.key_pressed(egui::Key::Enter));
        if field.lost_focus() && enter {
            cx.ask(ViewCommand::Search(self.search.clone()));
        } else if !field.has_focus()
            && settled
            && Query::parse(&self.search) != cx.app.library.filter.query
        {
            // The filters were changed elsewhere.
            self.search = cx.app.library.filter.query.text();
        }
    }
}
