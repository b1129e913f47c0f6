//! Everything that lists show of the library, in memory.

pub mod index;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::app::catalogue::index::Index;
use crate::core::photo::{ContentHash, Presence};
use crate::engine::ModelIdentity;
use crate::indexer::{PipelineError, ruling};
use crate::services::learning;
use crate::services::learning::LabelLearning;
use crate::store::{Folder, FolderState, LabelId, Store, Summary, TagState};

/// A label on a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tag {
    /// Its place in [`Catalogue::labels`].
    pub label: usize,
    /// The machine's confidence; `None` where only the person speaks.
    pub confidence: Option<f32>,
    /// Whether the machine gives it, were it alone.
    pub given: bool,
    /// What comes of machine and person.
    pub state: TagState,
    /// Whether the person decided.
    pub decided: bool,
    /// Whether a label of the photo lies below it, which says more.
    pub implied: bool,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the library, which it keeps wherever it moves.
    pub id: i64,
    /// Where it lies.
    pub path: PathBuf,
    /// The folder of the library.
    pub folder_id: i64,
    /// When it was modified, in nanoseconds since 1970-01-01 UTC.
    pub modified_ns: i64,
    /// Its length.
    pub size_bytes: u64,
    /// Whether it is there.
    pub presence: Presence,
    /// Its photo and content; `None` where it was not read yet.
    pub photo: Option<(i64, ContentHash)>,
    /// Whether it cannot be read.
    pub failed: bool,
    /// Accepted labels first, then suggested, then rejected; those that say most first, each by falling
    /// confidence.
    pub tags: Vec<Tag>,
}

impl Row {
    /// The file's name as it is shown.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// What the label is to this photo.
    pub fn tag(&self, label: usize) -> Option<&Tag> {
        self.tags.iter().find(|t| t.label == label)
    }

    /// The highest confidence of an accepted or suggested label.
    pub fn confidence(&self) -> f32 {
        let shown = self.tags.iter().filter(|t| t.state != TagState::Rejected);
        shown
            .filter_map(|t| t.confidence)
            .fold(0.0, |a, b| a.max(b))
    }

    pub(crate) fn sort_tags(&mut self) {
        self.tags.sort_by(|a, b| {
            let confidence = |t: &Tag| t.confidence.unwrap_or(1.0);
            (a.state as u8, a.implied)
                .cmp(&(b.state as u8, b.implied))
                .then(confidence(b).total_cmp(&confidence(a)))
        });
    }
}

/// A label.
#[derive(Clone, Debug)]
pub struct LabelInfo {
    /// Its number in the library; `None` where nothing is known of it yet.
    pub id: Option<LabelId>,
    /// Its id in the vocabulary.
    pub name: String,
    /// What is shown of it: the name without its ancestors'.
    pub short: String,
    /// How many labels are above it.
    pub depth: usize,
    /// Its parent's place in [`Catalogue::labels`].
    pub parent: Option<usize>,
    /// Whether others are below it.
    pub has_children: bool,
    /// Whether it is in the vocabulary in use, or only known from decisions.
    pub in_vocabulary: bool,
    /// The confidence from which it is given, where it has one of its own.
    pub threshold: Option<f32>,
    /// Whether it goes into sidecars.
    pub export: bool,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// Texts that say what it means.
    pub prompts: Vec<String>,
    /// Texts for what is not meant.
    pub negatives: Vec<String>,
    /// Photos that have it.
    pub accepted: usize,
    /// Photos that it is suggested for.
    pub suggested: usize,
    /// How it learns from decisions, where there are any.
    pub learning: Option<LabelLearning>,
}

/// A folder of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderInfo {
    /// The folder.
    pub folder: Folder,
    /// Files in it.
    pub count: usize,
}

