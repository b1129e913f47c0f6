//! The field that gives photos a tag, with completions below it.

use eframe::egui::{self, Key, Modifiers, RichText, Ui};

use crate::app::{Action, App, DecideCommand};
use crate::core::ids::PhotoId;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::field_focus::FieldFocus;
use crate::words::tr;

/// The most completions for a word being typed, and the most recent tags.
const COMPLETIONS: usize = 6;

/// The typed text, and the keyboard's place below it.
#[derive(Default)]
pub(crate) struct TagField {
    text: String,
    pub(crate) focus: FieldFocus,
    typing: bool,
    /// The choice that Enter takes; without one, it takes the text.
    at: Option<usize>,
    /// The number of choices last drawn.
    count: usize,
    /// Whether the pointer is on a choice: a press takes the keyboard away before it is a click.
    hovered: bool,
    /// The tags given here, the latest first.
    recent: Vec<String>,
}

/// A tag to choose.
struct Choice {
    tag: String,
    text: String,
}

impl TagField {
    /// Whether a tag is being typed, or is about to be.
    pub(crate) fn is_typing(&self) -> bool {
        self.typing || self.focus.is_wanted()
    }

    /// Called before a frame in which the field may not be drawn.
    pub(crate) fn begin(&mut self) {
        self.typing = false;
    }

    /// Draws the field for these photos.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, photos: &[PhotoId]) {
        if photos.is_empty() {
            return;
        }
        let hint = match photos.len() {
            1 => tr!("tag-add").to_owned(),
            n => tr!("tag-add-to", count = n),
        };
        let hint = match cx.app.refusal(Action::AddTag) {
            None => format!("{hint} (T)"),
            Some(_) => hint,
        };
        let id = ui.next_auto_id();
        if ui.memory(|m| m.has_focus(id)) {
            self.keys(ui);
        }
        let field = egui::TextEdit::singleline(&mut self.text)
            .hint_text(hint)
            .desired_width(f32::INFINITY)
            .id(id);
        let field = ui.add(field);
        field
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("tag-add")));
        self.typing = field.has_focus() || self.focus.is_wanted();
        self.focus.give(ui, &field, &mut self.text);
        if field.changed() {
            self.at = None;
        }
        let choices = match field.has_focus() || field.lost_focus() || self.hovered {
            true => self.choices(cx.app),
            false => Vec::new(),
        };
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let chosen = self
            .at
            .and_then(|at| choices.get(at))
            .map(|c| c.tag.clone());
        let typed = self.text.trim();
        let chosen = chosen.or_else(|| (!typed.is_empty()).then(|| typed.to_owned()));
        let taken = match chosen.filter(|_| enter) {
            Some(tag) => {
                field.request_focus();
                self.typing = true;
                Some(tag)
            }
            None => self.list(ui, &choices),
        };
        if let Some(text) = taken {
            self.remember(&text);
            let photos = photos.to_vec();
            cx.ask(DecideCommand::Tag { photos, text });
        }
    }

    /// Moves in the choices.
    fn keys(&mut self, ui: &Ui) {
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

    /// The labels that the text may mean, and last the new one; without a text, the recent tags.
    fn choices(&self, app: &App) -> Vec<Choice> {
        let choice = |name: &str| Choice {
            tag: name.to_owned(),
            text: name.to_owned(),
        };
        let typed = self.text.trim();
        if typed.is_empty() {
            return self.recent.iter().map(|tag| choice(tag)).collect();
        }
        let folded = typed.to_lowercase();
        let labels = app.library.catalogue.labels.iter();
        let mut matching: Vec<(String, &str)> = labels
            .map(|l| (l.name.to_lowercase(), l.name.as_str()))
            .filter(|(name, _)| name.contains(&folded))
            .collect();
        let is_new = matching.iter().all(|(name, _)| *name != folded);
        matching.sort_by_key(|(name, _)| (!name.starts_with(&folded), name.len()));
        let matching = matching.into_iter().take(COMPLETIONS);
        let new = is_new.then(|| Choice {
            tag: typed.to_owned(),
            text: tr!("tag-create", name = typed),
        });
        matching.map(|(_, name)| choice(name)).chain(new).collect()
    }

    /// Draws the choices; returns the one that was clicked.
    fn list(&mut self, ui: &mut Ui, choices: &[Choice]) -> Option<String> {
        self.count = choices.len();
        self.hovered = false;
        if choices.is_empty() {
            return None;
        }
        if self.text.trim().is_empty() {
            ui.label(RichText::new(tr!("tag-recent")).small().weak());
        }
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
                    taken = Some(choice.tag.clone());
                }
            }
        });
        ui.add_space(theme::SMALL);
        taken
    }

    /// Begins anew after a tag was given.
    fn remember(&mut self, tag: &str) {
        self.recent.retain(|known| known != tag);
        self.recent.insert(0, tag.to_owned());
        self.recent.truncate(COMPLETIONS);
        self.text.clear();
        self.at = None;
        self.hovered = false;
    }
}
