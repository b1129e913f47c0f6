//! Reads the catalogue from the library.

use std::collections::HashMap;

use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::folder_tree::FolderTree;
use crate::app::catalogue::index::Index;
use crate::app::catalogue::label::{LabelInfo, LabelTexts, TreePlace};
use crate::app::catalogue::quick_filter::Facets;
use crate::app::catalogue::row::{Row, Tag, imply};
use crate::app::catalogue::rows::Rows;
use crate::app::catalogue::tag_index::TagIndex;
use crate::app::catalogue::{BUILTIN, Catalogue, VocabularyInfo};
use crate::core::ids::{FolderId, LabelId, PhotoId};
use crate::engine::ModelIdentity;
use crate::indexer::{DECODER_VERSION, PipelineError, tag_inputs};
use crate::services::learning;
use crate::services::learning::LabelLearning;
use crate::services::passed_over;
use crate::store::{OverviewTag, Store, StoreError, Summary, join};
use crate::tagging::Vocabulary;

impl Catalogue {
    /// Reads everything.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn load(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        let mut labels = Labels::of(store)?;
        let tags = tags_by_photo(store, &mut labels, None)?;
        let mut rows = Rows::default();
        store.each_overview_file(|file| rows.add(file))?;
        let mut catalogue = Self::of(store, labels, &tags, rows)?;
        let id = store.model(&model.fingerprint)?;
        catalogue.summary = store.summary(id, DECODER_VERSION)?;
        catalogue.count();
        Ok(catalogue)
    }

    /// Reads the first photos by path, at most `most`, to show until everything is read. Their tags are
    /// complete; nothing is counted.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn first_page(store: &Store, most: usize) -> Result<Self, PipelineError> {
        let mut labels = Labels::of(store)?;
        let files = store.first_overview_files(most)?;
        let photos: Vec<PhotoId> = files.iter().filter_map(|file| file.photo_id).collect();
        let tags = tags_by_photo(store, &mut labels, Some(&photos))?;
        let mut rows = Rows::default();
        files.into_iter().for_each(|file| rows.add(file));
        Self::of(store, labels, &tags, rows)
    }

    /// Joins what was read of the library.
    fn of(
        store: &Store,
        labels: Labels,
        tags: &[OverviewTag],
        mut read: Rows,
    ) -> Result<Self, PipelineError> {
        let stored = store.vocabulary()?;
        let has_stacks = store.has_stacks()?;
        if has_stacks {
            read.stack();
        }
        for row in &mut read.rows {
            row.tags = row_tags(row, tags, &labels.places);
            imply(&mut row.tags, &labels.list);
            row.sort_tags();
            // A few spare places in each of a million rows would be a hundred megabytes.
            row.tags.shrink_to_fit();
        }
        let mut counts: HashMap<FolderId, usize> = HashMap::new();
        for folder in &read.folders {
            *counts.entry(*folder).or_default() += 1;
        }
        let folders = store.folders()?.into_iter().map(|folder| {
            Ok(FolderInfo {
                count: counts.get(&folder.id).copied().unwrap_or(0),
                passed_over: passed_over::of_folder(store, folder.id)?,
                folder,
            })
        });
        let vocabularies = store.vocabularies()?.into_iter();
        let folders = folders.collect::<Result<Vec<_>, StoreError>>()?;
        let (rows, labels) = (read.rows, labels.list);
        Ok(Self {
            index: Index::of(&rows),
            tag_index: TagIndex::of(&rows, labels.len()),
            tree: FolderTree::of(&folders, &rows),
            facets: Facets::of(&rows, read.cameras.names),
            rows,
            labels,
            folders,
            summary: Summary::default(),
            has_stacks,
            has_videos: store.videos()?,
            vocabulary_name: stored
                .as_ref()
                .map_or_else(|| BUILTIN.into(), |v| v.name.clone()),
            vocabulary_text: stored.map_or_else(|| Vocabulary::BUILTIN_TEXT.into(), |v| v.text),
            vocabularies: vocabularies
                .map(|(name, in_use)| VocabularyInfo { name, in_use })
                .collect(),
        })
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
                        model_names: label.model_names.clone(),
                        prompts: label.prompts.clone(),
                        negatives: label.negatives.clone(),
                    },
                    accepted: 0,
                    suggested: 0,
                    expected: 0.0,
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

/// Reads the tags of some photos, or of all, in the order of their photos.
fn tags_by_photo(
    store: &Store,
    labels: &mut Labels,
    photos: Option<&[PhotoId]>,
) -> Result<Vec<OverviewTag>, PipelineError> {
    let mut tags = store.overview_tags(photos)?;
    tags.retain(|tag| labels.place(tag.label, tag.decided_ms.is_some()).is_some());
    tags.sort_unstable_by_key(|tag| tag.photo_id);
    Ok(tags)
}

/// The tags of one photo.
fn tags_of(tags: &[OverviewTag], photo: PhotoId) -> &[OverviewTag] {
    let first = tags.partition_point(|tag| tag.photo_id < photo);
    let from = tags.get(first..).unwrap_or_default();
    let count = from.iter().take_while(|tag| tag.photo_id == photo).count();
    from.get(..count).unwrap_or_default()
}

/// The tags of a file, with the decisions on the other files of its stack.
fn row_tags(row: &Row, tags: &[OverviewTag], places: &HashMap<LabelId, usize>) -> Vec<Tag> {
    let own = row.photo_id().map(|photo| tags_of(tags, photo));
    let own = own.unwrap_or_default();
    let mut others = row.other_photos().peekable();
    if others.peek().is_none() {
        return own.iter().filter_map(|tag| shown(tag, places)).collect();
    }
    let mut joined = own.to_vec();
    for other in others.flat_map(|photo| tags_of(tags, photo)) {
        match joined.iter_mut().find(|tag| tag.label == other.label) {
            Some(known) => *known = join(Some(*known), other).unwrap_or(*known),
            None => joined.extend(join(None, other)),
        }
    }
    joined.iter().filter_map(|tag| shown(tag, places)).collect()
}

fn shown(tag: &OverviewTag, places: &HashMap<LabelId, usize>) -> Option<Tag> {
    Some(Tag {
        label: *places.get(&tag.label)?,
        confidence: tag.confidence,
        given: tag.given,
        state: tag.state,
        decided: tag.decided_ms.is_some(),
        implied: false,
    })
}
