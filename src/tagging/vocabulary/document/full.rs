//! Edits the full format, TOML.

use std::collections::HashMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::tagging::vocabulary::document::edit::{
    DocumentError, Draft, Edit, NewNames, Place, Targets,
};
use crate::tagging::vocabulary::document::keyword_list::merged_synonyms;
use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::label::Label;
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::name;

/// Edits the text; its labels are its tables, in the same order.
pub(super) fn edit(
    text: &str,
    vocabulary: &Vocabulary,
    edit: &Edit,
    target: &Targets,
) -> Result<Draft, DocumentError> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| unsound(error.message()))?;
    let count = vocabulary.labels().len();
    let tables = document
        .get_mut("label")
        .and_then(Item::as_array_of_tables_mut)
        .filter(|tables| tables.len() == count)
        .ok_or_else(|| unsound("write “[[label]]” for each label"))?;
    let mut tables = Tables {
        tables,
        vocabulary,
        moved: (0..count).map(Some).collect(),
    };
    match (edit, target.label) {
        (Edit::Add { name, .. }, _) => tables.add(name, target.other),
        (Edit::Rename { name, .. }, Some(at)) => tables.rename(at, name)?,
        (Edit::SetParent { .. }, Some(at)) => tables.put_below(at, target.other)?,
        (Edit::Delete { .. }, Some(at)) => tables.delete(at)?,
        (Edit::Merge { .. }, Some(from)) => {
            let into = target.other;
            tables.merge(from, into.ok_or_else(|| unsound("no label to merge into"))?)?;
        }
        (Edit::Translate(names), _) => tables.translate(names)?,
        (_, Some(at)) => set_property(tables.get(at)?, edit)?,
        (_, None) => return Err(unsound("the edit names no label").into()),
    }
    let moved = tables.moved;
    Ok(Draft {
        text: with_line_ends_of(text, document.to_string()),
        moved,
        by: Place::Label,
    })
}

/// The tables of a text, one per label of its vocabulary, and where labels move.
struct Tables<'a> {
    tables: &'a mut ArrayOfTables,
    vocabulary: &'a Vocabulary,
    /// The present table of each label of the vocabulary; `None` if it is gone.
    moved: Vec<Option<usize>>,
}

impl Tables<'_> {
    fn get(&mut self, at: usize) -> Result<&mut Table, VocabularyError> {
        self.tables
            .get_mut(at)
            .ok_or_else(|| unsound("a label has no table"))
    }

    fn name(&self, label: usize) -> Option<String> {
        Some(self.vocabulary.labels().get(label)?.name.clone())
    }

    fn add(&mut self, name: &str, parent: Option<usize>) {
        let mut table = Table::new();
        table.insert("name", value(name::clean(name)));
        table.decor_mut().set_prefix("\n");
        set_text(&mut table, "parent", parent.and_then(|p| self.name(p)));
        self.tables.push(table);
    }

    fn rename(&mut self, at: usize, name: &str) -> Result<(), VocabularyError> {
        let name = name::clean(name);
        self.move_children(at, Some(&name))?;
        set_text(self.get(at)?, "name", Some(name));
        Ok(())
    }

    fn translate(&mut self, names: &[NewNames]) -> Result<(), VocabularyError> {
        let labels = self.vocabulary.labels();
        let names: HashMap<&str, &NewNames> =
            names.iter().map(|new| (new.label.as_str(), new)).collect();
        let new = |at: usize| names.get(labels.get(at)?.id.as_str()).copied();
        for at in 0..labels.len() {
            let parent = self.vocabulary.parent(at).and_then(new);
            let table = self.get(at)?;
            if let Some(parent) = parent {
                set_text(table, "parent", Some(parent.name.clone()));
            }
            if let Some(new) = new(at) {
                set_text(table, "name", Some(new.name.clone()));
                set_texts(table, "synonyms", &new.synonyms);
                set_texts(table, "model_names", &new.model_names);
            }
        }
        Ok(())
    }

    fn put_below(&mut self, at: usize, parent: Option<usize>) -> Result<(), VocabularyError> {
        let name = parent.and_then(|p| self.name(p));
        set_text(self.get(at)?, "parent", name);
        Ok(())
    }

    /// Names another parent for the labels below `at`.
    fn move_children(&mut self, at: usize, parent: Option<&str>) -> Result<(), VocabularyError> {
        for child in 0..self.vocabulary.labels().len() {
            if self.vocabulary.parent(child) == Some(at) {
                set_text(self.get(child)?, "parent", parent.map(str::to_owned));
            }
        }
        Ok(())
    }

    fn delete(&mut self, at: usize) -> Result<(), VocabularyError> {
        let above = self.vocabulary.parent(at).and_then(|p| self.name(p));
        self.move_children(at, above.as_deref())?;
        self.remove(at);
        Ok(())
    }

    fn merge(&mut self, from: usize, into: usize) -> Result<(), VocabularyError> {
        let name = self.name(into);
        self.move_children(from, name.as_deref())?;
        let labels = self.vocabulary.labels();
        let (a, b) = (&labels[into], &labels[from]);
        let model_names = merged_model_names(a, b);
        let table = self.get(into)?;
        set_texts(table, "synonyms", &merged_synonyms(a, b));
        set_texts(table, "model_names", &model_names);
        for (key, own, more) in [
            ("prompts", &a.prompts, &b.prompts),
            ("negatives", &a.negatives, &b.negatives),
        ] {
            let mut all = own.clone();
            all.extend(more.iter().filter(|t| !own.contains(t)).cloned());
            set_texts(table, key, &all);
        }
        self.remove(from);
        self.moved[from] = self.moved[into];
        Ok(())
    }

    /// Removes a label's table; those behind it move up.
    fn remove(&mut self, at: usize) {
        self.tables.remove(at);
        for (i, place) in self.moved.iter_mut().enumerate() {
            *place = match i.cmp(&at) {
                std::cmp::Ordering::Less => Some(i),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => Some(i - 1),
            };
        }
    }
}

