//! Keyboard shortcuts. Dialogs, menus and fields on top of a screen get keys first.

use eframe::egui::{Event, Key, Modifiers, Popup, Ui};

use crate::app::{Action, App, Command, ScreenId, Shortcut};
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::palette::keyboard;
use crate::ui::widgets::shortcut_sheet::ShortcutSheet;

/// State from one frame to the next.
#[derive(Default)]
pub(crate) struct Shortcuts {
    /// Whether a field had the keyboard: at Escape, egui takes it away before anything is drawn.
    was_typing: bool,
    pub(crate) sheet: ShortcutSheet,
}

impl Shortcuts {
    /// Turns pressed keys into commands. `for_field` is whether a field is about to get the
    /// keyboard. Returns the action after which the remaining keys are for a field.
    pub(crate) fn read(
        &self,
        ui: &Ui,
        cx: &mut DrawContext<'_>,
        for_field: bool,
    ) -> Option<Action> {
        let app = cx.app;
        let typing = for_field || self.was_typing || ui.ctx().text_edit_focused();
        let covered = is_covered(ui);
        // Those with Shift first, because without it egui ignores Shift.
        let mut actions: Vec<(Action, Shortcut)> = Action::ALL
            .iter()
            .filter_map(|a| Some((*a, a.shortcut()?)))
            .collect();
        actions.sort_by_key(|(_, shortcut)| !shortcut.shift);
        // In the order of the presses: what follows a T is text.
        for (key, modifiers, repeat) in pressed(ui) {
            let asked = actions.iter().find_map(|(action, shortcut)| {
                let keys = keyboard(*shortcut)?;
                let fits = keys.logical_key == key && modifiers.matches_logically(keys.modifiers);
                fits.then_some((*action, *shortcut, keys))
            });
            let Some((action, shortcut, keys)) = asked else {
                continue;
            };
            if covered && action != Action::Palette {
                continue;
            }
            let editing_keys = matches!(action, Action::SelectAll | Action::Undo | Action::Redo);
            if typing && (!shortcut.command || editing_keys) {
                continue;
            }
            if is_for_focused(ui, action) || action == Action::SelectNone && refused(app, action) {
                continue;
            }
            if !ui.input_mut(|i| i.consume_shortcut(&keys)) || repeat && !may_repeat(action) {
                continue;
            }
            cx.ask(Command::Do(action));
            let takes_keys = matches!(
                action,
                Action::AddTag | Action::Search | Action::Palette | Action::TypeFolder
            );
            if takes_keys && !refused(app, action) {
                drop_letter(ui, shortcut);
                return Some(action);
            }
        }
        let pictures = matches!(app.window.screen, ScreenId::Photos | ScreenId::Review);
        let undo = ui.input(|i| i.key_pressed(Key::U) && !i.modifiers.any());
        if undo && pictures && !typing && !covered && is_pressed_anew(ui, Key::U) {
            cx.ask(Command::Do(Action::Undo));
        }
        None
    }

    /// Records who has the keyboard at the end of a frame.
    pub(crate) fn end_frame(&mut self, ui: &Ui) {
        self.was_typing = ui.ctx().text_edit_focused();
    }
}

/// Whether keys are for the screen, rather than for a field, a menu or a dialog on top of it.
pub(crate) fn reach_screen(ui: &Ui) -> bool {
    !ui.ctx().text_edit_focused() && !is_covered(ui)
}

/// Whether a key was just pressed, rather than held down.
pub(crate) fn is_pressed_anew(ui: &Ui, wanted: Key) -> bool {
    ui.input(|i| {
        i.events.iter().any(
            |e| matches!(e, Event::Key { key, pressed: true, repeat: false, .. } if *key == wanted),
        )
    })
}

/// The pressed keys, with modifiers and whether they are held down.
fn pressed(ui: &Ui) -> Vec<(Key, Modifiers, bool)> {
    ui.input(|i| {
        let events = i.events.iter();
        let keys = events.filter_map(|e| match e {
            Event::Key {
                key,
                pressed: true,
                repeat,
                modifiers,
                ..
            } => Some((*key, *modifiers, *repeat)),
            _ => None,
        });
        keys.collect()
    })
}

/// Whether a menu or a dialog is on top.
fn is_covered(ui: &Ui) -> bool {
    Popup::is_any_open(ui.ctx()) || ui.memory(|m| m.top_modal_layer()).is_some()
}

fn refused(app: &App, action: Action) -> bool {
    app.refusal(action).is_some()
}

/// Whether the key presses the focused widget.
fn is_for_focused(ui: &Ui, action: Action) -> bool {
    action == Action::Preview && ui.memory(|m| m.focused()).is_some()
}

/// Whether holding the key repeats the action. Decisions are made one by one, and a key that opens
/// or closes does one step.
fn may_repeat(action: Action) -> bool {
    !matches!(
        action,
        Action::Accept
            | Action::Reject
            | Action::Undo
            | Action::Redo
            | Action::Preview
            | Action::FullScreen
            | Action::SelectNone
    )
}

/// Removes the letter of a shortcut, and all before it, from the typed text.
fn drop_letter(ui: &Ui, shortcut: Shortcut) {
    if shortcut.command {
        return;
    }
    ui.input_mut(|i| {
        let is_letter =
            |e: &Event| matches!(e, Event::Text(t) if t.eq_ignore_ascii_case(shortcut.key));
        let letter = i.events.iter().position(is_letter);
        let mut at = 0;
        i.events.retain(|e| {
            let before = letter.is_some_and(|letter| at <= letter);
            at += 1;
            !(before && matches!(e, Event::Text(_)))
        });
    });
}
