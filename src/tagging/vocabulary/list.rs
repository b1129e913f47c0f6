//! The labels that photos are tagged with, and their parents.

use std::iter;

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::label::{General, Label};

/// At least one label, in the order of the file, without duplicates under one parent and without
/// cycles of parents.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    labels: Vec<Label>,
    /// The index of each label's parent.
    parents: Vec<Option<usize>>,
    warnings: Vec<Problem>,
}

/// The counts of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// All labels.
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
    /// Takes labels with checked parents: every index valid, no cycle.
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

    /// The labels, in the order of the file.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The values for labels without their own.
    pub(crate) fn general(&self) -> General {
        let first = self.labels.first();
        first.map_or_else(General::default, |label| label.general)
    }

    /// Problems that do not make the vocabulary unusable.
    pub(crate) fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The index of the `label`th label's parent; `None` for roots and past the end.
    pub(crate) fn parent(&self, label: usize) -> Option<usize> {
        self.parents.get(label).copied().flatten()
    }

    /// The indices of the labels above the `label`th, the nearest first.
    pub(crate) fn ancestors(&self, label: usize) -> impl Iterator<Item = usize> + '_ {
        iter::successors(self.parent(label), |&above| self.parent(above))
    }

    /// Counts labels and the like.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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

    /// Checks the built-in labels, which people read and get into their sidecars.
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
            "camping",
            "gardening",
            "cooking",
            "reading",
            "music",
            "art",
            "document",
        ]);
        assert_eq!(roots, expected);
        // No text describes these: a photo is given them only with a label below them.
        let indices = 0..v.labels().len();
        let vague = indices.filter(|&i| v.labels()[i].likely_share() == 0.0);
        let names: BTreeSet<&str> = vague
            .inspect(|&i| assert!((0..v.labels().len()).any(|child| v.parent(child) == Some(i))))
            .map(|i| v.labels()[i].name.as_str())
            .collect();
        let expected = BTreeSet::from([
            "place",
            "weather",
            "time of day",
            "event",
            "object",
            "sport",
            "music",
        ]);
        assert_eq!(names, expected);
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
