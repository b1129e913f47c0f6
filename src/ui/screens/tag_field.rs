//! The field that gives photos a tag, with completions below it.

use eframe::egui::{self, Key, RichText, Ui};

use crate::app::{Action, App, DecideCommand};
use crate::core::ids::PhotoId;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme;
use crate::ui::widgets::completion::{self, Choice, Completion};
use crate::ui::widgets::field_focus::FieldFocus;
use crate::words::tr;

/// The typed text, and the keyboard's place below it.
#[derive(Default)]
pub(crate) struct TagField {
    text: String,
    pub(crate) focus: FieldFocus,
    typing: bool,
    completion: Completion,
    /// The tags given here, the latest first.
    recent: Vec<String>,
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
            self.completion.keys(ui);
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
            self.completion.restart();
        }
        let choices = match self.completion.is_open(&field) {
            true => self.choices(cx.app),
            false => Vec::new(),
        };
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let chosen = self.completion.chosen(&choices);
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

    /// The labels that the text may mean, and last the new one; without a text, the recent tags.
    fn choices(&self, app: &App) -> Vec<Choice> {
        let typed = self.text.trim();
        if typed.is_empty() {
            return self.recent.iter().map(|tag| Choice::plain(tag)).collect();
        }
        let like = completion::labels_like(app.library.catalogue.labels.iter(), typed);
        let folded = typed.to_lowercase();
        let is_new = like.iter().all(|name| name.to_lowercase() != folded);
        let new = is_new.then(|| Choice {
            value: typed.to_owned(),
            text: tr!("tag-create", name = typed),
        });
        let like = like.into_iter().take(completion::MOST);
        like.map(Choice::plain).chain(new).collect()
    }

    /// Draws the choices; returns the one that was clicked.
    fn list(&mut self, ui: &mut Ui, choices: &[Choice]) -> Option<String> {
        if choices.is_empty() {
            self.completion.close();
            return None;
        }
        if self.text.trim().is_empty() {
            ui.label(RichText::new(tr!("tag-recent")).small().weak());
        }
        let taken = self.completion.list(ui, choices);
        ui.add_space(theme::SMALL);
        taken
    }

    /// Begins anew after a tag was given.
    fn remember(&mut self, tag: &str) {
        self.recent.retain(|known| known != tag);
        self.recent.insert(0, tag.to_owned());
        self.recent.truncate(completion::MOST);
        self.text.clear();
        self.completion.restart();
    }
}