/// The model names of a label after another was merged into it. If one of the two has some, the model
/// reads the words of the other as well.
fn merged_model_names(into: &Label, from: &Label) -> Vec<String> {
    if into.model_names.is_empty() && from.model_names.is_empty() {
        return Vec::new();
    }
    let mut names = into.texts();
    let new = from
        .texts()
        .into_iter()
        .filter(|text| !names.contains(text));
    let new: Vec<String> = new.collect();
    names.extend(new);
    names
}

/// Sets a property of one label.
fn set_property(table: &mut Table, edit: &Edit) -> Result<(), VocabularyError> {
    match edit {
        Edit::SetSynonyms { synonyms, .. } => {
            let words: Vec<String> = synonyms.iter().map(|s| name::clean(s)).collect();
            set_texts(table, "synonyms", &words);
        }
        Edit::SetPrompts { prompts, .. } => set_texts(table, "prompts", prompts),
        Edit::SetNegatives { negatives, .. } => set_texts(table, "negatives", negatives),
        Edit::SetThreshold { threshold, .. } => match threshold {
            // As a user would write it: 0.3, not its nearest binary fraction.
            Some(t) => set(
                table,
                "threshold",
                value(t.to_string().parse().unwrap_or(f64::from(*t))),
            ),
            None => drop(table.remove("threshold")),
        },
        Edit::SetExport { export, .. } => match export {
            true => drop(table.remove("export")),
            false => set(table, "export", value(false)),
        },
        Edit::Add { .. }
        | Edit::Rename { .. }
        | Edit::SetParent { .. }
        | Edit::Delete { .. }
        | Edit::Merge { .. }
        | Edit::Translate(_) => return Err(unsound("the edit changes several labels")),
    }
    Ok(())
}

/// Writes a vocabulary in the full format, with the comments (lines that begin with `#`) of the
/// `old` text before the same labels.
pub(super) fn write(vocabulary: &Vocabulary, old: &str) -> String {
    let mut remarks = old
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("# ") || *line == "#")
        .peekable();
    let is_label = |number: usize| vocabulary.labels().iter().any(|l| l.line == number + 1);
    let mut text = String::new();
    let mut write_remarks = |before: usize, text: &mut String| {
        while let Some((number, remark)) = remarks.next_if(|(n, _)| *n < before) {
            if !is_label(number) {
                *text += remark;
                text.push('\n');
            }
        }
    };
    for label in vocabulary.labels() {
        write_remarks(label.line.saturating_sub(1), &mut text);
        let mut table = Table::new();
        set_text(&mut table, "name", Some(label.name.clone()));
        set_text(&mut table, "parent", label.parent.clone());
        set_texts(&mut table, "synonyms", &label.synonyms);
        set_texts(&mut table, "model_names", &label.model_names);
        set_texts(&mut table, "prompts", &label.prompts);
        set_texts(&mut table, "negatives", &label.negatives);
        if !label.export {
            set(&mut table, "export", value(false));
        }
        text += &format!("[[label]]\n{table}\n");
    }
    write_remarks(usize::MAX, &mut text);
    with_line_ends_of(old, text)
}

/// Sets a value. If there is one already, its spacing and comment stay.
fn set(table: &mut Table, key: &str, mut item: Item) {
    match table.get_mut(key) {
        Some(old) => {
            if let (Some(old), Some(new)) = (old.as_value(), item.as_value_mut()) {
                *new.decor_mut() = old.decor().clone();
            }
            *old = item;
        }
        None => drop(table.insert(key, item)),
    }
}

fn set_text(table: &mut Table, key: &str, text: Option<String>) {
    match text {
        Some(text) => set(table, key, value(text)),
        None => drop(table.remove(key)),
    }
}

fn set_texts(table: &mut Table, key: &str, texts: &[String]) {
    let old = table.get(key).and_then(Item::as_array);
    let same = old.is_some_and(|old| {
        old.len() == texts.len()
            && old
                .iter()
                .zip(texts)
                .all(|(o, t)| o.as_str() == Some(t.as_str()))
    });
    if texts.is_empty() {
        table.remove(key);
    } else if !same {
        set(table, key, value(texts.iter().collect::<Array>()));
    }
}

/// TOML is written with `\n`; if every line of the old text ends in `\r\n`, the new text keeps
/// that.
fn with_line_ends_of(old: &str, text: String) -> String {
    let all = old.matches('\n').count();
    match all > 0 && all == old.matches("\r\n").count() {
        true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => text,
    }
}

fn unsound(message: &str) -> VocabularyError {
    VocabularyError::new(vec![Problem::whole(message)])
}