impl FolderInfo {
    /// The state in a word.
    pub fn state(&self) -> &'static str {
        match self.folder.state {
            FolderState::Active => "watching",
            FolderState::Paused => "paused",
            FolderState::Offline => "offline",
        }
    }

    /// What it is called in lists.
    pub fn name(&self) -> String {
        let path: &Path = &self.folder.path;
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// The library as lists show it.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// All files that are not missing, by path.
    pub rows: Vec<Row>,
    /// Orders and groups of them.
    pub index: Index,
    /// The vocabulary's labels, parents before their children, then those only known from decisions.
    pub labels: Vec<LabelInfo>,
    /// The library's folders, by path.
    pub folders: Vec<FolderInfo>,
    /// How far the photos have come.
    pub summary: Summary,
    /// The vocabulary in use as its author wrote it.
    pub vocabulary_text: String,
    /// What the vocabulary in use is called.
    pub vocabulary_name: String,
    /// The person's vocabularies, and which is in use.
    pub vocabularies: Vec<(String, bool)>,
}

/// The vocabulary that comes with the program, as it is called in lists.
pub(crate) const BUILTIN: &str = "Built-in";

impl Catalogue {
    /// Reads all of it.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn load(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        let vocabulary = ruling::vocabulary(store)?;
        let stored = store.vocabulary()?;
        let numbers = store.label_names()?;
        let by_name: HashMap<&str, LabelId> =
            numbers.iter().map(|(id, n)| (n.as_str(), *id)).collect();
        let mut order: Vec<usize> = Vec::new();
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for i in 0..vocabulary.labels().len() {
            children.entry(vocabulary.parent(i)).or_default().push(i);
        }
        let mut stack: Vec<usize> = children.get(&None).cloned().unwrap_or_default();
        stack.reverse();
        while let Some(i) = stack.pop() {
            order.push(i);
            let below = children.get(&Some(i)).into_iter().flatten();
            stack.extend(below.rev());
        }
        let place: HashMap<usize, usize> = order.iter().enumerate().map(|(p, i)| (*i, p)).collect();
        let lessons = learning::list(store)?.into_iter();
        let mut lessons: HashMap<String, LabelLearning> =
            lessons.map(|l| (l.label.clone(), l)).collect();
        let mut labels: Vec<LabelInfo> = order
            .iter()
            .filter_map(|i| {
                let label = vocabulary.labels().get(*i)?;
                Some(LabelInfo {
                    id: by_name.get(label.id.as_str()).copied(),
                    name: label.id.clone(),
                    short: label.name.clone(),
                    depth: vocabulary.ancestors(*i).count(),
                    parent: vocabulary.parent(*i).and_then(|p| place.get(&p).copied()),
                    has_children: children.contains_key(&Some(*i)),
                    in_vocabulary: true,
                    threshold: label.threshold,
                    export: label.export,
                    synonyms: label.synonyms.clone(),
                    prompts: label.prompts.clone(),
                    negatives: label.negatives.clone(),
                    accepted: 0,
                    suggested: 0,
                    learning: lessons.remove(&label.id),
                })
            })
            .collect();
        let mut places: HashMap<LabelId, usize> = HashMap::new();
        for (at, label) in labels.iter().enumerate() {
            if let Some(id) = label.id {
                places.insert(id, at);
            }
        }
        let names: HashMap<LabelId, &str> =
            numbers.iter().map(|(id, n)| (*id, n.as_str())).collect();

