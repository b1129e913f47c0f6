//! What follows from the keywords of a photo's sources: the one place that decides.

use std::collections::BTreeSet;

use crate::keywords::labels::Labels;
use crate::keywords::path::{KeywordPath, fold};
use crate::keywords::photo::{
    By, Decision, Memory, Message, Named, Now, Photo, Reading, Reconciled, Source, Wanted,
};

/// What a look at one source finds.
#[derive(Default)]
struct Found {
    /// The person's keywords in it.
    theirs: Vec<Named>,
    /// What Taglens has in it.
    ours: Vec<Named>,
    /// What Taglens had in it and a person took out.
    removed: Vec<Named>,
    /// What Taglens had in it and the person moved elsewhere in the hierarchy, or wrote otherwise.
    moved: Vec<Named>,
    /// What the source says of keywords that were not known to be ours.
    claimed: Vec<(By, Named)>,
    /// What is gone since an older state of the source came back.
    overwritten: Vec<Named>,
}

/// Compares the sources with what is remembered of them, decides, and says what each source should
/// have. `now_ms` is the time, in milliseconds since 1970-01-01 UTC.
///
/// - A keyword of the person's that is new accepts its label, unless it was rejected in Taglens
///   after the source was last changed. One that is gone withdraws that only where no other source
///   has it.
/// - A keyword of ours that is gone rejects its label, unless its word is still there, a source has
///   it as the person's, the person has accepted it since, or the source is an older state of
///   itself.
/// - What is wanted depends on decisions and sources alone, so that writing it and looking again
///   changes nothing.
pub fn reconcile(photo: &Photo, labels: &Labels, now_ms: i64) -> Reconciled {
    // Labels that nothing was known of: one whatever the spelling, as it is met first.
    let mut own = Labels::default();
    let found: Vec<Found> = (0..photo.sources.len())
        .map(|i| look(photo, i, labels, &mut own))
        .collect();
    let mut result = Reconciled {
        decisions: photo.decisions.clone(),
        ..Reconciled::default()
    };
    for (source, found) in photo.sources.iter().zip(&found) {
        let at_ms = source.changed_ms.min(now_ms);
        appear(photo, source, found, at_ms, &mut result);
    }
    for (i, source) in photo.sources.iter().enumerate() {
        disappear(photo, &found, i, source.changed_ms.min(now_ms), &mut result);
    }
    for (i, (source, found)) in photo.sources.iter().zip(&found).enumerate() {
        result.memories.push(remember(source, found, labels));
        let is_open = |named: &&Named| {
            result
                .decisions
                .get(&named.label)
                .is_none_or(|d| !d.accepted)
        };
        let removed = found.removed.iter().filter(is_open).cloned().collect();
        result.removed.push(removed);
        if !found.overwritten.is_empty() && matches!(source.now, Now::Read(_)) {
            let labels: BTreeSet<&String> = found.overwritten.iter().map(|n| &n.label).collect();
            result.messages.push(Message::Overwritten {
                source: i,
                labels: labels.into_iter().cloned().collect(),
            });
        }
    }
    result.refused = refused(&found, labels, &result);
    result.wanted = (0..photo.sources.len())
        .map(|i| wanted(photo, &found, i, labels, &result))
        .collect();
    result
}

