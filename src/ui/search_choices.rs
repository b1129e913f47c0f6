//! What the search box offers for the typed text.

use std::ops::Range;

use crate::app::{App, Command, ViewCommand};
use crate::words::tr;

/// The most labels or folders to offer, and the most files.
const MOST: usize = 5;
/// The most completions of a filter.
const COMPLETIONS: usize = 8;
/// The names of files that are searched in one frame.
const NAMES: usize = 100_000;

/// The kind of a choice. Each is a section of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// A filter being typed.
    Filter,
    /// A search by meaning.
    Meaning,
    /// A label.
    Labels,
    /// A folder.
    Folders,
    /// A file.
    Files,
}

impl Section {
    /// Its heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Filter => tr!("search-filters"),
            Self::Meaning => tr!("search-meaning"),
            Self::Labels => tr!("screen-labels"),
            Self::Folders => tr!("folders"),
            Self::Files => tr!("search-files"),
        }
    }
}

/// One choice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) section: Section,
    /// Its text.
    pub(crate) text: String,
    /// A note at its end.
    pub(crate) note: String,
    /// The command for it.
    pub(crate) command: Command,
    /// The text of the search box afterwards, if the choice completes it.
    pub(crate) completed: Option<String>,
}

/// The choices for a text. They are computed again only when the text or the library changes, and
/// names of files are searched a part in each frame.
#[derive(Default)]
pub(crate) struct Choices {
    made_for: Option<(String, usize)>,
    list: Vec<Choice>,
    /// The rows whose names are not searched yet.
    left: Range<usize>,
    files: usize,
}

impl Choices {
    /// The choices found so far.
    pub(crate) fn list(&self) -> &[Choice] {
        &self.list
    }

    /// Adapts to the typed text. Returns whether to go on in the next frame.
    pub(crate) fn update(&mut self, app: &App, text: &str) -> bool {
        let rows = app.library.catalogue.rows.len();
        let key = (text.to_owned(), rows);
        if self.made_for.as_ref() != Some(&key) {
            self.made_for = Some(key);
            (self.left, self.files) = (0..0, 0);
            let (before, last) = last_part(text);
            self.list = completions(app, before, last);
            if self.list.is_empty() && !text.trim().is_empty() && !last.contains(':') {
                self.list = sections(app, text.trim());
                self.left = 0..rows;
            }
        }
        self.find_files(app, text.trim());
        !self.left.is_empty()
    }

    fn find_files(&mut self, app: &App, text: &str) {
        if self.left.is_empty() {
            return;
        }
        let end = (self.left.start + NAMES).min(self.left.end);
        let (part, most) = (text.to_lowercase(), MOST - self.files);
        let catalogue = &app.library.catalogue;
        let found = catalogue
            .index
            .names()
            .find(&part, self.left.start..end, most);
        for row in found.iter().filter_map(|at| catalogue.rows.get(*at)) {
            self.files += 1;
            let folder = row.path.parent().and_then(|f| f.file_name());
            let note = folder.unwrap_or_default().to_string_lossy().into_owned();
            self.list.push(Choice {
                section: Section::Files,
                text: row.name(),
                note,
                command: ViewCommand::File(row.id).into(),
                completed: None,
            });
        }
        self.left.start = if self.files < MOST {
            end
        } else {
            self.left.end
        };
    }
}

/// Splits a text before its last part, which may have spaces in quotes.
fn last_part(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    text.split_at_checked(start).unwrap_or(("", text))
}

/// The completions of `tag:`, `-tag:` and `folder:` at the end of a text.
fn completions(app: &App, before: &str, last: &str) -> Vec<Choice> {
    let Some((kind, typed)) = last.split_once(':') else {
        return Vec::new();
    };
    let typed = typed.trim_matches('"').to_lowercase();
    let catalogue = &app.library.catalogue;
    let mut names: Vec<(String, String)> = match kind {
        "tag" | "-tag" => {
            let with = catalogue.labels.iter();
            let with = with.filter(|l| l.in_vocabulary || l.accepted > 0);
            with.map(|l| (l.name.clone(), tr!("photos", count = l.accepted)))
                .collect()
        }
        "folder" => {
            let nodes = catalogue.tree.nodes().iter();
            nodes
                .map(|n| (n.name(), tr!("photos", count = n.rows.len())))
                .collect()
        }
        _ => return Vec::new(),
    };
    names.retain(|(name, _)| name.to_lowercase().contains(&typed));
    names.sort_by_cached_key(|(name, _)| {
        let name = name.to_lowercase();
        (!name.starts_with(&typed), name.len(), name)
    });
    names.dedup_by(|a, b| a.0 == b.0);
    let choice = |(name, note): (String, String)| {
        let value = match name.contains(char::is_whitespace) {
            true => format!("{kind}:\"{name}\""),
            false => format!("{kind}:{name}"),
        };
        let completed = format!("{before}{value} ");
        Choice {
            section: Section::Filter,
            text: value,
            note,
            command: ViewCommand::Search(completed.trim().to_owned()).into(),
            completed: Some(completed),
        }
    };
    names.into_iter().take(COMPLETIONS).map(choice).collect()
}

/// The labels and folders with a text in their names, after a search by meaning.
fn sections(app: &App, text: &str) -> Vec<Choice> {
    let catalogue = &app.library.catalogue;
    let typed = text.to_lowercase();
    let mut list = vec![Choice {
        section: Section::Meaning,
        text: format!("“{text}”"),
        note: tr!("key-enter").to_owned(),
        command: ViewCommand::Search(text.to_owned()).into(),
        completed: Some(text.to_owned()),
    }];
    let labels = catalogue.labels.iter().filter(|l| {
        let is_known = l.in_vocabulary || l.accepted > 0;
        let names = std::iter::once(&l.name).chain(&l.texts.synonyms);
        let mut names = names.chain(&l.texts.model_names);
        is_known && names.any(|n| n.to_lowercase().contains(&typed))
    });
    let mut labels: Vec<_> = labels.collect();
    labels.sort_by_key(|l| (std::cmp::Reverse(l.accepted), l.name.len()));
    list.extend(labels.into_iter().take(MOST).map(|label| Choice {
        section: Section::Labels,
        text: label.name.clone(),
        note: tr!("photos", count = label.accepted),
        command: ViewCommand::Label(Some(label.name.clone())).into(),
        completed: None,
    }));
    let nodes = catalogue.tree.nodes().iter();
    let nodes = nodes.filter(|node| node.name().to_lowercase().contains(&typed));
    list.extend(nodes.take(MOST).map(|node| Choice {
        section: Section::Folders,
        text: node.name(),
        note: tr!("photos", count = node.rows.len()),
        command: ViewCommand::Folder(Some(node.path.clone())).into(),
        completed: None,
    }));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_text_is_completed() {
        assert_eq!(last_part("red tag:do"), ("red ", "tag:do"));
        assert_eq!(last_part("tag:\"golden re"), ("", "tag:\"golden re"));
        assert_eq!(last_part("été "), ("été ", ""));
        assert_eq!(last_part(""), ("", ""));
    }
}