        // One list in the order of photos: a list a photo would be as many small pieces of memory.
        let stored_tags = store.overview_tags()?;
        let mut tags: Vec<(i64, Tag)> = Vec::with_capacity(stored_tags.len());
        for tag in stored_tags {
            let tag_photo = tag.photo_id;
            let label = match places.get(&tag.label) {
                Some(label) => *label,
                // A keyword of the person's that the vocabulary does not have; a label that was
                // taken out of it keeps its decisions, not the machine's tags.
                None if tag.decided => {
                    let name = names.get(&tag.label).copied().unwrap_or_default();
                    labels.push(LabelInfo::unlisted(tag.label, name));
                    places.insert(tag.label, labels.len() - 1);
                    labels.len() - 1
                }
                None => continue,
            };
            let tag = Tag {
                label,
                confidence: tag.confidence,
                given: tag.given,
                state: tag.state,
                decided: tag.decided,
                implied: false,
            };
            tags.push((tag_photo, tag));
        }
        tags.sort_unstable_by_key(|(photo, _)| *photo);
        let tags_of = |photo: i64| -> Vec<Tag> {
            let first = tags.partition_point(|(p, _)| *p < photo);
            let from = tags.get(first..).unwrap_or_default();
            let count = from.iter().take_while(|(p, _)| *p == photo).count();
            let some = from.get(..count).unwrap_or_default();
            some.iter().map(|(_, tag)| *tag).collect()
        };
        let files = store.overview_files()?;
        let mut rows: Vec<Row> = Vec::with_capacity(files.len());
        let mut counts: HashMap<i64, usize> = HashMap::new();
        for file in files {
            *counts.entry(file.folder_id).or_default() += 1;
            let mut row = Row {
                id: file.id,
                path: file.path,
                folder_id: file.folder_id,
                modified_ns: file.modified_ns,
                size_bytes: file.size_bytes,
                presence: file.presence,
                photo: file.photo_id.zip(file.hash),
                failed: file.failed,
                tags: file.photo_id.map(tags_of).unwrap_or_default(),
            };
            imply(&mut row.tags, &labels);
            row.sort_tags();
            rows.push(row);
        }
        let folders = store.folders()?.into_iter().map(|folder| FolderInfo {
            count: counts.get(&folder.id).copied().unwrap_or(0),
            folder,
        });
        let id = store.model(&model.fingerprint)?;
        let mut catalogue = Self {
            index: Index::of(&rows),
            rows,
            labels,
            folders: folders.collect(),
            summary: store.summary(id, crate::indexer::DECODER_VERSION)?,
            vocabulary_name: stored
                .as_ref()
                .map_or_else(|| BUILTIN.into(), |v| v.name.clone()),
            vocabulary_text: stored.map_or_else(
                || include_str!("../../../assets/vocabulary.toml").into(),
                |v| v.text,
            ),
            vocabularies: store.vocabularies()?,
        };
        catalogue.count();
        Ok(catalogue)
    }

    /// Counts each label's photos.
    pub fn count(&mut self) {
        for label in &mut self.labels {
            (label.accepted, label.suggested) = (0, 0);
        }
        for tag in self.rows.iter().flat_map(|r| &r.tags) {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count += 1;
            }
        }
    }

    /// Changes the tags of the row at that place, and what is counted with them; gives the row as it
    /// is then.
    pub(crate) fn change_tags(&mut self, at: usize, change: impl FnOnce(&mut Row)) -> Option<&Row> {
        let row = self.rows.get_mut(at)?;
        for tag in &row.tags {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count = count.saturating_sub(1);
            }
        }
        change(row);
        for tag in &row.tags {
            if let Some(count) = counted(&mut self.labels, tag) {
                *count += 1;
            }
        }
        Some(row)
    }

    /// The place of the row of that path.
    pub fn row_at(&self, path: &Path) -> Option<usize> {
        // By bytes, as the library has them in order; paths compare by their parts.
        let bytes = path.as_os_str().as_encoded_bytes();
        let order = |row: &Row| row.path.as_os_str().as_encoded_bytes().cmp(bytes);
        self.rows.binary_search_by(order).ok()
    }

    /// Whether the vocabulary has a label of just that name.
    pub fn has(&self, name: &str) -> bool {
        let mut labels = self.labels.iter();
        labels.any(|l| l.in_vocabulary && l.name == name)
    }

    /// The place of the label of that name, whatever its case.
    pub fn label(&self, name: &str) -> Option<usize> {
        let lower = name.to_lowercase();
        let exact = self.labels.iter().position(|l| l.name == name);
        exact.or_else(|| {
            let matches = |l: &LabelInfo| {
                l.name.to_lowercase() == lower
                    || l.short.to_lowercase() == lower
                    || l.synonyms.iter().any(|s| s.to_lowercase() == lower)
            };
            self.labels.iter().position(matches)
        })
    }

    /// How much is suggested and not yet decided.
    pub fn suggestions(&self) -> usize {
        self.labels.iter().map(|l| l.suggested).sum()
    }
}