fn look(photo: &Photo, at: usize, labels: &Labels, own: &mut Labels) -> Found {
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
        Now::Absent => return Found::default(),
    };
    let mut found = Found::default();
    let seen = memory.seen.as_deref().unwrap_or_default();
    let mut name = |path: &KeywordPath| Named {
        label: remembered(photo, at, path).unwrap_or_else(|| {
            let label = own.label(&KeywordPath::parse(&labels.label(path)).unwrap_or(path.clone()));
            own.know(label.clone());
            match labels.recognise(path) {
                Some(label) => label.to_owned(),
                None => label,
            }
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
    // What is marked and not there was written before the library was lost.
    let mut written: Vec<Named> = memory.written.clone();
    if memory.seen.is_none() && memory.written.is_empty() && !memory.was_absent {
        let there = |path: &KeywordPath| reading.keywords.iter().any(|k| k.key() == path.key());
        let marked = reading.marked.iter().flatten();
        let lost = marked.filter(|(_, p)| !there(p));
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
    // What was moved elsewhere first and is gone now; what was gone before anybody decided on it.
    let is_older = !found.overwritten.is_empty() || memory.was_absent;
    let moved = memory.moved.iter().filter(|_| !is_older);
    let left = moved.filter(|m| !word_is_there(m, reading, &found, labels));
    let removed: Vec<Named> = left.chain(&memory.removed).cloned().collect();
    found.removed.extend(removed);
    found
}

/// The label that a keyword was taken for when it was last seen: labels are renamed and merged
/// without a word to the sidecars.
fn remembered(photo: &Photo, at: usize, path: &KeywordPath) -> Option<String> {
    let key = path.key();
    let same = |named: &&Named| named.path.key() == key;
    let own = photo.sources.get(at).map(|source| &source.memory);
    let own = own.into_iter().flat_map(|memory| {
        let seen = memory.seen.iter().flatten();
        seen.chain(&memory.written).chain(&memory.moved)
    });
    let all = photo.sources.iter();
    let mut all = own.chain(all.flat_map(|source| source.memory.seen.iter().flatten()));
    all.find(same).map(|named| named.label.clone())
}

/// Whether a keyword that looks like the person's is ours: the source says so, and did not when it
/// was last read.
fn claim(
    photo: &Photo,
    at: usize,
    reading: &Reading,
    path: &KeywordPath,
    was_theirs: bool,
) -> Option<By> {
    let memory = &photo.sources.get(at)?.memory;
    if was_theirs {
        return None;
    }
    let mut marked = reading.marked.iter().flatten();
    let (by, _) = marked.find(|(_, p)| p == path)?;
    memory.marked.iter().all(|m| m.path != *path).then_some(*by)
}

/// Whether the word of a keyword of ours is still in the source, under another parent, in another
/// case or spelling.
fn word_is_there(named: &Named, reading: &Reading, found: &Found, labels: &Labels) -> bool {
    let is_word =
        |name: &str| fold(name) == fold(named.path.leaf()) || labels.has_word(&named.label, name);
    let of_ours = |name: &String| {
        let mut ours = found.ours.iter();
        ours.any(|o| fold(o.path.leaf()) == fold(name))
    };
    let mut flat = reading.flat.iter().filter(|name| !of_ours(name));
    found.theirs.iter().any(|t| is_word(t.path.leaf())) || flat.any(|name| is_word(name))
}

/// Moves what nobody took out from `removed` to `overwritten`.
///
/// A program that removes a keyword does not know what the source says of it: where the source
/// says nothing any more, or nothing of this keyword, an older state of it has come back. Where all
/// of ours is gone at once, a program wrote what it knew before.
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

/// The person's keywords that were not there before, and what the source says of ours.
fn appear(photo: &Photo, source: &Source, found: &Found, at_ms: i64, result: &mut Reconciled) {
    let Now::Read(_) = source.now else {
        return;
    };
    let accepted = |by| Decision {
        accepted: true,
        by,
        decided_ms: at_ms,
    };
    for named in &found.theirs {
        let key = named.path.key();
        let known = photo.sources.iter().any(|source| {
            let mut seen = source.memory.seen.iter().flatten();
            seen.any(|s| s.path.key() == key && s.label == named.label)
        });
        let before = result.decisions.get(&named.label);
        let overrules = match before {
            None => !known,
            Some(d) if d.accepted => false,
            Some(d) if d.by == By::Person => !known && at_ms > d.decided_ms,
            // Nothing was inferred of a keyword that stands.
            Some(_) => true,
        };
        if overrules {
            result
                .decisions
                .insert(named.label.clone(), accepted(By::Source));
        }
    }
    for (by, named) in &found.claimed {
        if *by != By::Machine && !result.decisions.contains_key(&named.label) {
            result.decisions.insert(named.label.clone(), accepted(*by));
        }
    }
}

/// What is gone from a source: the person's keywords, and ours.
fn disappear(photo: &Photo, all: &[Found], at: usize, at_ms: i64, result: &mut Reconciled) {
    let (Some(source), Some(found)) = (photo.sources.get(at), all.get(at)) else {
        return;
    };
    if !matches!(source.now, Now::Read(_)) {
        return;
    }
    let stands = |label: &str| {
        all.iter()
            .any(|f| f.theirs.iter().any(|t| t.label == label))
    };
    let rejected = Decision {
        accepted: false,
        by: By::Source,
        decided_ms: at_ms,
    };
    // What an older state of a source lacks was not taken out of it.
    let is_older = !found.overwritten.is_empty() || source.memory.was_absent;
    for named in source.memory.seen.iter().flatten() {
        let ours = found.ours.iter().any(|o| o.label == named.label);
        if is_older || ours || stands(&named.label) {
            continue;
        }
        let decision = result.decisions.get(&named.label);
        if decision.is_some_and(|d| d.accepted && d.by == By::Source) {
            match photo.given.contains(&named.label) {
                true => result.decisions.insert(named.label.clone(), rejected),
                false => result.decisions.remove(&named.label),
            };
        }
    }
    for named in &found.removed {
        let decision = result.decisions.get(&named.label);
        let decided = decision.is_some_and(|d| d.by == By::Person && d.decided_ms >= at_ms);
        let is_known = decision.is_some() || photo.given.contains(&named.label);
        let rejects = is_known && decision.is_none_or(|d| d.accepted);
        if rejects && !decided && !stands(&named.label) {
            result.decisions.insert(named.label.clone(), rejected);
        }
    }
}

fn remember(source: &Source, found: &Found, labels: &Labels) -> Memory {
    let memory = &source.memory;
    let reading = match &source.now {
        Now::Unseen => return memory.clone(),
        Now::Absent => {
            return Memory {
                seen: None,
                moved: Vec::new(),
                was_absent: true,
                ..memory.clone()
            };
        }
        Now::Read(reading) => reading,
    };
    let mut moved: Vec<Named> = memory.moved.clone();
    moved.retain(|named| word_is_there(named, reading, found, labels));
    for named in &found.moved {
        if !moved.contains(named) {
            moved.push(named.clone());
        }
    }
    let known = found.theirs.iter().chain(&found.ours).chain(&found.removed);
    let known: Vec<&Named> = known.chain(&memory.written).chain(&memory.marked).collect();
    let marked = reading.marked.iter().flatten().map(|(_, path)| {
        let same = known.iter().find(|named| named.path == *path);
        let label = same.map_or_else(|| labels.label(path), |named| named.label.clone());
        Named {
            path: path.clone(),
            label,
        }
    });
    Memory {
        seen: Some(found.theirs.clone()),
        written: found.ours.clone(),
        moved,
        marked: marked.collect(),
        removed: Vec::new(),
        was_absent: false,
    }
}

/// What a source should have of ours.
fn wanted(
    photo: &Photo,
    all: &[Found],
    at: usize,
    labels: &Labels,
    result: &Reconciled,
) -> Vec<Wanted> {
    let (Some(found), Some(memory)) = (all.get(at), result.memories.get(at)) else {
        return Vec::new();
    };
    let mut accepted: BTreeSet<&String> = photo.given.iter().collect();
    for (label, decision) in &result.decisions {
        match decision.accepted {
            true => accepted.insert(label),
            false => accepted.remove(label),
        };
    }
    let refused: BTreeSet<String> = result.refused.iter().map(KeywordPath::key).collect();
    let is_refused = |path: &KeywordPath| refused.contains(&path.key());
    let mut wanted = Vec::new();
    for label in accepted {
        // Where the person's own spelling stands, ours does not stand beside it.
        if found.theirs.iter().any(|t| t.label == *label) {
            continue;
        }
        let Some(canonical) = labels.keyword(label) else {
            continue;
        };
        let mut elsewhere = all.iter().flat_map(|f| &f.theirs);
        let theirs = elsewhere.find(|t| t.label == *label && !is_refused(&t.path));
        let path = theirs.map_or(canonical, |t| t.path.clone());
        if is_refused(&path) {
            continue;
        }
        let key = path.key();
        let mut there = memory.moved.iter().chain(&found.theirs);
        if there.any(|named| named.path.key() == key) {
            continue;
        }
        wanted.push(Wanted {
            by: result.decisions.get(label).map_or(By::Machine, |d| d.by),
            named: Named {
                path,
                label: label.clone(),
            },
        });
    }
    wanted
}

/// All keywords that stand for a rejected label.
fn refused(all: &[Found], labels: &Labels, result: &Reconciled) -> Vec<KeywordPath> {
    let mut refused = BTreeSet::new();
    for (label, decision) in &result.decisions {
        if !decision.accepted {
            refused.extend(labels.keyword(label));
            let theirs = all.iter().flat_map(|f| &f.theirs);
            let same = theirs.filter(|named| named.label == *label);
            refused.extend(same.map(|named| named.path.clone()));
        }
    }
    refused.into_iter().collect()
}
