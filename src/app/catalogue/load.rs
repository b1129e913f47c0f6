//! Reads the catalogue from the library.

use std::collections::{HashMap, HashSet};

use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::folder_tree::FolderTree;
use crate::app::catalogue::index::Index;
use crate::app::catalogue::label::{LabelInfo, LabelTexts, TreePlace};
use crate::app::catalogue::quick_filter::Facets;
use crate::app::catalogue::row::{Row, Tag, imply};
use crate::app::catalogue::tag_index::TagIndex;
use crate::app::catalogue::{BUILTIN, Catalogue, VocabularyInfo};
use crate::core::capture::Captured;
use crate::core::file_kind::FileKind;
use crate::core::ids::{FolderId, LabelId, PhotoId};
use crate::core::stack;
use crate::core::stack::StackFile;
use crate::engine::ModelIdentity;
use crate::indexer::{DECODER_VERSION, PipelineError, tag_inputs};
use crate::services::learning;
use crate::services::learning::LabelLearning;
use crate::store::{OverviewFile, OverviewTag, StackedFile, Store, join};
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
        let mut cameras = Cameras::default();
        let (rows, counts) = rows(store, &tags, &labels, &mut cameras)?;
        let labels = labels.list;
        let folders = store.folders()?.into_iter().map(|folder| FolderInfo {
            count: counts.get(&folder.id).copied().unwrap_or(0),
            folder,
        });
        let id = store.model(&model.fingerprint)?;
        let vocabularies = store.vocabularies()?.into_iter();
        let folders: Vec<FolderInfo> = folders.collect();
        let mut catalogue = Self {
            index: Index::of(&rows),
            tag_index: TagIndex::of(&rows, labels.len()),
            tree: FolderTree::of(&folders, &rows),
            facets: Facets::of(&rows, cameras.names),
            rows,
            labels,
            folders,
            summary: store.summary(id, DECODER_VERSION)?,
            has_stacks: store.has_stacks()?,
            has_videos: store.videos()?,
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

/// Reads all tags in the order of their photos.
fn tags_by_photo(store: &Store, labels: &mut Labels) -> Result<Vec<OverviewTag>, PipelineError> {
    let mut tags = store.overview_tags()?;
    tags.retain(|tag| labels.place(tag.label, tag.decided_ms.is_some()).is_some());
    tags.sort_unstable_by_key(|tag| tag.photo_id);
    Ok(tags)
}

/// The cameras, each once.
#[derive(Default)]
struct Cameras {
    names: Vec<String>,
    places: HashMap<String, u16>,
}

impl Cameras {
    fn place(&mut self, name: String) -> Option<u16> {
        if let Some(place) = self.places.get(&name) {
            return Some(*place);
        }
        let place = u16::try_from(self.names.len()).ok()?;
        self.names.push(name.clone());
        self.places.insert(name, place);
        Some(place)
    }
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

/// Reads the rows, one for each stack, and counts those of each folder.
fn rows(
    store: &Store,
    tags: &[OverviewTag],
    labels: &Labels,
    cameras: &mut Cameras,
) -> Result<(Vec<Row>, HashMap<FolderId, usize>), PipelineError> {
    let files = store.overview_files()?;
    let mut stacks = match store.has_stacks()? {
        true => stacks_of(&files),
        false => HashMap::new(),
    };
    let hidden: HashSet<usize> = stacks.values().flatten().map(|(at, _)| *at).collect();
    let mut rows: Vec<Row> = Vec::with_capacity(files.len() - hidden.len());
    let mut counts: HashMap<FolderId, usize> = HashMap::new();
    for (at, file) in files.into_iter().enumerate() {
        if hidden.contains(&at) {
            continue;
        }
        *counts.entry(file.folder_id).or_default() += 1;
        let others = stacks.remove(&at).unwrap_or_default();
        // A time that another file of the stack has is better than a guess.
        let known = others.iter().find_map(|(_, other)| other.captured);
        let kinds = others
            .iter()
            .map(|(_, other)| FileKind::of(&other.file.path));
        let kinds = kinds.fold(FileKind::of(&file.path).bit(), |all, kind| all | kind.bit());
        let mut row = Row {
            id: file.id,
            camera: file.camera.and_then(|name| cameras.place(name)),
            kinds,
            path: file.path,
            captured: known
                .filter(|_| file.captured.is_guess())
                .unwrap_or(file.captured),
            size_bytes: file.size_bytes,
            photo: file.photo_id.zip(file.hash),
            failed: file.failed,
            incomplete: file.incomplete,
            others: others.into_iter().map(|(_, other)| other.file).collect(),
            tags: Vec::new(),
        };
        row.tags = row_tags(&row, tags, &labels.places);
        imply(&mut row.tags, &labels.list);
        row.sort_tags();
        rows.push(row);
    }
    Ok((rows, counts))
}

/// A file that is shown by the face of its stack.
struct Other {
    file: StackedFile,
    /// When it was taken, if that is recorded.
    captured: Option<Captured>,
}

/// The stacks: for the index of each face, the other files with their indices.
fn stacks_of(files: &[OverviewFile]) -> HashMap<usize, Vec<(usize, Other)>> {
    let looked: Vec<StackFile<'_>> = files
        .iter()
        .map(|file| StackFile {
            path: &file.path,
            taken_ms: (!file.captured.is_guess()).then_some(file.captured.time.wall_ms),
            failed: file.failed,
        })
        .collect();
    let other = |at: usize| {
        let file = files.get(at)?;
        let other = Other {
            file: StackedFile {
                path: file.path.clone(),
                photo_id: file.photo_id,
            },
            captured: Some(file.captured).filter(|captured| !captured.is_guess()),
        };
        Some((at, other))
    };
    let found = stack::stacks(&looked).into_iter().filter_map(|stack| {
        let (face, others) = stack.split_first()?;
        Some((*face, others.iter().filter_map(|at| other(*at)).collect()))
    });
    found.collect()
}
