//! The vocabulary as an editable text.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::LabelCommand;
use crate::tagging::Vocabulary;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme;
use crate::words::tr;

/// The text being typed.
#[derive(Default)]
pub(crate) struct LabelText {
    text: String,
    /// The library's text when typing began.
    text_for: Option<String>,
    problems: Vec<String>,
}

impl LabelText {
    /// Draws it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let current = &cx.app.library.catalogue.vocabulary_text;
        if self.text_for.as_ref() != Some(current) {
            self.text_for = Some(current.clone());
            self.text.clone_from(current);
            self.problems.clear();
        }
        ui.horizontal_wrapped(|ui| {
            let changed = self.text != *current;
            let apply = ui.add_enabled(
                changed && self.problems.is_empty(),
                egui::Button::new(tr!("apply")),
            );
            if apply.clicked() {
                cx.ask(LabelCommand::SetText(self.text.clone()));
            }
            if changed && ui.button(tr!("discard")).clicked() {
                self.text.clone_from(current);
                self.problems.clear();
            }
            ui.label(RichText::new(tr!("labels-text-hint")).weak());
        });
        for problem in self.problems.iter().take(5) {
            let p = theme::palette(ui);
            ui.label(RichText::new(problem).color(p.problem));
        }
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("vocabulary-text")
            .show(ui, |ui| {
                let field = egui::TextEdit::multiline(&mut self.text)
                    .code_editor()
                    .desired_width(f32::INFINITY)
                    .desired_rows(30);
                if ui.add(field).changed() {
                    self.problems = match Vocabulary::parse(&self.text) {
                        Ok(_) => Vec::new(),
                        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
                    };
                }
            });
    }
}
