//! The search box, and the list of choices below it.

use eframe::egui::{self, Area, Id, Key, Modifiers, Order, RichText, Ui};

use crate::app::{Query, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::search_choices::{Choice, Choices};
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::field_focus::{self, FieldFocus};
use crate::ui::widgets::hint;
use crate::words::tr;

/// The typed search, and the keyboard's place in the list.
#[derive(Default)]
pub(crate) struct SearchBox {
    text: String,
    pub(crate) focus: FieldFocus,
    choices: Choices,
    /// The choice that Enter takes; without one, it searches for the text.
    at: Option<usize>,
    /// Whether the list is shown.
    open: bool,
}

impl SearchBox {
    /// Draws it. `settled` is whether all earlier commands were carried out.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, most: f32, settled: bool) {
        let moved = if self.open { self.keys(ui) } else { None };
        let width = ui.available_width().clamp(sizes::SEARCH_LEAST, most);
        let text = hint::fitting(ui, width, &[tr!("search-hint"), tr!("search")]);
        let field = egui::TextEdit::singleline(&mut self.text)
            .hint_text(text)
            // Tab completes.
            .lock_focus(self.open)
            .desired_width(width);
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("search")));
        self.focus.give(ui, &field, &mut self.text);
        if field.changed() {
            (self.open, self.at) = (true, None);
        }
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let chosen = self.at.filter(|_| enter).or(moved);
        let chosen = chosen.and_then(|at| self.choices.list().get(at)).cloned();
        if let Some(choice) = chosen {
            self.take(ui, cx, &choice, Some(&field));
        } else if enter {
            self.open = false;
            cx.ask(ViewCommand::Search(self.text.clone()));
        } else if !field.has_focus()
            && !self.open
            && settled
            && Query::parse(&self.text) != cx.app.library.filter.query
        {
            // The filters were changed elsewhere.
            self.text = cx.app.library.filter.query.text();
        }
        if self.open {
            self.list(ui, cx, &field);
        }
    }

    /// Moves in the list. Returns the choice that Tab takes.
    fn keys(&mut self, ui: &Ui) -> Option<usize> {
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let last = self.choices.list().len().checked_sub(1)?;
        if pressed(Key::ArrowDown) {
            self.at = Some(self.at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Key::ArrowUp) {
            self.at = self.at.and_then(|at| at.checked_sub(1));
        }
        let first = self.choices.list().first();
        let completes = first.is_some_and(|choice| choice.completed.is_some());
        (completes && pressed(Key::Tab)).then(|| self.at.unwrap_or(0))
    }

    /// Carries out a choice. After a completion, typing goes on.
    fn take(
        &mut self,
        ui: &Ui,
        cx: &mut DrawContext<'_>,
        choice: &Choice,
        field: Option<&egui::Response>,
    ) {
        (self.open, self.at) = (false, None);
        cx.ask(choice.command.clone());
        match &choice.completed {
            Some(text) => self.text.clone_from(text),
            None => self.text = cx.app.library.filter.query.text(),
        }
        if let Some(field) = field.filter(|_| choice.completed.is_some()) {
            field.request_focus();
            field_focus::put_cursor_at_end(ui, field, &self.text);
        }
    }

    fn list(&mut self, ui: &Ui, cx: &mut DrawContext<'_>, field: &egui::Response) {
        if self.choices.update(cx.app, &self.text) {
            ui.ctx().request_repaint();
        }
        let list = self.choices.list();
        let mut taken = None;
        let mut hovered = false;
        if !list.is_empty() {
            let width = sizes::SEARCH_LIST.max(field.rect.width());
            let room = ui.ctx().content_rect().max.x - width - theme::LARGE;
            let at = egui::pos2(field.rect.min.x.min(room), field.rect.max.y + theme::SMALL);
            let area = Area::new(Id::unique("search-list"))
                .order(Order::Foreground)
                .fixed_pos(at);
            let area = area.show(ui.ctx(), |ui| {
                egui::Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    taken = draw(ui, list, self.at);
                });
            });
            hovered = area.response.contains_pointer() || taken.is_some();
        }
        if let Some(choice) = taken.and_then(|at| list.get(at)).cloned() {
            self.take(ui, cx, &choice, Some(field));
        } else if !field.has_focus() && !hovered {
            self.open = false;
        }
    }
}

/// Draws the choices by sections; returns the one that was clicked.
fn draw(ui: &mut Ui, list: &[Choice], chosen: Option<usize>) -> Option<usize> {
    let mut taken = None;
    let mut section = None;
    for (i, choice) in list.iter().enumerate() {
        if section != Some(choice.section) {
            section = Some(choice.section);
            ui.add_space(theme::SMALL);
            ui.label(RichText::new(choice.section.title()).small().weak());
        }
        let button = egui::Button::selectable(chosen == Some(i), &choice.text)
            .shortcut_text(RichText::new(&choice.note).weak())
            .truncate()
            .min_size(egui::vec2(ui.available_width(), sizes::CHOICE_ROW));
        let button = ui.add(button);
        let spoken = format!("{}: {}", choice.section.title(), choice.text);
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
        if button.clicked() {
            taken = Some(i);
        }
    }
    taken
}
