//! Keywords that other programs use for their own notes.

use serde::{Deserialize, Serialize};

use crate::core::text::folded;
use crate::sidecar::read::keyword::Keyword;

/// The keywords that are a program's notes and not the user's: they become no labels and are
/// neither copied nor removed. The user can edit the list.
///
/// An entry is a keyword with `|` between its levels. `a|b` stands for that keyword alone, `a|*`
/// for all keywords below `a`. Case and Unicode composition do not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bookkeeping {
    entries: Vec<String>,
}

impl Default for Bookkeeping {
    /// The notes of darktable and digiKam.
    fn default() -> Self {
        Self::new([
            "darktable|*",
            "_Digikam_Internal_Tags_",
            "_Digikam_Internal_Tags_|*",
            "digiKam Internal Tags",
            "digiKam Internal Tags|*",
        ])
    }
}

impl Bookkeeping {
    /// Creates a list; entries without a name are dropped.
    pub(crate) fn new(entries: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let entries = entries.into_iter().map(Into::into);
        let entries = entries.filter(|entry| !levels(entry).is_empty());
        Self {
            entries: entries.collect(),
        }
    }

    /// A list in which every keyword is the user's.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// Adds an entry, unless the list has it.
    #[must_use]
    pub(crate) fn with(mut self, entry: &str) -> Self {
        if !self.entries.iter().any(|e| levels(e) == levels(entry)) && !levels(entry).is_empty() {
            self.entries.push(entry.to_owned());
        }
        self
    }

    /// Removes an entry; `None` if the list does not have it.
    pub(crate) fn without(mut self, entry: &str) -> Option<Self> {
        let before = self.entries.len();
        self.entries.retain(|e| levels(e) != levels(entry));
        (self.entries.len() < before).then_some(self)
    }

    /// The entries, as the user wrote them.
    pub(crate) fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Whether the keyword is a program's note.
    pub(crate) fn has(&self, keyword: &Keyword) -> bool {
        let path: Vec<String> = keyword.path().iter().map(|name| folded(name)).collect();
        self.entries.iter().any(|entry| {
            let levels = levels(entry);
            match levels.split_last() {
                Some((last, above)) if last == "*" => {
                    path.len() > above.len() && path.starts_with(above)
                }
                _ => path == levels,
            }
        })
    }
}

fn levels(entry: &str) -> Vec<String> {
    let names = entry.split('|').map(folded);
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(path: &str) -> Keyword {
        Keyword::new(path.split('|')).unwrap()
    }

    #[test]
    fn knows_the_notes_of_programs_and_leaves_the_persons_keywords() {
        let list = Bookkeeping::default();
        for note in [
            "darktable|format|nef",
            "Darktable|exported",
            "_Digikam_Internal_Tags_|Scanned for Faces",
        ] {
            assert!(list.has(&keyword(note)), "{note}");
        }
        for theirs in ["darktable", "tools|darktable", "darktables|x", "format|nef"] {
            assert!(!list.has(&keyword(theirs)), "{theirs}");
        }
        assert!(!Bookkeeping::none().has(&keyword("darktable|exported")));
    }

    #[test]
    fn can_be_edited_and_kept() {
        let list = Bookkeeping::new(["Work | todo ", "", "|"]);
        assert_eq!(list.entries().len(), 1);
        assert!(list.has(&keyword("work|TODO")) && !list.has(&keyword("work|todo|x")));
        let longer = list.clone().with("Mine|*").with("mine | *");
        assert_eq!(longer.entries().len(), 2);
        assert_eq!(longer.without("MINE|*"), Some(list.clone()));
        assert_eq!(list.clone().without("mine"), None);
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(text, r#"["Work | todo "]"#);
        assert_eq!(serde_json::from_str::<Bookkeeping>(&text).unwrap(), list);
    }
}
