//! Edits the two formats that are lists of lines.

use crate::tagging::vocabulary::document::edit::{DocumentError, Draft, Edit, Place, Targets};
use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::error::VocabularyError;
use crate::tagging::vocabulary::label::Label;
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::name;
use crate::tagging::vocabulary::parse::Form;

/// A line with its line end.
#[derive(Clone, Debug)]
struct Line {
    /// Its number in the old text, from 1.
    old: Option<usize>,
    content: String,
    ending: &'static str,
}

impl Line {
    fn level(&self) -> usize {
        self.content.bytes().take_while(|&b| b == b'\t').count()
    }

    fn is_synonym(&self) -> bool {
        let entry = self.content.trim();
        entry.starts_with('{') && entry.ends_with('}')
    }

    /// Whether it belongs to no keyword: blank, or a comment.
    fn is_aside(&self) -> bool {
        let entry = self.content.trim();
        entry.is_empty() || self.level() == 0 && (entry == "#" || entry.starts_with("# "))
    }

    /// Replaces the entry, and keeps its indentation and trailing spaces.
    fn replace(&mut self, entry: &str) {
        let old = self.content.trim();
        let start = self.content.len() - self.content.trim_start().len();
        let range = start..start + old.len();
        self.content.replace_range(range, entry);
    }
}

struct Lines {
    lines: Vec<Line>,
    /// The line end of the text.
    ending: &'static str,
}

impl Lines {
    fn of(text: &str) -> Self {
        let end = if text.contains('\n') { '\n' } else { '\r' };
        let ending = match (
            text.contains("\r\n"),
            text.contains('\n'),
            text.contains('\r'),
        ) {
            (true, ..) => "\r\n",
            (_, false, true) => "\r",
            _ => "\n",
        };
        let lines = text.split_inclusive(end).enumerate().map(|(i, line)| {
            let (content, ending) = if let Some(content) = line.strip_suffix("\r\n") {
                (content, "\r\n")
            } else if let Some(content) = line.strip_suffix('\n') {
                (content, "\n")
            } else if let Some(content) = line.strip_suffix('\r') {
                (content, "\r")
            } else {
                (line, "")
            };
            Line {
                old: Some(i + 1),
                content: content.to_owned(),
                ending,
            }
        });
        Self {
            lines: lines.collect(),
            ending,
        }
    }

    fn insert(&mut self, at: usize, content: String) {
        let line = Line {
            old: None,
            content,
            ending: self.ending,
        };
        self.insert_lines(at, vec![line]);
    }

    /// The line before may have been the last, without a line end.
    fn insert_lines(&mut self, at: usize, mut lines: Vec<Line>) {
        if let Some(before) = at.checked_sub(1).and_then(|i| self.lines.get_mut(i))
            && before.ending.is_empty()
        {
            before.ending = self.ending;
        }
        for line in &mut lines {
            if line.ending.is_empty() {
                line.ending = self.ending;
            }
        }
        self.lines.splice(at..at, lines);
    }

    /// The end of the keyword at `at`, including its synonyms and all below it, but not the blank
    /// lines and comments that follow.
    fn end(&self, at: usize) -> usize {
        let level = self.lines[at].level();
        let mut end = at + 1;
        for (i, line) in self.lines.iter().enumerate().skip(at + 1) {
            if line.is_aside() {
                continue;
            }
            if line.level() <= level {
                break;
            }
            end = i + 1;
        }
        end
    }

    /// The lines of the synonyms of the keyword at `at`.
    fn synonyms(&self, at: usize) -> Vec<usize> {
        let level = self.lines[at].level() + 1;
        (at + 1..self.end(at))
            .filter(|&i| self.lines[i].is_synonym() && self.lines[i].level() == level)
            .collect()
    }

    /// The position for a new keyword below `parent`.
    fn last_place(&self, parent: Option<usize>) -> usize {
        match parent {
            Some(parent) => self.end(parent),
            None => self.lines.len(),
        }
    }

    /// Changes the indentation of every line of the range.
    fn indent(&mut self, range: std::ops::Range<usize>, by: isize) {
        for line in self.lines.get_mut(range).into_iter().flatten() {
            if line.is_aside() {
                continue;
            }
            let level = line.level();
            let tabs = level.saturating_add_signed(by);
            line.content.replace_range(..level, &"\t".repeat(tabs));
        }
    }

