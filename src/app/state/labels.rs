//! The vocabulary editor.

use crate::app::catalogue::Catalogue;
use crate::app::commands::command::LabelCommand;
use crate::app::messages::label_scores::LabelScores;
use crate::app::messages::question::Question;
use crate::app::messages::request::Request;
use crate::app::state::effects::Effects;
use crate::services::explain::VocabularyReport;
use crate::services::vocabulary_edit::OWN;
use crate::store::StoredVocabulary;
use crate::tagging::Edit;

/// The state of the editor.
#[derive(Debug, Default)]
pub struct LabelEditor {
    /// The label being edited.
    pub editing: Option<String>,
    /// Its confidences, or those of the text being tried.
    pub scores: Option<LabelScores>,
    /// The threshold while it is dragged.
    pub dragged: Option<f32>,
    /// The problems of the vocabulary, if requested.
    pub(crate) report: Option<VocabularyReport>,
}

impl LabelEditor {
    /// Carries out a command. The window opens file dialogs.
    pub(crate) fn apply(
        &mut self,
        command: LabelCommand,
        catalogue: &Catalogue,
        effects: &mut Effects,
    ) {
        match command {
            LabelCommand::Edit(edits) => self.edit(edits, catalogue, effects),
            LabelCommand::SetText(text) => {
                let name = catalogue.own_vocabulary().unwrap_or(OWN).to_owned();
                let vocabulary = StoredVocabulary { name, text };
                effects.ask(Request::SetVocabulary {
                    vocabulary: Some(vocabulary),
                    renamed: Vec::new(),
                    replayed: false,
                });
            }
            LabelCommand::Use(name) => {
                self.close();
                effects.ask(Request::UseVocabulary(name));
            }
            LabelCommand::Names(language) => {
                self.close();
                effects.ask(Request::NameLabels(language));
            }
            LabelCommand::Import(path) => {
                self.close();
                effects.ask(Request::ImportVocabulary(path));
            }
            LabelCommand::Export(path) => effects.ask(Request::ExportVocabulary(path)),
            LabelCommand::ChooseImport | LabelCommand::ChooseExport => {}
            LabelCommand::Open(label) => self.open(label, effects),
            LabelCommand::OpenAt(label, _) => self.open(Some(label), effects),
            LabelCommand::Try(text) => {
                self.close();
                self.dragged = None;
                effects.question(Question::Try(text));
            }
            LabelCommand::DragThreshold(threshold) => {
                self.dragged = Some(threshold.clamp(0.0, 1.0));
            }
            LabelCommand::SetThreshold(label, threshold) => {
                self.dragged = None;
                if let (Some(scores), Some(threshold)) = (&mut self.scores, threshold) {
                    scores.threshold = threshold;
                }
                effects.ask(Request::Edit(vec![Edit::SetThreshold { label, threshold }]));
            }
            LabelCommand::Learn(label, learn) => effects.ask(Request::Learn(label, learn)),
            LabelCommand::Check => {
                self.report = None;
                effects.question(Question::Report);
            }
        }
    }

    /// Closes the label.
    pub(crate) fn close(&mut self) {
        (self.editing, self.scores) = (None, None);
    }

    fn open(&mut self, label: Option<String>, effects: &mut Effects) {
        (self.scores, self.dragged) = (None, None);
        self.editing.clone_from(&label);
        if let Some(label) = label {
            effects.question(Question::Label(label));
        }
    }

    fn edit(&mut self, mut edits: Vec<Edit>, catalogue: &Catalogue, effects: &mut Effects) {
        // An existing label is opened, not added.
        if let [Edit::Add { name, .. }] = edits.as_slice()
            && catalogue.has(name)
        {
            return self.open(Some(name.clone()), effects);
        }
        edits.retain(|edit| match edit {
            Edit::Add { name, .. } => !catalogue.has(name),
            _ => true,
        });
        // The open label may have another name afterwards.
        for edit in &edits {
            match edit {
                Edit::Rename { label, name } if self.editing.as_ref() == Some(label) => {
                    self.editing = Some(name.clone());
                }
                Edit::Delete { label } | Edit::Merge { from: label, .. }
                    if self.editing.as_ref() == Some(label) =>
                {
                    self.close();
                }
                // A new label is opened once it exists.
                Edit::Add { name, .. } => {
                    self.editing = Some(name.clone());
                    (self.scores, self.dragged) = (None, None);
                }
                _ => {}
            }
        }
        effects.ask(Request::Edit(edits));
    }

    /// Requests the open label's confidences again.
    pub(crate) fn compare_again(&self, effects: &mut Effects) {
        if let Some(label) = self.editing.clone() {
            effects.question(Question::Label(label));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::app::state::effects::Effect;

    fn add(name: &str) -> Edit {
        Edit::Add {
            name: name.into(),
            parent: None,
        }
    }

    fn apply(editor: &mut LabelEditor, command: LabelCommand) -> Vec<Effect> {
        let mut effects = Effects::default();
        editor.apply(command, &dogs_and_cats(), &mut effects);
        effects.0
    }

    #[test]
    fn what_is_there_is_opened_and_what_is_not_is_added() {
        let mut editor = LabelEditor::default();
        let effects = apply(&mut editor, LabelCommand::Edit(vec![add("dog")]));
        assert!(matches!(effects.as_slice(), [Effect::Question(Question::Label(l))] if l == "dog"));
        let edits = vec![add("dog"), add("horse")];
        let effects = apply(&mut editor, LabelCommand::Edit(edits));
        assert!(matches!(
            effects.as_slice(),
            [Effect::Ask(Request::Edit(edits))] if *edits == [add("horse")]
        ));
        assert_eq!(editor.editing.as_deref(), Some("horse"));
    }

    #[test]
    fn the_editor_follows_a_rename_and_closes_with_a_delete() {
        let mut editor = LabelEditor::default();
        apply(&mut editor, LabelCommand::Open(Some("dog".into())));
        let rename = Edit::Rename {
            label: "dog".into(),
            name: "hound".into(),
        };
        apply(&mut editor, LabelCommand::Edit(vec![rename]));
        assert_eq!(editor.editing.as_deref(), Some("hound"));
        let delete = |label: &str| Edit::Delete {
            label: label.into(),
        };
        apply(&mut editor, LabelCommand::Edit(vec![delete("cat")]));
        assert_eq!(editor.editing.as_deref(), Some("hound"), "another label");
        apply(&mut editor, LabelCommand::Edit(vec![delete("hound")]));
        assert_eq!(editor.editing, None);
    }

    #[test]
    fn a_threshold_is_dragged_and_then_kept() {
        let mut editor = LabelEditor {
            scores: Some(LabelScores::default()),
            ..LabelEditor::default()
        };
        assert!(apply(&mut editor, LabelCommand::DragThreshold(1.7)).is_empty());
        assert_eq!(editor.dragged, Some(1.0));
        let effects = apply(
            &mut editor,
            LabelCommand::SetThreshold("dog".into(), Some(0.6)),
        );
        assert!(matches!(
            effects.as_slice(),
            [Effect::Ask(Request::Edit(edits))]
                if matches!(&edits[..], [Edit::SetThreshold { threshold: Some(t), .. }] if *t == 0.6)
        ));
        assert_eq!(editor.dragged, None);
        assert_eq!(editor.scores.unwrap().threshold, 0.6);
    }
}
