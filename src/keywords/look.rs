//! Compares a source with what is remembered of it: the user's keywords, ours, and the changes to
//! ours.

use crate::core::text::folded;
use crate::keywords::labels::Labels;
use crate::keywords::path::KeywordPath;
use crate::keywords::photo::{By, Memory, Named, Now, Photo, Reading, Source};

/// The findings in one source.
#[derive(Default)]
pub(super) struct Found {
    /// The user's keywords in it.
    pub(crate) theirs: Vec<Named>,
    /// Taglens's keywords in it.
    pub(crate) ours: Vec<Named>,
    /// Taglens's keywords that the user removed.
    pub(crate) removed: Vec<Named>,
    /// Taglens's keywords that the user moved in the hierarchy or respelled.
    pub(crate) moved: Vec<Named>,
    /// What the source claims about keywords that were not known to be ours.
    pub(crate) claimed: Vec<(By, Named)>,
    /// What the source claims about keywords of ours that were moved.
    pub(crate) claimed_moved: Vec<(By, Named)>,
    /// Keywords that are missing because an older state of the source came back.
    pub(crate) overwritten: Vec<Named>,
}

impl Found {
    /// Whether an older state of the source is back: it lacks what Taglens has written since, or
    /// now claims as ours what it did not claim before. Its missing keywords were not removed.
    pub(crate) fn is_older(&self, memory: &Memory) -> bool {
        let is_claimed_anew = memory.seen.is_some() && !self.claimed.is_empty();
        !self.overwritten.is_empty() || memory.was_absent || is_claimed_anew
    }
}

/// Looks at the source at index `at`. `own` collects labels that were not known.
pub(super) fn look(photo: &Photo, at: usize, labels: &Labels, own: &mut Labels) -> Found {
    let Some(source) = photo.sources.get(at) else {
        return Found::default();
    };
    let memory = &source.memory;
    let reading = match &source.now {
        Now::Read(reading) => reading,
        Now::Unseen => {
            return Found {
                theirs: memory.seen.clone().unwrap_or_default(),
                ours: memory.written.clone(),
                ..Found::default()
            };
        }
        Now::Absent => {
            return Found {
                removed: memory.removed.clone(),
                ..Found::default()
            };
        }
    };
    let mut found = Found::default();
    let seen = memory.seen.as_deref().unwrap_or_default();
    let mut name = |path: &KeywordPath| Named {
        label: remembered(photo, at, path).unwrap_or_else(|| {
            if let Some(label) = labels.named_by(path) {
                return label.to_owned();
            }
            let label = own.label(&KeywordPath::parse(&labels.label(path)).unwrap_or(path.clone()));
            own.know(label.clone());
            label
        }),
        path: path.clone(),
    };
    let is_written = |path: &KeywordPath| memory.written.iter().any(|w| w.path == *path);
    let is_gone = |path: &KeywordPath| reading.gone.contains(path);
    for path in &reading.theirs {
        let was_theirs = seen.iter().any(|s| s.path == *path);
        if is_written(path) && (!was_theirs || !is_gone(path)) {
            continue;
        }
        match claim(photo, at, reading, path, was_theirs) {
            Some(by) => found.claimed.push((by, name(path))),
            None => found.theirs.push(name(path)),
        }
    }
    // A marked keyword that is missing was written before the library was lost.
    let mut written: Vec<Named> = memory.written.clone();
    // What was read before is known, also of a photo that has no sidecar.
    if photo.is_new && memory.seen.is_none() && !source.is_second {
        let there = |path: &KeywordPath| reading.keywords.iter().any(|k| k.key() == path.key());
        let lost = reading.marked.iter().flatten().filter(|(_, p)| !there(p));
        written.extend(lost.map(|(_, path)| name(path)));
    }
    for named in written {
        if is_written(&named.path) && !is_gone(&named.path) {
            found.ours.push(named);
        } else {
            found.removed.push(named);
        }
    }
    let claimed = found.claimed.iter().map(|(_, named)| named.clone());
    found.ours.extend(claimed);
    let removed = std::mem::take(&mut found.removed);
    let (moved, removed) = removed
        .into_iter()
        .partition(|named| word_is_there(named, reading, &found, labels));
    found.moved = moved;
    found.removed = removed;
    set_overwritten(memory, reading, &mut found);
    // First keywords that were moved and are now missing, then those missing before anybody
    // decided.
    let is_older = found.is_older(memory);
    let moved = memory.moved.iter().filter(|_| !is_older);
    let left = moved.filter(|m| !word_is_there(m, reading, &found, labels));
    let removed: Vec<Named> = left.chain(&memory.removed).cloned().collect();
    found.removed.extend(removed);
    set_claimed_moved(photo, source, reading, &mut found);
    found
}