/// What a tag counts for.
fn counted<'a>(labels: &'a mut [LabelInfo], tag: &Tag) -> Option<&'a mut usize> {
    let label = labels.get_mut(tag.label)?;
    match tag.state {
        TagState::Accepted => Some(&mut label.accepted),
        TagState::Suggested => Some(&mut label.suggested),
        TagState::Rejected => None,
    }
}

/// Marks the tags that follow from others on the same photo.
fn imply(tags: &mut [Tag], labels: &[LabelInfo]) {
    for at in 0..tags.len() {
        let Some(tag) = tags
            .get(at)
            .copied()
            .filter(|t| t.state == TagState::Accepted)
        else {
            continue;
        };
        let mut above = labels.get(tag.label).and_then(|l| l.parent);
        while let Some(parent) = above {
            if let Some(implied) = tags.iter_mut().find(|t| t.label == parent) {
                implied.implied = true;
            }
            above = labels.get(parent).and_then(|l| l.parent);
        }
    }
}

impl LabelInfo {
    /// A label that no vocabulary has.
    pub(crate) fn unlisted(id: LabelId, name: &str) -> Self {
        Self {
            id: Some(id),
            ..Self::new(name)
        }
    }

    /// A label that nothing is known of but its name.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            id: None,
            name: name.to_owned(),
            short: name.to_owned(),
            depth: 0,
            parent: None,
            has_children: false,
            in_vocabulary: false,
            threshold: None,
            export: true,
            synonyms: Vec::new(),
            prompts: Vec::new(),
            negatives: Vec::new(),
            accepted: 0,
            suggested: 0,
            learning: None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row that has no tags yet.
    pub fn row(path: &str, photo: Option<i64>, modified_ns: i64) -> Row {
        Row {
            id: photo.unwrap_or(-1),
            path: PathBuf::from(path),
            folder_id: 1,
            modified_ns,
            size_bytes: 1000,
            presence: Presence::Present,
            photo: photo.map(|p| (p, ContentHash::new([p as u8; 32]))),
            failed: false,
            tags: Vec::new(),
        }
    }

    /// A tag of the machine's, or where it is rejected of the person's.
    pub fn tag(label: usize, confidence: f32, state: TagState) -> Tag {
        Tag {
            label,
            confidence: Some(confidence),
            given: state == TagState::Accepted,
            state,
            decided: state == TagState::Rejected,
            implied: false,
        }
    }

    /// A library of these rows and labels.
    pub fn catalogue(rows: Vec<Row>, labels: &[&str]) -> Catalogue {
        let mut catalogue = Catalogue {
            index: Index::of(&rows),
            rows,
            labels: labels.iter().map(|l| LabelInfo::new(l)).collect(),
            ..Catalogue::default()
        };
        catalogue.count();
        catalogue
    }

    #[test]
    fn what_says_most_comes_first() {
        let mut labels = ["animal", "cat", "sofa"].map(LabelInfo::new);
        labels[1].parent = Some(0);
        let mut row = row("/a.jpg", Some(1), 0);
        row.tags = vec![
            tag(0, 0.99, TagState::Accepted),
            tag(1, 0.9, TagState::Accepted),
            tag(2, 0.95, TagState::Suggested),
        ];
        imply(&mut row.tags, &labels);
        row.sort_tags();
        let order: Vec<usize> = row.tags.iter().map(|t| t.label).collect();
        assert_eq!(order, [1, 0, 2]);
    }

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
