//! Stacks: photos that have several files. They are derived from names and capture times whenever
//! they are needed, and not stored, so a file that comes, goes or is renamed cannot leave them wrong.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::{Row, params};

use crate::core::capture::Captured;
use crate::core::ids::{FileId, LabelId, PhotoId};
use crate::core::stack::{StackFile, StackName, stacks};
use crate::store::learning::Lesson;
use crate::store::overview::OverviewTag;
use crate::store::tagged::{StackedFile, photos};
use crate::store::{Store, StoreError, TaggedLabel, Writer, about, limits, paths};

/// The switch in the library's table of facts.
const SWITCH: &str = "stacks";

/// The latest decisions on a label among which those on one stack are sought: several times as many
/// as are learned from.
const LATEST: usize = 256;

/// The stacks of some folders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stacks {
    /// The files of each; the face, which shows the photo, is first.
    stacks: Vec<Vec<StackedFile>>,
    /// The index of each file's stack.
    of: HashMap<PathBuf, usize>,
}

impl Stacks {
    /// The stack of a file, the face first; empty if the file is a photo by itself.
    pub(crate) fn of(&self, path: &Path) -> &[StackedFile] {
        let stack = self.of.get(path).and_then(|at| self.stacks.get(*at));
        stack.map_or(&[], Vec::as_slice)
    }

    /// Whether another file stands for this one where each photo is shown once.
    pub(crate) fn hides(&self, path: &Path) -> bool {
        self.of(path).first().is_some_and(|face| face.path != path)
    }

    /// The number of files for which another stands.
    pub(crate) fn hidden_count(&self) -> usize {
        self.of.len() - self.stacks.len()
    }

    /// The contents of a file's stack, that of the face first; empty if it is a photo by itself.
    pub(crate) fn photos_of(&self, path: &Path) -> Vec<PhotoId> {
        photos(self.of(path))
    }

    /// The contents of each stack: that of the face, and the others.
    pub(crate) fn photos(&self) -> impl Iterator<Item = (PhotoId, Vec<PhotoId>)> {
        self.stacks.iter().filter_map(|stack| {
            let photos = photos(stack);
            let (face, others) = photos.split_first()?;
            Some((*face, others.to_vec()))
        })
    }

    fn push(&mut self, stack: Vec<StackedFile>) {
        let number = self.stacks.len();
        let paths = stack.iter().map(|file| (file.path.clone(), number));
        self.of.extend(paths);
        self.stacks.push(stack);
    }
}

/// Puts a decision on another file of the stack together with a label on the face: of two decisions
/// the later counts.
pub(crate) fn join(face: Option<OverviewTag>, other: &OverviewTag) -> Option<OverviewTag> {
    let Some(face) = face else {
        return other.decided_ms.map(|_| OverviewTag {
            confidence: None,
            given: false,
            ..*other
        });
    };
    Some(match other.decided_ms > face.decided_ms {
        true => OverviewTag {
            state: other.state,
            decided_ms: other.decided_ms,
            ..face
        },
        false => face,
    })
}

/// The bytes of the first path and the end of a range.
type PathRange = (Vec<u8>, Vec<u8>);

/// A file with what its stack depends on.
struct Candidate {
    file: StackedFile,
    taken_ms: Option<i64>,
    failed: bool,
}

/// Reads candidates; a condition follows.
const CANDIDATES: &str =
    "SELECT path, files.photo_id, coalesce(files.error, photos.error) IS NOT NULL,
            captured_ms, captured_offset_min, captured_from, files.hash
     FROM files LEFT JOIN photos ON photos.id = files.photo_id
     LEFT JOIN about ON about.photo_id = files.photo_id
         AND about.file_id = iif(files.hash IS NULL, 0, files.id) WHERE presence != 1";

