//! Edits of the full form, TOML.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::tagging::vocabulary::document::edit::{DocumentError, Draft, Edit, Place, Targets};
use crate::tagging::vocabulary::document::keyword_list::merged_synonyms;
use crate::tagging::vocabulary::error::{Problem, VocabularyError};
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
    let labels = vocabulary.labels();
    let tables = document
        .get_mut("label")
        .and_then(Item::as_array_of_tables_mut)
        .filter(|tables| tables.len() == labels.len())
        .ok_or_else(|| unsound("write “[[label]]” for each label"))?;
    let mut moved: Vec<Option<usize>> = (0..labels.len()).map(Some).collect();
    let children =
        |label: usize| (0..labels.len()).filter(move |&i| vocabulary.parent(i) == Some(label));
    let name_of = |label: Option<usize>| label.map(|i| labels[i].name.clone());
    match (edit, target.label) {
        (Edit::Add { name, .. }, _) => {
            let mut table = Table::new();
            table.insert("name", value(name::clean(name)));
            table.decor_mut().set_prefix("\n");
            set_text(&mut table, "parent", name_of(target.other));
            tables.push(table);
        }
        (Edit::Rename { name, .. }, Some(at)) => {
            let name = name::clean(name);
            for child in children(at) {
                set_text(table(tables, child)?, "parent", Some(name.clone()));
            }
            set_text(table(tables, at)?, "name", Some(name));
        }
        (Edit::SetParent { .. }, Some(at)) => {
            set_text(table(tables, at)?, "parent", name_of(target.other));
        }
        (Edit::Delete { .. }, Some(at)) => {
            for child in children(at) {
                let above = name_of(vocabulary.parent(at));
                set_text(table(tables, child)?, "parent", above);
            }
            remove(tables, at, &mut moved);
        }
        (Edit::Merge { .. }, Some(from)) => {
            let into = target
                .other
                .ok_or_else(|| unsound("no label to merge into"))?;
            for child in children(from) {
                set_text(table(tables, child)?, "parent", name_of(Some(into)));
            }
            let (a, b) = (&labels[into], &labels[from]);
            let table = table(tables, into)?;
            set_texts(table, "synonyms", &merged_synonyms(a, b));
            for (key, own, more) in [
                ("prompts", &a.prompts, &b.prompts),
                ("negatives", &a.negatives, &b.negatives),
            ] {
                let mut all = own.clone();
                all.extend(more.iter().filter(|t| !own.contains(t)).cloned());
                set_texts(table, key, &all);
            }
            remove(tables, from, &mut moved);
            moved[from] = moved[into];
        }
        (Edit::SetSynonyms { synonyms, .. }, Some(at)) => {
            let words: Vec<String> = synonyms.iter().map(|s| name::clean(s)).collect();
            set_texts(table(tables, at)?, "synonyms", &words);
        }
        (Edit::SetPrompts { prompts, .. }, Some(at)) => {
            set_texts(table(tables, at)?, "prompts", prompts);
        }
        (Edit::SetNegatives { negatives, .. }, Some(at)) => {
            set_texts(table(tables, at)?, "negatives", negatives);
        }
        (Edit::SetThreshold { threshold, .. }, Some(at)) => {
            let table = table(tables, at)?;
            match threshold {
                // As a person would write it: 0.3, not its nearest binary fraction.
                Some(t) => set(
                    table,
                    "threshold",
                    value(t.to_string().parse().unwrap_or(f64::from(*t))),
                ),
                None => drop(table.remove("threshold")),
            }
        }
        (Edit::SetExport { export, .. }, Some(at)) => {
            let table = table(tables, at)?;
            match export {
                true => drop(table.remove("export")),
                false => set(table, "export", value(false)),
            }
        }
        _ => return Err(unsound("the edit names no label").into()),
    }
    Ok(Draft {
        text: with_line_ends_of(text, document.to_string()),
        moved,
        by: Place::Label,
    })
}

/// A vocabulary in the full form, with the remarks (lines that begin with `#`) of the `old` text
/// before the labels that they stood before.
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

fn table(tables: &mut ArrayOfTables, at: usize) -> Result<&mut Table, VocabularyError> {
    tables
        .get_mut(at)
        .ok_or_else(|| unsound("a label has no table"))
}

/// Removes a label; those behind it move up.
fn remove(tables: &mut ArrayOfTables, at: usize, moved: &mut [Option<usize>]) {
    tables.remove(at);
    for (i, place) in moved.iter_mut().enumerate() {
        *place = match i.cmp(&at) {
            std::cmp::Ordering::Less => Some(i),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(i - 1),
        };
    }
}

/// Sets a value where there may be one already, whose spacing and remark stay.
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

/// TOML is written with `\n`; a text whose every line ends in `\r\n` shall go on so.
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
