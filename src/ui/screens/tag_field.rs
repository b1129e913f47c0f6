//! The field that gives photos a tag.

use eframe::egui::{self, Ui};

use crate::app::{Action, DecideCommand};
use crate::core::ids::PhotoId;
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::field_focus::FieldFocus;
use crate::words::tr;

/// The most completions for a word being typed.
const COMPLETIONS: usize = 6;

/// The typed text.
#[derive(Default)]
pub(crate) struct TagField {
    text: String,
    pub(crate) focus: FieldFocus,
    typing: bool,
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
        let tag = |text: String| DecideCommand::Tag {
            photos: photos.to_vec(),
            text,
        };
        let field = egui::TextEdit::singleline(&mut self.text)
            .hint_text(hint)
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        field
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("tag-add")));
        self.typing = field.has_focus() || self.focus.is_wanted();
        self.focus.give(ui, &field, &mut self.text);
        let typed = self.text.trim().to_lowercase();
        if field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) && !typed.is_empty()
        {
            cx.ask(tag(std::mem::take(&mut self.text)));
            field.request_focus();
            self.typing = true;
            return;
        }
        if typed.is_empty() {
            return;
        }
        let labels = cx.app.library.catalogue.labels.iter();
        let mut matching: Vec<&str> = labels
            .map(|l| l.name.as_str())
            .filter(|n| n.to_lowercase().contains(&typed))
            .collect();
        matching.sort_by_key(|n| (!n.to_lowercase().starts_with(&typed), n.len()));
        for name in matching.into_iter().take(COMPLETIONS) {
            if ui.selectable_label(false, name).clicked() {
                cx.ask(tag(name.to_owned()));
                self.text.clear();
                break;
            }
        }
    }
}
