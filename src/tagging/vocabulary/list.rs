//! The labels that photos are tagged with, and what lies above each.

use std::fs::File;
use std::io::{self, Read};
use std::iter;
use std::path::Path;
use std::sync::LazyLock;

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::label::Label;
use crate::tagging::vocabulary::parse;

/// The largest keyword collections sold have some hundred kilobytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// At least one label, in the order of the file, with no two of the same name under one parent
/// and no circle of parents.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    labels: Vec<Label>,
    /// Of each label, the index of the one above it.
    parents: Vec<Option<usize>>,
    warnings: Vec<Problem>,
}

/// A vocabulary in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Labels in all.
    pub(crate) labels: usize,
    /// Labels without a parent.
    pub(crate) roots: usize,
    /// Levels of the hierarchy: 1 for a flat list.
    pub(crate) depth: usize,
    /// Synonyms of all labels.
    pub(crate) synonyms: usize,
    /// Labels that go into sidecars.
    pub(crate) exported: usize,
}

impl Vocabulary {
    /// Labels whose parents have been checked: every index valid, no circle.
    pub(crate) fn linked(
        labels: Vec<Label>,
        parents: Vec<Option<usize>>,
        warnings: Vec<Problem>,
    ) -> Self {
        debug_assert_eq!(labels.len(), parents.len());
        Self {
            labels,
            parents,
            warnings,
        }
    }

    /// Reads a vocabulary in any of the three forms.
    ///
    /// # Errors
    /// All the problems of the text, each with its line.
    pub fn parse(text: &str) -> Result<Self, VocabularyError> {
        parse::parse(text)
    }

    /// [`Vocabulary::parse`] of a file in UTF-8, with or without a mark, or in UTF-16 with one,
    /// as Lightroom on Windows has written it.
    ///
    /// # Errors
    /// As [`Vocabulary::parse`], with the file's name; and where the file cannot be read, is not
    /// text or has more than 16 MiB.
    pub(crate) fn read(path: &Path) -> Result<Self, VocabularyError> {
        let parsed = read_bytes(path)
            .map_err(|problem| VocabularyError::new(vec![problem]))
            .and_then(|bytes| parse::parse_bytes(&bytes));
        parsed.map_err(|error| error.in_file(path))
    }

    /// The text of a vocabulary file as it stands, after it has shown to be one: what a library
    /// keeps, so that it can give back the file that it was given.
    ///
    /// # Errors
    /// As [`Vocabulary::read`].
    pub(crate) fn read_text(path: &Path) -> Result<String, VocabularyError> {
        let text = read_bytes(path)
            .and_then(|bytes| parse::decode(&bytes))
            .map_err(|problem| VocabularyError::new(vec![problem]));
        text.and_then(|text| parse::parse(&text).map(|_| text))
            .map_err(|error| error.in_file(path))
    }

    /// The text of [`Vocabulary::builtin`].
    pub(crate) const BUILTIN_TEXT: &'static str = include_str!("../../../assets/vocabulary.toml");

    /// The vocabulary that Taglens brings (`assets/vocabulary.toml`).
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Vocabulary> = LazyLock::new(|| {
            Vocabulary::parse(Vocabulary::BUILTIN_TEXT)
                .unwrap_or_else(|error| unreachable!("a test holds the text to be sound: {error}"))
        });
        &BUILTIN
    }

    /// The labels, in the order of the file.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The threshold for labels without their own, if the vocabulary has one.
    pub(crate) fn general_threshold(&self) -> Option<f32> {
        self.labels
            .first()
            .and_then(|label| label.general_threshold)
    }

    /// The prior for labels without their own, if the vocabulary has one.
    pub(crate) fn general_prior(&self) -> Option<f32> {
        self.labels.first().and_then(|label| label.general_prior)
    }

    /// What a person may want to mend although the vocabulary is usable.
    pub(crate) fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The index of the label above the `label`th; `None` for roots and past the end.
    pub(crate) fn parent(&self, label: usize) -> Option<usize> {
        self.parents.get(label).copied().flatten()
    }

    /// The indices of the labels above the `label`th, the nearest first.
    pub(crate) fn ancestors(&self, label: usize) -> impl Iterator<Item = usize> + '_ {
        iter::successors(self.parent(label), |&above| self.parent(above))
    }

    /// The vocabulary in figures.
    pub(crate) fn summary(&self) -> Summary {
        let levels = |label| self.ancestors(label).count() + 1;
        Summary {
            labels: self.labels.len(),
            roots: self.parents.iter().filter(|p| p.is_none()).count(),
            depth: (0..self.labels.len()).map(levels).max().unwrap_or(0),
            synonyms: self.labels.iter().map(|l| l.synonyms.len()).sum(),
            exported: self.labels.iter().filter(|l| l.export).count(),
        }
    }
}

