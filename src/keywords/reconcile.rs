//! Decides what follows from the keywords of a photo's sources. Nothing else does.

use std::collections::BTreeSet;

use crate::keywords::labels::Labels;
use crate::keywords::look::{Found, look, word_is_there};
use crate::keywords::path::KeywordPath;
use crate::keywords::photo::{
    By, Decision, Memory, Message, Named, Now, Photo, Reconciled, Source, Wanted,
};

/// Compares the sources with their memories, decides, and returns our keywords for each source.
/// `now_ms` is the time, in milliseconds since 1970-01-01 UTC.
///
/// - A new keyword of the user's accepts its label, unless it was rejected in Taglens after the
///   source last changed. A missing one withdraws that only if no other source has it.
/// - A missing keyword of ours rejects its label, unless its word is still there, a source has it
///   as the user's, the user has accepted it since, or the source is an older state of itself.
/// - The wanted keywords depend only on decisions and sources, so writing them and looking again
///   changes nothing.
pub(crate) fn reconcile(photo: &Photo, labels: &Labels, now_ms: i64) -> Reconciled {
    // New labels: all spellings are one label, named after the first.
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
        let at_ms = source.changed_ms.min(now_ms);
        disappear(photo, &found, i, at_ms, &mut result);
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
        result.excused.push(excused(source, found));
        if !found.overwritten.is_empty() && matches!(source.now, Now::Read(_)) {
            let labels: BTreeSet<&String> = found.overwritten.iter().map(|n| &n.label).collect();
            result.messages.push(Message::Overwritten {
                source: i,
                labels: labels.into_iter().cloned().collect(),
            });
        }
    }
    result.undecided = found.iter().map(|f| undecided(photo, f)).collect();
    let moved = found.iter().enumerate();
    result.moved = moved.map(|(i, f)| moved_of(photo, f, i, &result)).collect();
    result.refused = refused(&found, labels, &result);
    result.wanted = (0..photo.sources.len())
        .map(|i| wanted(photo, &found, i, labels, &result))
        .collect();
    result
}

/// Handles the user's new keywords, and the source's claims about ours.
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
            // Nothing was inferred from a keyword that is still there.
            Some(_) => true,
        };
        if overrules {
            result
                .decisions
                .insert(named.label.clone(), accepted(By::Source));
        }
    }
    for (by, named) in found.claimed.iter().chain(&found.claimed_moved) {
        if *by != By::Machine && !result.decisions.contains_key(&named.label) {
            result.decisions.insert(named.label.clone(), accepted(*by));
        }
    }
}

/// Handles missing keywords of a source, the user's and ours.
fn disappear(photo: &Photo, all: &[Found], at: usize, at_ms: i64, result: &mut Reconciled) {
    let (Some(source), Some(found)) = (photo.sources.get(at), all.get(at)) else {
        return;
    };
    if source.now == Now::Unseen {
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
    // Deleting a sidecar removes none of its keywords.
    let is_older = source.now == Now::Absent || found.is_older(&source.memory);
    for named in source.memory.seen.iter().flatten() {
        if is_older || stands(&named.label) {
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

/// Returns the user's keywords that an older state of a source lacks.
fn excused(source: &Source, found: &Found) -> Vec<Named> {
    if !matches!(source.now, Now::Read(_)) || !found.is_older(&source.memory) {
        return Vec::new();
    }
    let seen = source.memory.seen.iter().flatten();
    let there: BTreeSet<String> = found.theirs.iter().map(|t| t.path.key()).collect();
    let gone = seen.filter(|named| !there.contains(&named.path.key()));
    gone.cloned().collect()
}

fn remember(source: &Source, found: &Found, labels: &Labels) -> Memory {
    let memory = &source.memory;
    let reading = match &source.now {
        Now::Unseen => return memory.clone(),
        Now::Absent => {
            return Memory {
                seen: None,
                moved: Vec::new(),
                removed: Vec::new(),
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

/// Returns the keywords that a source calls the user's and nobody has decided on.
fn undecided(photo: &Photo, found: &Found) -> Vec<Wanted> {
    let claimed = found
        .claimed
        .iter()
        .filter(|(by, named)| *by != By::Machine && !photo.decisions.contains_key(&named.label));
    let wanted = claimed.map(|(by, named)| Wanted {
        named: named.clone(),
        by: *by,
    });
    wanted.collect()
}

/// Returns the keywords that the user moved in a source and that are of labels the photo has.
fn moved_of(photo: &Photo, found: &Found, at: usize, result: &Reconciled) -> Vec<Wanted> {
    let memory = result.memories.get(at);
    let moved = memory.into_iter().flat_map(|memory| &memory.moved);
    let wanted = moved.filter_map(|named| {
        let decision = result.decisions.get(&named.label);
        let is_accepted = decision.map_or(photo.given.contains(&named.label), |d| d.accepted);
        // A keyword of the user's for the same label says so itself.
        let stands = found.theirs.iter().any(|t| t.label == named.label);
        (is_accepted && !stands).then(|| Wanted {
            named: named.clone(),
            by: decision.map_or(By::Machine, |d| d.by),
        })
    });
    wanted.collect()
}

/// Returns our keywords for a source.
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
    let undecided = undecided(photo, found);
    let mut accepted: BTreeSet<&String> = photo.given.iter().collect();
    for (label, decision) in &result.decisions {
        match decision.accepted {
            true => accepted.insert(label),
            false => accepted.remove(label),
        };
    }
    let refused: BTreeSet<String> = result.refused.iter().map(KeywordPath::key).collect();
    let is_refused = |path: &KeywordPath| refused.contains(&path.key());
    // Once for all labels: a key costs more than everything else here.
    let there = memory.moved.iter().chain(&found.theirs);
    let there = there.chain(undecided.iter().map(|u| &u.named));
    let mut taken: BTreeSet<String> = there.map(|named| named.path.key()).collect();
    let mut wanted: Vec<Wanted> = Vec::new();
    for label in accepted {
        // Our spelling does not stand beside the user's.
        if found.theirs.iter().any(|t| t.label == *label) {
            continue;
        }
        // The source's claim stays until somebody has decided on it.
        if undecided.iter().any(|u| u.named.label == *label) {
            continue;
        }
        let Some(canonical) = labels.keyword(label) else {
            continue;
        };
        let mut elsewhere = all.iter().flat_map(|f| &f.theirs);
        let theirs = elsewhere.find(|t| t.label == *label && !is_refused(&t.path));
        let path = theirs.map_or(canonical, |t| t.path.clone());
        // After a merge, two labels may share one keyword.
        if is_refused(&path) || !taken.insert(path.key()) {
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

/// Returns all keywords of rejected labels.
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
