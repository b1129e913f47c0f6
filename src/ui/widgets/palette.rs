//! The palette of all commands.

use eframe::egui::{self, Key, RichText, Ui};

use crate::app::{Action, App, Shortcut};
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// The palette, while it is open.
#[derive(Default)]
pub(crate) struct CommandPalette {
    open: bool,
    typed: String,
    at: usize,
}

impl CommandPalette {
    /// Opens or closes it.
    pub(crate) fn toggle(&mut self) {
        self.open = !self.open;
        self.typed.clear();
        self.at = 0;
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Draws the palette if it is open; returns the chosen command.
    pub(crate) fn show(&mut self, ui: &mut Ui, app: &App) -> Option<Action> {
        if !self.open {
            return None;
        }
        let mut chosen = None;
        let modal = egui::Modal::new(egui::Id::unique("palette")).show(ui.ctx(), |ui| {
            let room = ui.ctx().content_rect().width() - sizes::BESIDE_DIALOG;
            ui.set_width(sizes::PALETTE.min(room));
            let field = egui::TextEdit::singleline(&mut self.typed)
                .hint_text(tr!("palette-hint"))
                .desired_width(f32::INFINITY);
            let field = ui.add(field);
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("palette"))
            });
            field.request_focus();
            if field.changed() {
                self.at = 0;
            }
            // Unavailable commands come last, with the reason.
            let mut found: Vec<(Action, Option<&str>)> = matching(&self.typed)
                .into_iter()
                .map(|action| (action, app.refusal(action)))
                .collect();
            found.sort_by_key(|(_, refusal)| refusal.is_some());
            let last = found.len().saturating_sub(1);
            ui.input(|i| {
                if i.key_pressed(Key::ArrowDown) {
                    self.at = (self.at + 1).min(last);
                }
                if i.key_pressed(Key::ArrowUp) {
                    self.at = self.at.saturating_sub(1);
                }
                if i.key_pressed(Key::Enter) {
                    let at = found.get(self.at);
                    chosen = at.filter(|(_, refusal)| refusal.is_none()).map(|at| at.0);
                }
            });
            // The current command may be the last visible one.
            ui.spacing_mut().scroll.fade.strength = 0.0;
            egui::ScrollArea::vertical()
                .max_height(sizes::PALETTE_LIST)
                .show(ui, |ui| {
                    for (i, (action, refusal)) in found.iter().enumerate() {
                        let keys = action.shortcut().map(|s| keys(ui, s)).unwrap_or_default();
                        let end = refusal.map_or(keys, str::to_owned);
                        let button = egui::Button::selectable(i == self.at, action.title())
                            .shortcut_text(RichText::new(end).weak())
                            .min_size(egui::vec2(ui.available_width(), sizes::CHOICE_ROW));
                        let response = ui.add_enabled(refusal.is_none(), button);
                        if let Some(refusal) = refusal {
                            let spoken = format!("{}: {refusal}", action.title());
                            response.widget_info(|| {
                                let kind = egui::Role::Button;
                                egui::WidgetInfo::labeled(kind, false, spoken.clone())
                            });
                        }
                        if i == self.at {
                            response.scroll_to_me(None);
                        }
                        if response.clicked() {
                            chosen = Some(*action);
                        }
                    }
                    if found.is_empty() {
                        ui.add_space(theme::MEDIUM);
                        ui.label(RichText::new(tr!("palette-none")).weak());
                    }
                });
        });
        if modal.should_close() || chosen.is_some() {
            self.open = false;
        }
        chosen
    }
}

/// The commands with names that contain all typed words.
fn matching(typed: &str) -> Vec<Action> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let fits = |action: &&Action| {
        let title = format!("{} {}", action.title(), action.group().title()).to_lowercase();
        words.iter().all(|w| title.contains(w.as_str()))
    };
    let all = Action::ALL.iter().filter(|a| **a != Action::Palette);
    all.filter(fits).copied().collect()
}

/// The keys for egui.
pub(crate) fn keyboard(shortcut: Shortcut) -> Option<egui::KeyboardShortcut> {
    let mut modifiers = egui::Modifiers::NONE;
    modifiers.command = shortcut.command;
    modifiers.shift = shortcut.shift;
    let key = Key::from_name(shortcut.key)?;
    Some(egui::KeyboardShortcut::new(modifiers, key))
}

/// The keys for display.
pub(crate) fn keys(ui: &Ui, shortcut: Shortcut) -> String {
    keyboard(shortcut).map_or_else(String::new, |k| {
        with_sign(&ui.ctx().format_shortcut(&k), k.logical_key)
    })
}

/// The keys of a sign with the sign itself, which is what the keyboard has on it.
fn with_sign(keys: &str, key: Key) -> String {
    let sign = match key {
        Key::Comma => ",",
        Key::Minus => "−",
        Key::Plus => "+",
        Key::Questionmark => "?",
        _ => return keys.to_owned(),
    };
    match keys.strip_suffix(key.name()) {
        Some(modifiers) => format!("{modifiers}{sign}"),
        None => keys.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_shortcut_is_a_key_and_no_two_are_the_same() {
        let mut seen = HashSet::new();
        for action in Action::ALL {
            if let Some(shortcut) = action.shortcut() {
                let known = keyboard(shortcut);
                assert!(known.is_some(), "{action:?}: {shortcut:?}");
                let key = (shortcut.command, shortcut.shift, shortcut.key);
                assert!(seen.insert(key), "{action:?} shares {shortcut:?}");
            }
        }
    }

    #[test]
    fn signs_are_shown_as_they_are_on_the_keyboard() {
        assert_eq!(with_sign("Ctrl+Comma", Key::Comma), "Ctrl+,");
        assert_eq!(with_sign("Questionmark", Key::Questionmark), "?");
        assert_eq!(with_sign("⌘,", Key::Comma), "⌘,");
        assert_eq!(with_sign("Ctrl+E", Key::E), "Ctrl+E");
    }

    #[test]
    fn words_in_any_order_find_a_command() {
        assert!(matching("sidecars export").contains(&Action::PreviewExport));
        assert!(matching("no such thing").is_empty());
        assert_eq!(matching("").len(), Action::ALL.len() - 1);
    }
}
