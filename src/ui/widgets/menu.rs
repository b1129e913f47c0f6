//! Entries of menus. Menus at the top and context menus show the same actions in the same way.

use eframe::egui::{self, Ui};

use crate::app::{Action, Command};
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::palette::keys;

/// Draws an action with its shortcut. One that is not available is dimmed and says why.
pub(crate) fn action(ui: &mut Ui, cx: &mut DrawContext<'_>, action: Action, text: &str) {
    let refusal = cx.app.refusal(action);
    let shortcut = action.shortcut().map(|s| keys(ui, s)).unwrap_or_default();
    let button = egui::Button::new(text).shortcut_text(shortcut);
    let button = ui.add_enabled(refusal.is_none(), button);
    let button = button.on_disabled_hover_text(refusal.unwrap_or_default());
    if button.clicked() {
        cx.ask(Command::Do(action));
        ui.close();
    }
}

/// Draws actions under their names.
pub(crate) fn actions(ui: &mut Ui, cx: &mut DrawContext<'_>, actions: &[Action]) {
    for one in actions {
        action(ui, cx, *one, one.title());
    }
}

/// Draws an entry for a command.
pub(crate) fn entry(
    ui: &mut Ui,
    cx: &mut DrawContext<'_>,
    text: &str,
    command: impl Into<Command>,
) -> egui::Response {
    let button = ui.button(text);
    if button.clicked() {
        cx.ask(command);
        ui.close();
    }
    button
}