/// Returns the label that a keyword had when it was last seen, because renaming or merging labels
/// does not touch sidecars.
fn remembered(photo: &Photo, at: usize, path: &KeywordPath) -> Option<String> {
    let key = path.key();
    let same = |named: &&Named| named.path.key() == key;
    let own = photo.sources.get(at).map(|source| &source.memory);
    let own = own.into_iter().flat_map(|memory| {
        let seen = memory.seen.iter().flatten();
        seen.chain(&memory.written).chain(&memory.moved)
    });
    let all = || photo.sources.iter().map(|source| &source.memory);
    let seen = all().flat_map(|memory| memory.seen.iter().flatten());
    let ours = all().flat_map(|memory| memory.written.iter().chain(&memory.moved));
    let mut all = own.chain(seen).chain(ours);
    all.find(same).map(|named| named.label.clone())
}

/// Whether a keyword that looks like the user's is ours: the source claims so, and did not when it
/// was last read.
fn claim(
    photo: &Photo,
    at: usize,
    reading: &Reading,
    path: &KeywordPath,
    was_theirs: bool,
) -> Option<By> {
    let source = photo.sources.get(at)?;
    match was_theirs {
        true => None,
        false => says(photo, source, reading, path),
    }
}

/// Returns whom the source newly names as the origin of a keyword.
fn says(photo: &Photo, source: &Source, reading: &Reading, path: &KeywordPath) -> Option<By> {
    let mut marked = reading.marked.iter().flatten();
    let (by, _) = marked.find(|(_, p)| p == path)?;
    let is_news = source.memory.marked.iter().all(|m| m.path != *path);
    // The other sidecar says who gives it.
    let is_outdated = photo.is_new && source.is_second;
    let by = if is_outdated { By::Machine } else { *by };
    is_news.then_some(by)
}

fn set_claimed_moved(photo: &Photo, source: &Source, reading: &Reading, found: &mut Found) {
    let moved = source.memory.moved.iter().chain(&found.moved);
    let claimed = moved.filter_map(|named| {
        let by = says(photo, source, reading, &named.path)?;
        Some((by, named.clone()))
    });
    found.claimed_moved = claimed.collect();
}

/// Whether the word of one of our keywords is still in the source, under another parent or in
/// another spelling.
pub(super) fn word_is_there(
    named: &Named,
    reading: &Reading,
    found: &Found,
    labels: &Labels,
) -> bool {
    let is_word = |name: &str| {
        folded(name) == folded(named.path.leaf()) || labels.has_word(&named.label, name)
    };
    let of_ours = |name: &String| {
        let mut ours = found.ours.iter();
        ours.any(|o| folded(o.path.leaf()) == folded(name))
    };
    let mut flat = reading.flat.iter().filter(|name| !of_ours(name));
    found.theirs.iter().any(|t| is_word(t.path.leaf())) || flat.any(|name| is_word(name))
}

/// Moves keywords that nobody removed from `removed` to `overwritten`.
///
/// A program that removes a keyword does not know Taglens's notes. If the notes, or the one on this
/// keyword, have vanished too, an older state of the source has come back. If all our keywords
/// vanished at once, a program wrote its old state.
fn set_overwritten(memory: &Memory, reading: &Reading, found: &mut Found) {
    let says = |path: &KeywordPath| {
        let mut marked = reading.marked.iter().flatten();
        marked.any(|(_, p)| p == path)
    };
    let all = found.ours.is_empty() && found.moved.is_empty();
    let mark_is_lost = reading.marked.is_none() && !memory.marked.is_empty();
    let at_once = all && (found.removed.len() > 1 || mark_is_lost || memory.marked.is_empty());
    if memory.was_absent || at_once {
        found.overwritten.append(&mut found.removed);
        return;
    }
    let is_older = |named: &Named| {
        let was_marked = memory.marked.iter().any(|m| m.path == named.path);
        reading.marked.is_some() && was_marked && !says(&named.path)
    };
    let (older, removed) = found.removed.drain(..).partition(is_older);
    found.overwritten = older;
    found.removed = removed;
}
