//! Text fields that get the keyboard through a shortcut.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Event, Response, Ui, widgets::text_edit::TextEditState};

/// The frames that a field has to appear. If it does not, it loses the keyboard.
const FRAMES: u8 = 4;

/// Whether a field is to get the keyboard. It does when it is drawn; text typed until then goes to
/// it and triggers no shortcut.
#[derive(Default)]
pub(crate) struct FieldFocus {
    frames_left: u8,
    /// Text typed before the field was drawn.
    typed: String,
}

impl FieldFocus {
    /// Requests the keyboard for the field.
    pub(crate) fn want(&mut self) {
        self.frames_left = FRAMES;
    }

    /// Whether the field still waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.frames_left > 0
    }

    /// Called at the end of a frame.
    pub(crate) fn end_frame(&mut self, ui: &Ui) {
        if self.is_wanted() {
            self.typed.push_str(&typed(ui));
            self.frames_left -= 1;
        }
        if !self.is_wanted() {
            self.typed.clear();
        }
    }

    /// Gives `field` the keyboard if requested. Its text is selected, so that typing replaces it.
    pub(crate) fn give(&mut self, ui: &Ui, field: &Response, text: &mut String) {
        if std::mem::take(&mut self.frames_left) == 0 || field.has_focus() {
            return;
        }
        let mut typed = std::mem::take(&mut self.typed);
        typed.push_str(&self::typed(ui));
        let replaces = !typed.is_empty();
        if replaces {
            *text = typed;
        }
        field.request_focus();
        let end = CCursor::new(text.chars().count());
        let range = match replaces {
            true => CCursorRange::one(end),
            false => CCursorRange::two(CCursor::new(0), end),
        };
        put_cursor(ui, field, range);
    }
}

/// The text typed in this frame.
fn typed(ui: &Ui) -> String {
    ui.input(|i| {
        let events = i.events.iter();
        let typed = events.filter_map(|e| match e {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        typed.collect()
    })
}

/// Gives a field the keyboard at once. Its text is selected, so that typing replaces it.
pub(crate) fn give(ui: &Ui, field: &Response, text: &mut String) {
    let mut focus = FieldFocus::default();
    focus.want();
    focus.give(ui, field, text);
}

/// Moves a field's cursor to the end, after its text was set by something other than typing.
pub(crate) fn put_cursor_at_end(ui: &Ui, field: &Response, text: &str) {
    let end = CCursor::new(text.chars().count());
    put_cursor(ui, field, CCursorRange::one(end));
}

fn put_cursor(ui: &Ui, field: &Response, range: CCursorRange) {
    let mut state = TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), field.id);
}
