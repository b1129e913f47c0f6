//! The form of a label: its name, texts, parent and learning.

use eframe::egui::{self, RichText, Ui};

use crate::app::{LabelCommand, LabelField, LabelInfo, Learn};
use crate::services::learning::LearningState;
use crate::tagging::Edit;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::field_focus;
use crate::ui::widgets::label_choice::LabelChoice;
use crate::words::tr;

/// The typed texts, one a line.
#[derive(Default)]
pub(crate) struct LabelForm {
    /// The label in the form, and a hash of its texts at that time.
    filled_for: Option<(String, u64)>,
    name: String,
    synonyms: String,
    prompts: String,
    negatives: String,
    merge: LabelChoice,
    parent: LabelChoice,
    /// The field that is to get the keyboard.
    wanted: Option<LabelField>,
}

impl LabelForm {
    /// Gives a field the keyboard once the form is drawn.
    pub(crate) fn want(&mut self, field: LabelField) {
        self.wanted = Some(field);
    }

    /// Draws the form. Leaving a field saves it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) {
        self.fill(label);
        let name_left = self.name(ui, cx, label);
        if !label.texts.model_names.is_empty() {
            let names = label.texts.model_names.join(", ");
            let text = tr!("label-model-names", names = names);
            ui.label(RichText::new(text).small().weak());
        }
        let left = self.texts(ui) || name_left;
        if left && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
            // Restores the old text.
            self.filled_for = None;
            return;
        }
        let edits = self.edits(label);
        if left && !edits.is_empty() {
            cx.ask(LabelCommand::Edit(edits));
        }
        self.place(ui, cx, label);
        ui.separator();
    }

    /// Fills in the label's values, unless the form has them.
    fn fill(&mut self, label: &LabelInfo) {
        let key = (label.name.clone(), fingerprint(label));
        if self.filled_for.as_ref() == Some(&key) {
            return;
        }
        *self = Self {
            filled_for: Some(key),
            name: label.short.clone(),
            synonyms: label.texts.synonyms.join("\n"),
            prompts: label.texts.prompts.join("\n"),
            negatives: label.texts.negatives.join("\n"),
            merge: LabelChoice::default(),
            parent: LabelChoice::default(),
            wanted: self.wanted,
        };
    }

    /// Draws the name and the commands for the whole label; returns whether the field was left.
    fn name(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) -> bool {
        let mut left = false;
        ui.horizontal_wrapped(|ui| {
            let field = egui::TextEdit::singleline(&mut self.name).desired_width(sizes::NAME_FIELD);
            let field = ui.add(field).on_hover_text(tr!("label-rename-hint"));
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("label-name"))
            });
            if self.wanted.take_if(|f| *f == LabelField::Name).is_some() {
                field_focus::give(ui, &field, &mut self.name);
            }
            left |= field.lost_focus();
            let mut export = label.export;
            if theme::checkbox(ui, &mut export, tr!("label-export")).changed() {
                let label = label.name.clone();
                cx.ask(LabelCommand::Edit(vec![Edit::SetExport { label, export }]));
            }
            if ui.button(tr!("label-delete")).clicked() {
                cx.ask(LabelCommand::Edit(vec![Edit::Delete {
                    label: label.name.clone(),
                }]));
            }
        });
        left
    }

    /// Draws the label's texts; returns whether a field was left.
    fn texts(&mut self, ui: &mut Ui) -> bool {
        let mut left = false;
        ui.columns(3, |columns| {
            let fields = [
                (tr!("label-synonyms"), &mut self.synonyms),
                (tr!("label-prompts"), &mut self.prompts),
                (tr!("label-negatives"), &mut self.negatives),
            ];
            for (ui, (title, text)) in columns.iter_mut().zip(fields) {
                ui.label(RichText::new(title).small().weak());
                let field = egui::TextEdit::multiline(text)
                    .desired_rows(3)
                    .desired_width(f32::INFINITY);
                let field = ui.add(field);
                field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, title));
                left |= field.lost_focus();
            }
        });
        left
    }

    /// Draws the label's parent.
    fn place(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) {
        ui.horizontal_wrapped(|ui| {
            let drawn = self
                .parent
                .show(ui, cx.app, (&label.name, tr!("label-move")));
            drawn.field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("label-move"))
            });
            if drawn.chosen.is_some() {
                cx.ask(LabelCommand::Edit(vec![Edit::SetParent {
                    label: label.name.clone(),
                    parent: drawn.chosen,
                }]));
            }
            if label.tree.parent.is_some() && ui.button(tr!("label-to-top")).clicked() {
                cx.ask(LabelCommand::Edit(vec![Edit::SetParent {
                    label: label.name.clone(),
                    parent: None,
                }]));
            }
            let drawn = self
                .merge
                .show(ui, cx.app, (&label.name, tr!("menu-merge")));
            drawn.field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("label-merge"))
            });
            if self.wanted.take_if(|f| *f == LabelField::Merge).is_some() {
                field_focus::give(ui, &drawn.field, &mut self.merge.text);
            }
            if let Some(into) = drawn.chosen {
                let from = label.name.clone();
                cx.ask(LabelCommand::Edit(vec![Edit::Merge { from, into }]));
            }
        });
    }

    /// The edits for what was changed in the form.
    fn edits(&self, label: &LabelInfo) -> Vec<Edit> {
        let id = || label.name.clone();
        let texts = &label.texts;
        let mut edits = Vec::new();
        let synonyms = lines(&self.synonyms);
        if synonyms != texts.synonyms {
            edits.push(Edit::SetSynonyms {
                label: id(),
                synonyms,
            });
        }
        let prompts = lines(&self.prompts);
        if prompts != texts.prompts {
            edits.push(Edit::SetPrompts {
                label: id(),
                prompts,
            });
        }
        let negatives = lines(&self.negatives);
        if negatives != texts.negatives {
            edits.push(Edit::SetNegatives {
                label: id(),
                negatives,
            });
        }
        // Last, because the others refer to the old name.
        let name = self.name.trim().to_owned();
        if !name.is_empty() && name != label.short {
            edits.push(Edit::Rename { label: id(), name });
        }
        edits
    }
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.map(str::to_owned).collect()
}

fn fingerprint(label: &LabelInfo) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    label.texts.hash(&mut hasher);
    hasher.finish()
}

/// Draws how the label learns, and the buttons to stop or reset it.
pub(crate) fn learning(ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) {
    let Some(learning) = &label.learning else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let mut active = learning.active;
        if theme::checkbox(ui, &mut active, tr!("label-learns")).changed() {
            cx.ask(LabelCommand::Learn(
                label.name.clone(),
                Learn::Active(active),
            ));
        }
        let what = match learning.state() {
            LearningState::Off => tr!("learning-off"),
            LearningState::TooFewDecisions => tr!("learning-too-few"),
            LearningState::Waiting => tr!("learning-waiting"),
            LearningState::InForce => tr!("learning-active"),
            LearningState::NoGain => tr!("learning-no-gain"),
        };
        let text = tr!(
            "label-learning",
            accepted = learning.accepted,
            rejected = learning.rejected,
            what = what
        );
        ui.label(RichText::new(text).weak());
        if learning.teaching > 0 {
            let forget = ui.button(tr!("label-reset"));
            let forget = forget.on_hover_text(tr!("label-reset-hint"));
            if forget.clicked() {
                cx.ask(LabelCommand::Learn(label.name.clone(), Learn::Reset));
            }
        }
    });
    if let Some(learned) = cx.app.decisions.learned.get(&label.name) {
        let p = theme::palette(ui);
        ui.label(RichText::new(learned.describe()).color(p.added).small());
    }
}