    fn draft(self, vocabulary: &Vocabulary) -> Draft {
        let mut now = std::collections::HashMap::new();
        let mut text = String::new();
        for (i, line) in self.lines.iter().enumerate() {
            if let Some(old) = line.old {
                now.insert(old, i + 1);
            }
            text += &line.content;
            text += line.ending;
        }
        let labels = vocabulary.labels().iter();
        Draft {
            text,
            moved: labels.map(|l| now.get(&l.line).copied()).collect(),
            by: Place::Line,
        }
    }
}

/// Edits a list of one label a line.
pub(super) fn edit_plain(
    text: &str,
    vocabulary: &Vocabulary,
    edit: &Edit,
    target: &Targets,
) -> Result<Draft, DocumentError> {
    let mut lines = Lines::of(text);
    let at = target.label.map(|label| line_of(vocabulary, label));
    match (edit, at) {
        (Edit::Add { name, parent: None }, _) => {
            let entry = entry(name, Form::Plain)?;
            lines.insert(lines.lines.len(), entry);
        }
        (Edit::Delete { .. }, Some(at)) => drop(lines.lines.remove(at)),
        (Edit::Rename { name, .. }, Some(at)) => {
            lines.lines[at].replace(&entry(name, Form::Plain)?);
        }
        (Edit::SetParent { parent: None, .. }, _) => {}
        _ => return Err(needs_full_form(Form::Plain, edit)),
    }
    Ok(lines.draft(vocabulary))
}

/// Edits a Lightroom keyword list.
pub(super) fn edit(
    text: &str,
    vocabulary: &Vocabulary,
    edit: &Edit,
    target: &Targets,
) -> Result<Draft, DocumentError> {
    let mut lines = Lines::of(text);
    let at = target.label.map(|label| line_of(vocabulary, label));
    let other = target.other.map(|label| line_of(vocabulary, label));
    match (edit, at) {
        (Edit::Add { name, .. }, _) => {
            let level = other.map_or(0, |other| lines.lines[other].level() + 1);
            let content = "\t".repeat(level) + &entry(name, Form::Lightroom)?;
            lines.insert(lines.last_place(other), content);
        }
        (Edit::Rename { name, .. }, Some(at)) => {
            let name = entry(name, Form::Lightroom)?;
            rename(&mut lines.lines[at], &name);
        }
        (Edit::SetExport { export, .. }, Some(at)) => {
            let name = bare(lines.lines[at].content.trim()).to_owned();
            let entry = if *export { name } else { format!("[{name}]") };
            lines.lines[at].replace(&entry);
        }
        (Edit::SetSynonyms { synonyms, .. }, Some(at)) => {
            set_synonyms(&mut lines, at, synonyms)?;
        }
        (Edit::Delete { .. }, Some(at)) => delete(&mut lines, at),
        (Edit::SetParent { .. }, Some(at)) => move_below(&mut lines, at, other),
        (Edit::Merge { .. }, Some(from)) => {
            let (Some(from_label), Some(into_label)) = (target.label, target.other) else {
                return Err(needs_full_form(Form::Lightroom, edit));
            };
            merge(&mut lines, vocabulary, from, (from_label, into_label))?;
            let mut draft = lines.draft(vocabulary);
            draft.moved[from_label] = draft.moved[into_label];
            return Ok(draft);
        }
        _ => return Err(needs_full_form(Form::Lightroom, edit)),
    }
    Ok(lines.draft(vocabulary))
}

/// The index of a label's line.
fn line_of(vocabulary: &Vocabulary, label: usize) -> usize {
    let line = vocabulary.labels().get(label).map_or(1, |l| l.line);
    line.saturating_sub(1)
}

/// The entry without the brackets that exclude it from export.
fn bare(entry: &str) -> &str {
    let inner = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']'));
    inner.unwrap_or(entry)
}

fn rename(line: &mut Line, name: &str) {
    let entry = line.content.trim();
    match entry.starts_with('[') {
        true => line.replace(&format!("[{name}]")),
        false => line.replace(name),
    }
}

/// Checks and cleans a name: line breaks in it would become other labels.
fn checked(raw: &str) -> Result<String, VocabularyError> {
    let name = name::clean(raw);
    match name::fault(&name) {
        Some(fault) => Err(VocabularyError::new(vec![Problem::whole(fault)])),
        None => Ok(name),
    }
}

/// Checks a name for its format: in braces it would be a synonym, in brackets a keyword that is not
/// exported.
fn entry(raw: &str, form: Form) -> Result<String, DocumentError> {
    let name = checked(raw)?;
    if name.starts_with(['{', '[']) {
        return Err(DocumentError::NeedsFullForm {
            form: form.name(),
            what: "this name",
        });
    }
    Ok(name)
}

