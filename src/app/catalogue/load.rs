//! Reads the catalogue from the library.

use std::collections::HashMap;

use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::index::Index;
use crate::app::catalogue::label::{LabelInfo, LabelTexts, TreePlace};
use crate::app::catalogue::row::{Row, Tag, imply};
use crate::app::catalogue::{BUILTIN, Catalogue, VocabularyInfo};
use crate::core::ids::{FolderId, LabelId, PhotoId};
use crate::engine::ModelIdentity;
use crate::indexer::{DECODER_VERSION, PipelineError, tag_inputs};
use crate::services::learning;
use crate::services::learning::LabelLearning;
use crate::store::Store;
use crate::tagging::Vocabulary;

impl Catalogue {
    /// Reads everything.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn load(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        let stored = store.vocabulary()?;
        let mut labels = Labels::of(store)?;
        let tags = tags_by_photo(store, &mut labels)?;
        let labels = labels.list;
        let (rows, counts) = rows(store, &tags, &labels)?;
        let folders = store.folders()?.into_iter().map(|folder| FolderInfo {
            count: counts.get(&folder.id).copied().unwrap_or(0),
            folder,
        });
        let id = store.model(&model.fingerprint)?;
        let vocabularies = store.vocabularies()?.into_iter();
        let mut catalogue = Self {
            index: Index::of(&rows),
            rows,
            labels,
            folders: folders.collect(),
            summary: store.summary(id, DECODER_VERSION)?,
            vocabulary_name: stored
                .as_ref()
                .map_or_else(|| BUILTIN.into(), |v| v.name.clone()),
            vocabulary_text: stored.map_or_else(|| Vocabulary::BUILTIN_TEXT.into(), |v| v.text),
            vocabularies: vocabularies
                .map(|(name, in_use)| VocabularyInfo { name, in_use })
                .collect(),
        };
        catalogue.count();
        Ok(catalogue)
    }
}

/// The labels, and their places in the list.
struct Labels {
    list: Vec<LabelInfo>,
    places: HashMap<LabelId, usize>,
    names: HashMap<LabelId, String>,
}

impl Labels {
    /// The vocabulary's labels, parents before their children.
    fn of(store: &Store) -> Result<Self, PipelineError> {
        let vocabulary = tag_inputs::vocabulary(store)?;
        let names: HashMap<LabelId, String> = store.label_names()?.into_iter().collect();
        let by_name: HashMap<&str, LabelId> =
            names.iter().map(|(id, n)| (n.as_str(), *id)).collect();
        let (order, children) = depth_first(&vocabulary);
        let place: HashMap<usize, usize> = order.iter().enumerate().map(|(p, i)| (*i, p)).collect();
        let lessons = learning::list(store)?.into_iter();
        let mut lessons: HashMap<String, LabelLearning> =
            lessons.map(|l| (l.label.clone(), l)).collect();
        let list: Vec<LabelInfo> = order
            .iter()
            .filter_map(|i| {
                let label = vocabulary.labels().get(*i)?;
                Some(LabelInfo {
                    id: by_name.get(label.id.as_str()).copied(),
                    name: label.id.clone(),
                    short: label.name.clone(),
                    tree: TreePlace {
                        depth: vocabulary.ancestors(*i).count(),
                        parent: vocabulary.parent(*i).and_then(|p| place.get(&p).copied()),
                        has_children: children.contains_key(&Some(*i)),
                    },
                    in_vocabulary: true,
                    threshold: label.threshold,
                    export: label.export,
                    texts: LabelTexts {
                        synonyms: label.synonyms.clone(),
                        prompts: label.prompts.clone(),
                        negatives: label.negatives.clone(),
                    },
                    accepted: 0,
                    suggested: 0,
                    learning: lessons.remove(&label.id),
                })
            })
            .collect();
        let numbered = list.iter().enumerate();
        let places = numbered.filter_map(|(at, l)| Some((l.id?, at))).collect();
        Ok(Self {
            list,
            places,
            names,
        })
    }

    /// Returns the index of a stored tag's label. A keyword of the user's that is not in the
    /// vocabulary is added; a label that was removed from it keeps its decisions, but not the
    /// machine's tags.
    fn place(&mut self, label: LabelId, decided: bool) -> Option<usize> {
        if let Some(place) = self.places.get(&label) {
            return Some(*place);
        }
        if !decided {
            return None;
        }
        let name = self.names.get(&label).map_or("", String::as_str);
        self.list.push(LabelInfo::unlisted(label, name));
        let place = self.list.len() - 1;
        self.places.insert(label, place);
        Some(place)
    }
}

type Children = HashMap<Option<usize>, Vec<usize>>;

/// Returns the vocabulary's labels with each parent before its children, and the children of each.
fn depth_first(vocabulary: &Vocabulary) -> (Vec<usize>, Children) {
    let mut children = Children::new();
    for i in 0..vocabulary.labels().len() {
        children.entry(vocabulary.parent(i)).or_default().push(i);
    }
    let mut order: Vec<usize> = Vec::new();
    let mut stack: Vec<usize> = children.get(&None).cloned().unwrap_or_default();
    stack.reverse();
    while let Some(i) = stack.pop() {
        order.push(i);
        let below = children.get(&Some(i)).into_iter().flatten();
        stack.extend(below.rev());
    }
    (order, children)
}

/// Reads all tags in the order of their photos, into one vector instead of many small ones.
fn tags_by_photo(store: &Store, labels: &mut Labels) -> Result<Vec<(PhotoId, Tag)>, PipelineError> {
    let stored = store.overview_tags()?;
    let mut tags: Vec<(PhotoId, Tag)> = Vec::with_capacity(stored.len());
    for tag in stored {
        let photo = tag.photo_id;
        let Some(label) = labels.place(tag.label, tag.decided) else {
            continue;
        };
        let tag = Tag {
            label,
            confidence: tag.confidence,
            given: tag.given,
            state: tag.state,
            decided: tag.decided,
            implied: false,
        };
        tags.push((photo, tag));
    }
    tags.sort_unstable_by_key(|(photo, _)| *photo);
    Ok(tags)
}

/// Reads the rows, and counts those of each folder.
fn rows(
    store: &Store,
    tags: &[(PhotoId, Tag)],
    labels: &[LabelInfo],
) -> Result<(Vec<Row>, HashMap<FolderId, usize>), PipelineError> {
    let tags_of = |photo: PhotoId| -> Vec<Tag> {
        let first = tags.partition_point(|(p, _)| *p < photo);
        let from = tags.get(first..).unwrap_or_default();
        let count = from.iter().take_while(|(p, _)| *p == photo).count();
        let some = from.get(..count).unwrap_or_default();
        some.iter().map(|(_, tag)| *tag).collect()
    };
    let files = store.overview_files()?;
    let mut rows: Vec<Row> = Vec::with_capacity(files.len());
    let mut counts: HashMap<FolderId, usize> = HashMap::new();
    for file in files {
        *counts.entry(file.folder_id).or_default() += 1;
        let mut row = Row {
            id: file.id,
            path: file.path,
            folder_id: file.folder_id,
            captured: file.captured,
            size_bytes: file.size_bytes,
            photo: file.photo_id.zip(file.hash),
            failed: file.failed,
            tags: file.photo_id.map(tags_of).unwrap_or_default(),
        };
        imply(&mut row.tags, labels);
        row.sort_tags();
        rows.push(row);
    }
    Ok((rows, counts))
}
