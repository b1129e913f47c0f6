//! Everything that lists show of the library, in memory.

pub(crate) mod file_names;
pub(crate) mod folder;
pub(crate) mod folder_tree;
pub(crate) mod index;
pub(crate) mod label;
mod load;
#[cfg(test)]
mod load_tests;
pub(crate) mod order;
pub(crate) mod quick_filter;
pub(crate) mod row;
mod rows;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod tag_index;

use std::path::Path;

use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::folder_tree::FolderTree;
use crate::app::catalogue::index::Index;
use crate::app::catalogue::label::LabelInfo;
use crate::app::catalogue::quick_filter::Facets;
use crate::app::catalogue::row::{Row, Tag};
use crate::app::catalogue::tag_index::TagIndex;
use crate::services::builtin_labels;
use crate::store::{Summary, TagState};
use crate::words::Language;

/// Marks the built-in vocabulary. No vocabulary of the user's has that name.
pub(crate) const BUILTIN: &str = "Built-in";

/// One of the user's vocabularies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VocabularyInfo {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is in use.
    pub(crate) in_use: bool,
}

/// The library as lists show it.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// All files that are not missing, by path. Of a stack it has only the file that shows the photo.
    pub rows: Vec<Row>,
    /// Orders and groups of them.
    pub(crate) index: Index,
    /// The rows by their tags.
    pub(crate) tag_index: TagIndex,
    /// The vocabulary's labels, parents before their children, then those known only from
    /// decisions.
    pub labels: Vec<LabelInfo>,
    /// The library's folders, by path.
    pub(crate) folders: Vec<FolderInfo>,
    /// The same with the folders below them.
    pub(crate) tree: FolderTree,
    /// The number of photos of each quick filter.
    pub(crate) facets: Facets,
    /// The progress of the files.
    pub summary: Summary,
    /// Whether files of one photo are one row.
    pub(crate) has_stacks: bool,
    /// Whether the library includes videos.
    pub(crate) has_videos: bool,
    /// The vocabulary in use as its author wrote it.
    pub(crate) vocabulary_text: String,
    /// The name of the vocabulary in use.
    pub(crate) vocabulary_name: String,
    /// The user's vocabularies.
    pub(crate) vocabularies: Vec<VocabularyInfo>,
}

impl Catalogue {
    /// Counts each label's photos.
    pub(crate) fn count(&mut self) {
        for label in &mut self.labels {
            (label.accepted, label.suggested, label.expected) = (0, 0, 0.0);
        }
        self.facets.clear_tags();
        for row in &self.rows {
            self.facets.count_tags(row, true);
        }
        for tag in self.rows.iter().flat_map(|r| &r.tags) {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count += 1;
            }
            let label = self.labels.get_mut(tag.label);
            if let Some(label) = label.filter(|_| tag.state == TagState::Suggested) {
                label.expected += tag.confidence.unwrap_or(0.0);
            }
        }
    }

    /// Changes the tags of the row at that place, the counts and the index; returns the changed row.
    /// Nothing else changes tags.
    pub(crate) fn change_tags(&mut self, at: usize, change: impl FnOnce(&mut Row)) -> Option<&Row> {
        let number = u32::try_from(at).ok()?;
        let row = self.rows.get_mut(at)?;
        self.tag_index.remove(number, row);
        self.facets.count_tags(row, false);
        for tag in &row.tags {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count = count.saturating_sub(1);
            }
        }
        change(row);
        self.tag_index.put(number, row);
        self.facets.count_tags(row, true);
        for tag in &row.tags {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count += 1;
            }
        }
        Some(row)
    }

    /// Sorts rows whose tags have changed into the order of certainty.
    pub(crate) fn sort_tags(&mut self) {
        self.tag_index.sort(&self.rows);
    }

    /// The index of the row with that path.
    pub(crate) fn row_at(&self, path: &Path) -> Option<usize> {
        // By bytes, which is the library's order; paths compare by their components.
        let bytes = path.as_os_str().as_encoded_bytes();
        let order = |row: &Row| row.path.as_os_str().as_encoded_bytes().cmp(bytes);
        self.rows.binary_search_by(order).ok()
    }

    /// The vocabulary's name if it is the user's own.
    pub(crate) fn own_vocabulary(&self) -> Option<&str> {
        let name = self.vocabulary_name.as_str();
        (name != BUILTIN).then_some(name)
    }

    /// The language of the built-in labels, if the vocabulary has them.
    pub(crate) fn labels_language(&self) -> Option<Language> {
        let labels = self.labels.iter().filter(|l| l.in_vocabulary);
        builtin_labels::language_of(
            labels.map(|l| (l.short.as_str(), l.texts.model_names.as_slice())),
        )
    }

    /// Whether the vocabulary has a label with exactly that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut labels = self.labels.iter();
        labels.any(|l| l.in_vocabulary && l.name == name)
    }

    /// The index of the label of that name, in any case.
    pub fn label(&self, name: &str) -> Option<usize> {
        let lower = name.to_lowercase();
        let exact = self.labels.iter().position(|l| l.name == name);
        exact.or_else(|| {
            let matches = |l: &LabelInfo| {
                l.name.to_lowercase() == lower
                    || l.short.to_lowercase() == lower
                    || l.texts.synonyms.iter().any(|s| s.to_lowercase() == lower)
            };
            self.labels.iter().position(matches)
        })
    }

    /// The number of undecided suggestions.
    pub fn suggestions(&self) -> usize {
        self.labels.iter().map(|l| l.suggested).sum()
    }
}

/// The counter for a tag.
fn counted<'a>(labels: &'a mut [LabelInfo], tag: &Tag) -> Option<&'a mut usize> {
    let label = labels.get_mut(tag.label)?;
    match tag.state {
        TagState::Accepted => Some(&mut label.accepted),
        TagState::Suggested => Some(&mut label.suggested),
        TagState::Rejected => None,
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{catalogue, row, tag};
    use super::*;

    #[test]
    fn counts_follow_changed_tags() {
        let mut rows = vec![row("/a.jpg", Some(1), 0), row("/b.jpg", Some(2), 0)];
        rows[0].tags.push(tag(0, 0.9, TagState::Accepted));
        rows[1].tags.push(tag(0, 0.4, TagState::Suggested));
        let mut catalogue = catalogue(rows, &["dog"]);
        let counts = |c: &Catalogue| (c.labels[0].accepted, c.labels[0].suggested);
        assert_eq!(counts(&catalogue), (1, 1));
        let accept = |row: &mut Row| row.tags[0].state = TagState::Accepted;
        assert!(catalogue.change_tags(1, accept).is_some());
        assert_eq!(counts(&catalogue), (2, 0));
        assert!(catalogue.change_tags(2, |_| ()).is_none());
        let before = counts(&catalogue);
        catalogue.count();
        assert_eq!(counts(&catalogue), before);
    }

    #[test]
    fn rows_are_found_by_path() {
        let rows = vec![row("/a b/1.jpg", Some(1), 0), row("/a/1.jpg", Some(2), 0)];
        let catalogue = catalogue(rows, &[]);
        assert_eq!(catalogue.row_at(Path::new("/a/1.jpg")), Some(1));
        assert_eq!(catalogue.row_at(Path::new("/a b/1.jpg")), Some(0));
        assert_eq!(catalogue.row_at(Path::new("/c.jpg")), None);
    }
}
