//! A list of choices for what is typed into a field: the keys that move in it, and how it is drawn.

use eframe::egui::{self, Key, Modifiers, Response, Ui};

use crate::app::LabelInfo;
use crate::ui::theme::sizes;

/// The most choices.
pub(crate) const MOST: usize = 6;

/// The keyboard's place in the choices.
#[derive(Default)]
pub(crate) struct Completion {
    /// The choice that Enter takes; without one, it takes the text.
    at: Option<usize>,
    /// The number of choices last drawn.
    count: usize,
    /// Whether the pointer is on a choice: a press takes the keyboard away before it is a click.
    hovered: bool,
}

/// A choice.
pub(crate) struct Choice {
    /// What is taken.
    pub(crate) value: String,
    /// What is shown.
    pub(crate) text: String,
}

impl Choice {
    /// One that is shown as it is.
    pub(crate) fn plain(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            text: value.to_owned(),
        }
    }
}

impl Completion {
    /// Moves in the choices. Called before a field is drawn that has the keyboard.
    pub(crate) fn keys(&mut self, ui: &Ui) {
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let Some(last) = self.count.checked_sub(1) else {
            return;
        };
        if pressed(Key::ArrowDown) {
            self.at = Some(self.at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Key::ArrowUp) {
            self.at = self.at.and_then(|at| at.checked_sub(1));
        }
    }

    /// Chooses none: the text has changed, or was taken.
    pub(crate) fn restart(&mut self) {
        (self.at, self.hovered) = (None, false);
    }

    /// Whether to offer choices for a field.
    pub(crate) fn is_open(&self, field: &Response) -> bool {
        field.has_focus() || field.lost_focus() || self.hovered
    }

    /// Whether the pointer is on a choice.
    pub(crate) fn is_hovered(&self) -> bool {
        self.hovered
    }

    /// The choice at the keyboard's place.
    pub(crate) fn chosen(&self, choices: &[Choice]) -> Option<String> {
        let chosen = self.at.and_then(|at| choices.get(at));
        chosen.map(|choice| choice.value.clone())
    }

    /// Closes the list, which is not drawn.
    pub(crate) fn close(&mut self) {
        (self.count, self.hovered) = (0, false);
    }

    /// Draws the choices; returns the one that was clicked.
    pub(crate) fn list(&mut self, ui: &mut Ui, choices: &[Choice]) -> Option<String> {
        self.count = choices.len();
        self.hovered = false;
        let mut taken = None;
        let row = egui::vec2(ui.available_width(), sizes::CHOICE_ROW);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (i, choice) in choices.iter().enumerate() {
                let button = egui::Button::selectable(self.at == Some(i), &choice.text);
                // With a text on the right, the name is on the left.
                let button = ui.add(button.shortcut_text("").truncate().min_size(row));
                button.widget_info(|| {
                    let kind = egui::Role::Button;
                    egui::WidgetInfo::selected(kind, true, self.at == Some(i), &choice.text)
                });
                self.hovered |= button.contains_pointer();
                if button.clicked() {
                    taken = Some(choice.value.clone());
                }
            }
        });
        taken
    }
}

/// The labels whose names contain a text in any case, the best match first.
pub(crate) fn labels_like<'a>(
    labels: impl Iterator<Item = &'a LabelInfo>,
    text: &str,
) -> Vec<&'a str> {
    let folded = text.to_lowercase();
    let mut matching: Vec<(bool, &str)> = labels
        .filter_map(|label| {
            let name = label.name.to_lowercase();
            // A nested label is typed by its own name.
            let begins = |name: &str| name.starts_with(&folded);
            let begins = begins(&name) || begins(&label.short.to_lowercase());
            name.contains(&folded)
                .then_some((!begins, label.name.as_str()))
        })
        .collect();
    matching.sort_by_key(|(inside, name)| (*inside, name.len()));
    matching.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_the_text_comes_first_and_short_names_before_long_ones() {
        let mut labels = ["wildcat", "Cathedral", "animal/cat", "dog"].map(LabelInfo::new);
        labels[2].short = "cat".into();
        assert_eq!(
            labels_like(labels.iter(), "CAT"),
            ["Cathedral", "animal/cat", "wildcat"]
        );
        assert!(labels_like(labels.iter(), "horse").is_empty());
    }
}
