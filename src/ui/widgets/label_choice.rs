//! A field for the name of another label, which completes what is typed.

use eframe::egui::{self, Key, Popup, PopupCloseBehavior, Response, Ui};

use crate::app::App;
use crate::ui::theme::sizes;
use crate::ui::widgets::completion::{self, Choice, Completion};
use crate::ui::widgets::hint;

/// The typed text and its completions.
#[derive(Default)]
pub(crate) struct LabelChoice {
    /// The typed text.
    pub(crate) text: String,
    completion: Completion,
}

/// What a frame made of the field.
pub(crate) struct Drawn {
    /// The field.
    pub(crate) field: Response,
    /// The label that was chosen: the whole name was typed, it is the only one like the text, or it
    /// was taken from the list.
    pub(crate) chosen: Option<String>,
}

impl LabelChoice {
    /// Draws the field. The label `of` itself is not offered.
    pub(crate) fn show(&mut self, ui: &mut Ui, app: &App, (of, what): (&str, &str)) -> Drawn {
        let id = ui.next_auto_id();
        if ui.memory(|m| m.has_focus(id)) {
            self.completion.keys(ui);
        }
        let width = hint::field_width(ui, what).max(sizes::LABEL_FIELD);
        let field = egui::TextEdit::singleline(&mut self.text)
            .hint_text(what)
            .desired_width(width)
            .id(id);
        let field = ui.add(field);
        if field.changed() {
            self.completion.restart();
        }
        let choices = match self.completion.is_open(&field) {
            true => self.choices(app, of),
            false => Vec::new(),
        };
        let pressed = |key| field.lost_focus() && ui.input(|i| i.key_pressed(key));
        let enter = pressed(Key::Enter);
        // A press on a choice leaves the field before it is a click: the choice counts, not the text.
        let left = field.lost_focus() && !pressed(Key::Escape);
        let left = left && (enter || !self.completion.is_hovered());
        let chosen = match enter {
            true => self.marked(&choices),
            false => None,
        };
        let chosen = chosen.or_else(|| self.typed(app, of).filter(|_| left));
        let chosen = chosen.or_else(|| self.list(&field, &choices));
        if chosen.is_some() {
            self.text.clear();
            self.completion.restart();
        }
        Drawn { field, chosen }
    }

    fn choices(&self, app: &App, of: &str) -> Vec<Choice> {
        let typed = self.text.trim();
        if typed.is_empty() {
            return Vec::new();
        }
        let labels = app.library.catalogue.labels.iter();
        let labels = labels.filter(|l| l.in_vocabulary && l.name != of);
        let like = completion::labels_like(labels, typed).into_iter();
        like.take(completion::MOST).map(Choice::plain).collect()
    }

    /// The label of exactly that name, which counts when the field is left.
    fn typed(&self, app: &App, of: &str) -> Option<String> {
        let catalogue = &app.library.catalogue;
        let label = catalogue.label(self.text.trim())?;
        let label = catalogue.labels.get(label).filter(|l| l.name != of)?;
        Some(label.name.clone())
    }

    /// The label that Enter takes: the one at the keyboard's place, or the only one.
    fn marked(&self, choices: &[Choice]) -> Option<String> {
        self.completion.chosen(choices).or_else(|| match choices {
            [only] => Some(only.value.clone()),
            _ => None,
        })
    }

    /// Draws the completions below the field; returns the one that was clicked.
    fn list(&mut self, field: &Response, choices: &[Choice]) -> Option<String> {
        if choices.is_empty() {
            self.completion.close();
            return None;
        }
        let popup = Popup::from_response(field)
            .open(true)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .width(field.rect.width().max(sizes::NAME_FIELD));
        let shown = popup.show(|ui| self.completion.list(ui, choices));
        shown.and_then(|shown| shown.inner)
    }
}