fn candidate(
    row: &Row<'_>,
    sidecars: &HashMap<about::OfBytes, Captured>,
) -> rusqlite::Result<Candidate> {
    let photo_id: Option<PhotoId> = row.get(1)?;
    let bytes = row.get(6)?;
    let by_sidecar = photo_id.and_then(|photo| sidecars.get(&(photo, bytes)).copied());
    let captured = by_sidecar.or(about::captured(row, 3)?);
    Ok(Candidate {
        file: StackedFile {
            path: paths::from_bytes(row.get(0)?),
            photo_id,
        },
        failed: row.get(2)?,
        taken_ms: captured.map(|captured| captured.time.wall_ms),
    })
}

fn group(candidates: &[Candidate]) -> Stacks {
    let looked = candidates.iter().map(|c| StackFile {
        path: &c.file.path,
        taken_ms: c.taken_ms,
        failed: c.failed,
    });
    let looked: Vec<StackFile<'_>> = looked.collect();
    let mut found = Stacks::default();
    for stack in stacks(&looked) {
        let files = stack.iter().filter_map(|at| candidates.get(*at));
        found.push(files.map(|c| c.file.clone()).collect());
    }
    found
}

impl Store {
    /// Whether files of one photo are shown and decided on as one. They are unless that was switched
    /// off.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn has_stacks(&self) -> Result<bool, StoreError> {
        let text = crate::store::runs::meta(&self.connection, SWITCH)?;
        Ok(text.is_none_or(|text| text != "off"))
    }

    /// Returns the stacks of the files at `around` and of all files below the folders among them; of
    /// the whole library if there are none. There are no stacks if they are switched off.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn stacks(&self, around: &[PathBuf]) -> Result<Stacks, StoreError> {
        if !self.has_stacks()? {
            return Ok(Stacks::default());
        }
        let files = self.with_one_name(&self.ranges(around)?)?;
        if files.is_empty() {
            return Ok(Stacks::default());
        }
        let mut candidates = Vec::with_capacity(files.len());
        let sidecars = self.captured_by_sidecars(None)?;
        let sql = format!("{CANDIDATES} AND files.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        for file in files {
            candidates.push(statement.query_row([file], |row| candidate(row, &sidecars))?);
        }
        Ok(group(&candidates))
    }

    /// The files in these ranges that are in stacks if their times allow it. Only names are read,
    /// so that a library without stacks costs one scan and some bytes a file.
    fn with_one_name(&self, ranges: &[PathRange]) -> Result<Vec<FileId>, StoreError> {
        // Of the whole library, rows are read as they lie: an index would lead from one to another.
        let rows_of = match ranges {
            [(first, _)] if first.is_empty() => "files NOT INDEXED",
            _ => "files",
        };
        let sql = format!(
            "SELECT path, id FROM {rows_of} WHERE presence != 1 AND path >= ?1 AND path < ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut named: Vec<(StackName, FileId)> = Vec::new();
        for (first, end) in ranges {
            let rows = statement.query_map(params![first, end], |row| {
                let path = paths::from_bytes(row.get(0)?);
                Ok(StackName::of(&path).zip(row.get(1)?))
            })?;
            for row in rows {
                named.extend(row?);
            }
        }
        named.sort_unstable();
        let same_name = named.chunk_by(|(a, _), (b, _)| a.hash == b.hash);
        let stacks = same_name
            .filter(|files| files.len() > 1 && files.iter().any(|(name, _)| name.makes_stack));
        let mut files: Vec<FileId> = stacks.flatten().map(|(_, file)| *file).collect();
        files.sort_unstable();
        Ok(files)
    }

    /// The ranges of paths of whole folders around these files and folders, without overlap.
    fn ranges(&self, around: &[PathBuf]) -> Result<Vec<PathRange>, StoreError> {
        if around.is_empty() {
            return Ok(vec![(Vec::new(), vec![0xff])]);
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM files WHERE path = ?1)")?;
        let mut ranges = Vec::with_capacity(around.len());
        for path in around {
            let is_file: bool =
                statement.query_row(params![paths::to_bytes(path)], |row| row.get(0))?;
            let folder = path.parent().filter(|_| is_file).unwrap_or(path);
            ranges.push(paths::range_below(folder));
        }
        ranges.sort();
        // A folder's range contains those of the folders in it.
        ranges.dedup_by(|later, before| later.1 <= before.1);
        Ok(ranges)
    }

    /// Leaves out the decisions on other files of stacks that were made together with that on the
    /// face. Only the latest of each label are looked at, because no more are learned from.
    pub(super) fn once_a_stack(
        &self,
        lessons: &mut HashMap<LabelId, Vec<Lesson>>,
    ) -> Result<(), StoreError> {
        if !self.has_stacks()? {
            return Ok(());
        }
        let together = |a: &Lesson, b: &Lesson| a.decided_ms == b.decided_ms;
        let mut photos = BTreeSet::new();
        for lessons in lessons.values() {
            let latest = lessons.len().saturating_sub(LATEST);
            let latest = lessons.get(latest..).unwrap_or_default();
            let groups = latest.chunk_by(together).filter(|group| group.len() > 1);
            photos.extend(groups.flatten().map(|lesson| lesson.photo));
        }
        let faces = self.faces(&photos)?;
        if faces.is_empty() {
            return Ok(());
        }
        for lessons in lessons.values_mut() {
            let made = lessons.iter().map(|l| (l.photo, l.accepted, l.decided_ms));
            let made: HashSet<(PhotoId, bool, i64)> = made.collect();
            lessons.retain(|l| {
                let faces = faces.get(&l.photo).into_iter().flatten();
                let mut same =
                    faces.filter(|face| made.contains(&(**face, l.accepted, l.decided_ms)));
                same.next().is_none()
            });
        }
        Ok(())
    }

    /// For each of these photos that another of them stands for in a stack: that one.
    fn faces(
        &self,
        photos: &BTreeSet<PhotoId>,
    ) -> Result<HashMap<PhotoId, Vec<PhotoId>>, StoreError> {
        let sidecars = match photos.is_empty() {
            true => HashMap::new(),
            false => self.captured_by_sidecars(None)?,
        };
        let mut candidates = Vec::new();
        let sql = format!("{CANDIDATES} AND files.photo_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        for photo in photos {
            for row in statement.query_map([photo], |row| candidate(row, &sidecars))? {
                candidates.push(row?);
            }
        }
        let mut faces: HashMap<PhotoId, Vec<PhotoId>> = HashMap::new();
        for (face, others) in group(&candidates).photos() {
            for other in others {
                faces.entry(other).or_default().push(face);
            }
        }
        Ok(faces)
    }

    /// Returns the labels of a stack of these photos, in the order of
    /// [`TaggedFile::tags`](crate::store::TaggedFile::tags) and within [`Store::max_tags`]: the
    /// machine's of the first photo, and the decisions on all of them. Of two decisions on one
    /// label the later counts.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn tags_of_all(&self, photos: &[PhotoId]) -> Result<Vec<TaggedLabel>, StoreError> {
        let Some((face, others)) = photos.split_first() else {
            return Ok(Vec::new());
        };
        let mut tags = self.all_tags_of(*face)?;
        for other in others {
            for mut tag in self.all_tags_of(*other)? {
                let Some(decision) = tag.decision else {
                    continue;
                };
                let Some(known) = tags.iter_mut().find(|t| t.id == tag.id) else {
                    tag.machine = None;
                    tags.push(tag);
                    continue;
                };
                let before = known.decision.map(|d| d.decided_ms);
                if before.is_none_or(|before| decision.decided_ms > before) {
                    known.decision = Some(decision);
                    known.state = tag.state;
                }
            }
        }
        if let Some(most) = self.max_tags()? {
            limits::keep_to(most, &mut tags);
        }
        limits::sort(&mut tags);
        Ok(tags)
    }
}

impl Writer<'_> {
    /// Sets whether files of one photo are shown and decided on as one. Nothing is computed or
    /// decided again: each file keeps its own decisions.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_stacks(&self, on: bool) -> Result<(), StoreError> {
        self.set_meta(SWITCH, if on { "on" } else { "off" })?;
        // What is learned from a stack is learned once.
        self.bump_revision()
    }
}
