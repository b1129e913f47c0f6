//! The sheet of all keyboard shortcuts.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Menu};
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::palette::keys;
use crate::words::tr;

/// The sheet, while it is open.
#[derive(Default)]
pub(crate) struct ShortcutSheet {
    open: bool,
}

impl ShortcutSheet {
    /// Opens or closes it.
    pub(crate) fn toggle(&mut self) {
        self.open = !self.open;
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Draws the sheet if it is open.
    pub(crate) fn show(&mut self, ui: &mut Ui) {
        if !self.open {
            return;
        }
        let modal = egui::Modal::new(egui::Id::unique("shortcuts")).show(ui.ctx(), |ui| {
            let room = ui.ctx().content_rect().size() - egui::Vec2::splat(sizes::BESIDE_DIALOG);
            ui.set_width(sizes::SHORTCUT_SHEET.min(room.x));
            // Two columns, unless the text is large or the window small.
            let narrow = room.x < sizes::SHORTCUT_SHEET;
            ui.heading(tr!("shortcuts"));
            ui.add_space(theme::MEDIUM);
            egui::ScrollArea::vertical()
                .max_height(room.y)
                .min_scrolled_height(room.y - sizes::BESIDE_DIALOG)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = theme::SMALL;
                    let (left, right) = Menu::ALL.split_at(2);
                    if narrow {
                        sections(ui, &Menu::ALL);
                        return;
                    }
                    ui.columns_const(|[a, b]| {
                        sections(a, left);
                        sections(b, right);
                    });
                });
        });
        if modal.should_close() {
            self.open = false;
        }
    }
}

fn sections(ui: &mut Ui, menus: &[Menu]) {
    for menu in menus {
        section(ui, *menu);
    }
}

/// Draws the shortcuts of a menu.
fn section(ui: &mut Ui, menu: Menu) {
    let of_menu = Action::ALL.iter().filter(|action| action.group() == menu);
    let with_keys = of_menu.filter_map(|action| Some((*action, action.shortcut()?)));
    ui.label(RichText::new(menu.title()).small().weak());
    for (action, shortcut) in with_keys {
        ui.horizontal(|ui| {
            let height = ui.text_style_height(&egui::TextStyle::Body);
            let row = egui::vec2(ui.available_width() - theme::MEDIUM, height);
            ui.allocate_ui_with_layout(
                row,
                egui::Layout::right_to_left(egui::Align::Center),
                |ui| {
                    ui.label(RichText::new(keys(ui, shortcut)).weak());
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(action.title()).truncate());
                    });
                },
            );
        });
    }
    ui.add_space(theme::MEDIUM);
}