fn set_synonyms(lines: &mut Lines, at: usize, synonyms: &[String]) -> Result<(), VocabularyError> {
    let wanted = synonyms
        .iter()
        .map(|s| checked(s))
        .collect::<Result<Vec<_>, _>>()?;
    let keys: Vec<String> = wanted.iter().map(|w| name::key(w)).collect();
    let key_of = |line: &Line| name::key(line.content.trim().trim_matches(['{', '}']));
    let mut kept = Vec::new();
    let mut place = at + 1;
    for i in lines.synonyms(at).into_iter().rev() {
        let key = key_of(&lines.lines[i]);
        if keys.contains(&key) {
            place = place.max(i + 1);
            kept.push(key);
        } else {
            lines.lines.remove(i);
            place = place.saturating_sub(usize::from(place > i + 1));
        }
    }
    let tabs = "\t".repeat(lines.lines[at].level() + 1);
    for (word, key) in wanted.iter().zip(&keys) {
        if !kept.contains(key) {
            lines.insert(place, format!("{tabs}{{{word}}}"));
            place += 1;
        }
    }
    Ok(())
}

/// Removes the keyword's own lines; those below it move up a level.
fn delete(lines: &mut Lines, at: usize) {
    for i in lines.synonyms(at).into_iter().rev() {
        lines.lines.remove(i);
    }
    let end = lines.end(at);
    lines.indent(at + 1..end, -1);
    lines.lines.remove(at);
}

fn move_below(lines: &mut Lines, at: usize, parent: Option<usize>) {
    let (from, to) = (
        lines.lines[at].level() as isize,
        parent.map_or(0, |p| lines.lines[p].level() as isize + 1),
    );
    let end = lines.end(at);
    lines.indent(at..end, to - from);
    let mut place = lines.last_place(parent);
    let moved: Vec<Line> = lines.lines.drain(at..end).collect();
    if place >= end {
        place -= end - at;
    } else if place > at {
        // It is already at the end of its own parent.
        place = at;
    }
    lines.insert_lines(place, moved);
}

fn merge(
    lines: &mut Lines,
    vocabulary: &Vocabulary,
    from: usize,
    (from_label, into_label): (usize, usize),
) -> Result<(), VocabularyError> {
    let labels = vocabulary.labels();
    let words = merged_synonyms(&labels[into_label], &labels[from_label]);
    let into_old = labels[into_label].line;
    let find = |lines: &Lines| lines.lines.iter().position(|l| l.old == Some(into_old));
    // First all below it, so that only the keyword is deleted then.
    let children: Vec<usize> = (0..labels.len())
        .filter(|&i| vocabulary.parent(i) == Some(from_label))
        .map(|i| labels[i].line)
        .collect();
    for child in children {
        let at = lines.lines.iter().position(|l| l.old == Some(child));
        if let (Some(at), Some(into)) = (at, find(lines)) {
            move_below(lines, at, Some(into));
        }
    }
    if let Some(at) = lines.lines.iter().position(|l| l.old == Some(from + 1)) {
        delete(lines, at);
    }
    match find(lines) {
        Some(into) => set_synonyms(lines, into, &words),
        None => Ok(()),
    }
}

/// The synonyms of a label after another was merged into it.
pub(super) fn merged_synonyms(into: &Label, from: &Label) -> Vec<String> {
    let mut words = into.synonyms.clone();
    let mut keys: Vec<String> = words.iter().map(|w| name::key(w)).collect();
    keys.push(name::key(&into.name));
    for word in std::iter::once(&from.name).chain(&from.synonyms) {
        let key = name::key(word);
        if !keys.contains(&key) {
            words.push(word.clone());
            keys.push(key);
        }
    }
    words
}

fn needs_full_form(form: Form, edit: &Edit) -> DocumentError {
    DocumentError::NeedsFullForm {
        form: form.name(),
        what: match edit {
            Edit::SetSynonyms { .. } | Edit::Merge { .. } => "synonyms",
            Edit::SetPrompts { .. } => "prompts",
            Edit::SetNegatives { .. } => "negatives",
            Edit::SetThreshold { .. } => "thresholds",
            Edit::SetExport { .. } => "labels that are not exported",
            Edit::Translate(_) => "names for the model",
            _ => "a hierarchy",
        },
    }
}