/// The file's content, no more of it than a vocabulary may have.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::whole("there is no such file"),
        _ => Problem::whole(format!("cannot read the vocabulary: {error}")),
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        return within_limit(bytes);
    }
    if path.is_dir() {
        return Err(Problem::whole("it is a folder, not a vocabulary file"));
    }
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    within_limit(bytes)
}

fn within_limit(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Problem::whole(format!(
            "the file has more than {} MiB; a vocabulary is a short text file",
            MAX_FILE_BYTES >> 20
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn ancestors_go_up_to_the_root() {
        let v = Vocabulary::parse("animal\n\tbird\n\t\tcrane\nplant").unwrap();
        let above: Vec<&str> = v
            .ancestors(2)
            .map(|i| v.labels()[i].name.as_str())
            .collect();
        assert_eq!(above, ["bird", "animal"]);
        assert_eq!(v.ancestors(0).count(), 0);
        assert_eq!(v.ancestors(99).count(), 0);
        assert_eq!(v.labels()[2].parent.as_deref(), Some("bird"));
        assert_eq!(
            v.summary(),
            Summary {
                labels: 4,
                roots: 2,
                depth: 3,
                synonyms: 0,
                exported: 4
            }
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let big = folder.path().join("big.txt");
        fs::write(&big, vec![b'a'; (MAX_FILE_BYTES + 1) as usize]).unwrap();
        for (path, word) in [
            (folder.path().join("none.txt"), "no such file"),
            (folder.path().to_owned(), "folder"),
            (big, "16 MiB"),
        ] {
            let error = Vocabulary::read(&path).unwrap_err();
            assert_eq!(error.path.as_deref(), Some(path.as_path()));
            assert!(error.to_string().contains(word), "{error}");
        }
        let small = folder.path().join("small.txt");
        fs::write(&small, "\u{FEFF}dog\r\ncat\r\n").unwrap();
        assert_eq!(Vocabulary::read(&small).unwrap().labels().len(), 2);
    }

    /// The builtin labels' own promises: read by people, and written into their sidecars.
    #[test]
    fn the_builtin_vocabulary_is_sound() {
        let v = Vocabulary::builtin();
        let summary = v.summary();
        assert!((380..=450).contains(&summary.labels), "{summary:?}");
        assert!(summary.depth <= 4, "{summary:?}");
        assert_eq!(v.warnings(), []);
        let roots: BTreeSet<&str> = (0..v.labels().len())
            .filter(|&i| v.parent(i).is_none())
            .map(|i| v.labels()[i].name.as_str())
            .collect();
        let expected = BTreeSet::from([
            "people",
            "animal",
            "plant",
            "food and drink",
            "place",
            "weather",
            "time of day",
            "event",
            "vehicle",
            "architecture",
            "indoors",
            "object",
            "clothing",
            "sport",
            "music",
            "art",
            "document",
        ]);
        assert_eq!(roots, expected);
        let mut words = BTreeSet::new();
        for label in v.labels() {
            assert_eq!(label.id, label.name, "a name of its own");
            assert_eq!(label.name, label.name.to_lowercase());
            for word in iter::once(&label.name).chain(&label.synonyms) {
                assert!(words.insert(word), "{word} stands for two labels");
            }
        }
    }
}
