//! The rules, stated by the files, the decisions and the user's acts, not by the stored data.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::text::folded;
use crate::keywords::model_tests::Act;
use crate::keywords::model_tests::world::{Sidecar, WORDS, World, key, labels, path};
use crate::keywords::{By, Decision, Named};

/// A rule, and how it was broken.
type Broken = (&'static str, String);

/// The result of an act, if Taglens looked just before it and looks again just after it.
pub(crate) fn at_once(world: &World, act: &Act) -> Result<(), Broken> {
    if let Act::Add(at, word) = act {
        return put_in(world, *at, WORDS[word % WORDS.len()]);
    }
    let is_move = matches!(act, Act::Move(_) | Act::Renumber | Act::Copy(_));
    if !is_move && !matches!(act, Act::Remove(..)) {
        return Ok(());
    }
    let mut world = world.clone();
    world.index();
    let before = world.clone();
    world.act(act);
    let changed = world.sidecars.iter().find_map(|(place, after)| {
        let keywords = &before.sidecars.get(place)?.keywords;
        let gone = keywords.iter().find(|k| !after.keywords.contains(k))?;
        Some((*place, gone.clone()))
    });
    world.index();
    let said = |world: &World| -> Vec<(String, bool, By)> {
        let decisions = world.decisions.iter();
        let said = decisions.map(|(label, d)| (label.clone(), d.accepted, d.by));
        said.collect()
    };
    match changed {
        // 3: records follow the photo and its copies.
        _ if is_move && said(&world) != said(&before) => {
            Err(("moving changes nothing", format!("{:?}", said(&world))))
        }
        Some((place, gone)) if !is_move => taken_out(&before, &world, place, &gone),
        _ => Ok(()),
    }
}

/// 1: a keyword that somebody puts anywhere is on the photo, whatever was decided before.
fn put_in(world: &World, at: usize, keyword: &str) -> Result<(), Broken> {
    let mut world = world.clone();
    world.index();
    let place = world.place(at);
    let named = |keywords: &[String]| {
        let word = |text: &str| folded(path(text).leaf());
        keywords.iter().any(|k| word(k) == word(keyword))
    };
    let elsewhere = world.sidecars.values().any(|s| named(&s.keywords));
    if elsewhere || named(&world.embedded) {
        // It is nothing new.
        return Ok(());
    }
    world.now_ms += 10;
    world.edit(place.0, place.1, |s| s.keywords.push(keyword.to_owned()));
    world.index();
    let rows = world.rows.iter().filter(|r| (r.file, r.kind) == place);
    let mut seen = rows.flat_map(|r| r.memory.seen.iter().flatten());
    let label = seen.find(|n| n.path.to_string() == keyword);
    match label.is_some_and(|named| world.accepted().contains(&named.label)) {
        true => Ok(()),
        false => Err(("what is put in stands", format!("{keyword} in {place:?}"))),
    }
}

/// 1 and 2: a keyword that somebody removed from a sidecar is no longer on the photo, the user's or
/// ours, unless the user's is elsewhere, its word is still there, or all of ours are missing.
fn taken_out(before: &World, after: &World, place: (usize, i64), gone: &str) -> Result<(), Broken> {
    let known_of = |world: &World| -> Vec<(bool, Named, bool)> {
        let rows = world
            .rows
            .iter()
            .map(|r| ((r.file, r.kind) == place, &r.memory));
        let embedded = world.embedded_memory.iter().map(|memory| (false, memory));
        let all = rows.chain(embedded).flat_map(|(is_here, memory)| {
            let seen = memory.seen.iter().flatten().map(|n| (n, true));
            let written = memory.written.iter().map(|n| (n, false));
            let both = seen.chain(written);
            both.map(move |(named, is_theirs)| (is_here, named.clone(), is_theirs))
        });
        all.collect()
    };
    let known = known_of(before);
    let mut here = known.iter().filter(|(is_here, ..)| *is_here);
    let Some((_, named, is_theirs)) = here.find(|(_, n, _)| n.path.to_string() == gone) else {
        return Ok(());
    };
    let word = folded(named.path.leaf());
    let is_word = |name: &str| folded(name) == word || before.labels.has_word(&named.label, name);
    let is_there = known_of(after).iter().any(|(is_here, other, is_theirs)| {
        *is_theirs && other.label == named.label || *is_here && is_word(other.path.leaf())
    });
    let ours_here = known
        .iter()
        .filter(|(is_here, _, is_theirs)| *is_here && !is_theirs);
    let is_all = !is_theirs && ours_here.count() == 1;
    // A decision in Taglens does not depend on a keyword of the user's beside it.
    let decided = before.decisions.get(&named.label);
    let is_own = *is_theirs && decided.is_some_and(|d| d.by == By::Person);
    match is_there || is_all || is_own || !after.accepted().contains(&named.label) {
        true => Ok(()),
        false => Err((
            "what was taken out is gone",
            format!("{gone} as {}", named.label),
        )),
    }
}

/// The rules after a look, stated by the files and the decisions alone.
pub(crate) fn after_index(
    world: &World,
    before: &BTreeMap<String, Decision>,
) -> Result<(), Broken> {
    let accepted = world.accepted();
    let noted = |s: &Sidecar, k: &String| s.notes.iter().any(|(_, p)| p == k);
    // 1: a keyword that a user put anywhere counts, unless it was rejected in Taglens.
    for (place, sidecar) in &world.sidecars {
        let ours: Vec<String> = world
            .rows
            .iter()
            .filter(|r| (r.file, r.kind) == *place)
            .flat_map(|r| r.memory.written.iter().map(|n| n.path.to_string()))
            .collect();
        for keyword in sidecar
            .keywords
            .iter()
            .filter(|k| !ours.contains(k) && !noted(sidecar, k))
        {
            check_stands(world, &accepted, keyword)?;
        }
    }
    for keyword in &world.embedded {
        check_stands(world, &accepted, keyword)?;
    }
    for (label, old) in before {
        let now = world.decisions.get(label);
        // 2: only a later act elsewhere overrules the user's decision.
        if old.by == By::Person && now.is_none() {
            return Err(("a decision is never forgotten", label.clone()));
        }
        if old.by == By::Person
            && now != Some(old)
            && now.is_some_and(|d| d.decided_ms <= old.decided_ms)
        {
            return Err(("the newer act counts", label.clone()));
        }
    }
    Ok(())
}

fn check_stands(world: &World, accepted: &BTreeSet<String>, keyword: &str) -> Result<(), Broken> {
    let known = world
        .rows
        .iter()
        .map(|r| &r.memory)
        .chain(&world.embedded_memory);
    let seen = known.flat_map(|m| m.seen.iter().flatten());
    let label = seen
        .filter(|n| n.path.key() == key(keyword))
        .map(|n| n.label.clone())
        .next();
    let label = label.unwrap_or_else(|| world.labels.label(&path(keyword)));
    let rejected = world
        .decisions
        .get(&label)
        .is_some_and(|d| !d.accepted && d.by == By::Person);
    match rejected || accepted.contains(&label) {
        true => Ok(()),
        false => Err(("a person's keyword stands", format!("{keyword} as {label}"))),
    }
}

/// 8: a library rebuilt from a fresh export has the same tags, and the machine's are the machine's.
/// Sidecars have no rejections. The former names of labels are lost too: keywords with such names
/// are separate labels.
pub(crate) fn lost_library(world: &mut World) -> Result<(), String> {
    for act in [Act::Index, Act::Export, Act::Index] {
        world.act(&act);
    }
    let before = world.decisions.clone();
    let rejected: Vec<&String> = before
        .iter()
        .filter(|(_, d)| !d.accepted)
        .map(|(l, _)| l)
        .collect();
    let mut anew = World::new();
    anew.now_ms = world.now_ms + 10;
    anew.names.clone_from(&world.names);
    anew.labels = labels(&world.names);
    anew.given.clone_from(&world.given);
    anew.files.clone_from(&world.files);
    anew.sidecars.clone_from(&world.sidecars);
    anew.embedded.clone_from(&world.embedded);
    anew.index();
    let left: BTreeSet<&String> = anew.decisions.keys().collect();
    let memories = world.rows.iter().map(|r| &r.memory);
    let named = memories
        .chain(&world.embedded_memory)
        .flat_map(|m| m.seen.iter().flatten().chain(&m.moved));
    let named: Vec<&Named> = named.collect();
    let has = |label: &str| anew.accepted().iter().any(|l| key(l) == key(label));
    for label in world.accepted() {
        let mut formerly = named.iter().filter(|n| {
            let name = labels(&world.names).label(&n.path);
            n.label == label && key(&name) != key(&label) && has(&name)
        });
        if !has(&label) && formerly.next().is_none() {
            return Err(format!(
                "{label} is lost with the library: {anew:?}",
                anew = anew.decisions
            ));
        }
    }
    for label in &world.given {
        let decided = before.contains_key(label);
        // Without a note it may be anybody's.
        let unnoted = anew.sidecars.values().any(|s| {
            let noted = |k: &&String| s.notes.iter().any(|(_, p)| p == *k);
            let mut names = s.keywords.iter().filter(|k| !noted(k));
            names.any(|k| anew.labels.label(&path(k)) == *label)
        });
        if !decided && !unnoted && left.contains(label) && !rejected.contains(&label) {
            return Err(format!("{label} was the machine's: {:?}", anew.decisions));
        }
    }
    Ok(())
}
