//! Reported cases, as the model sees them.

use crate::keywords::labels::tests::entry;
use crate::keywords::{
    By, Decision, KeywordPath, Labels, Memory, Message, Named, Now, Photo, Reading, Reconciled,
    Source, reconcile,
};

pub(super) const NOW_MS: i64 = 1_000_000;

pub(super) fn path(text: &str) -> KeywordPath {
    KeywordPath::parse(text).unwrap()
}

pub(super) fn paths(texts: &[&str]) -> Vec<KeywordPath> {
    texts.iter().map(|t| path(t)).collect()
}

pub(super) fn labels() -> Labels {
    let entries = [
        "animal",
        "animal|dog=puppy",
        "animal|cat",
        "animal|bird|turkey",
        "sky",
    ];
    Labels::new(entries.iter().map(|e| entry(e)).collect(), [])
}

pub(super) fn named(labels: &Labels, text: &str) -> Named {
    let path = path(text);
    Named {
        label: labels.label(&path),
        path,
    }
}

/// A source with `theirs` as the user's keywords, changed at `changed_ms`.
pub(super) fn source(theirs: &[&str], changed_ms: i64) -> Source {
    let reading = Reading {
        keywords: paths(theirs),
        flat: theirs.iter().map(|t| path(t).leaf().to_owned()).collect(),
        theirs: paths(theirs),
        ..Reading::default()
    };
    Source {
        now: Now::Read(reading),
        memory: Memory::default(),
        changed_ms,
        is_second: false,
    }
}

/// The source after `ours` were written into it and marked.
pub(super) fn with_ours(mut source: Source, ours: &[&str]) -> Source {
    let labels = labels();
    source.memory.written = ours.iter().map(|o| named(&labels, o)).collect();
    source.memory.marked.clone_from(&source.memory.written);
    source.memory.seen = Some(Vec::new());
    if let Now::Read(reading) = &mut source.now {
        reading.gone = paths(ours);
        let marked = ours.iter().map(|o| (By::Machine, path(o)));
        reading.marked = Some(marked.collect());
    }
    source
}

pub(super) fn seen(mut source: Source, theirs: &[&str]) -> Source {
    let labels = labels();
    source.memory.seen = Some(theirs.iter().map(|o| named(&labels, o)).collect());
    source
}

pub(super) fn photo(sources: Vec<Source>, decisions: &[(&str, bool, By, i64)]) -> Photo {
    let decisions = decisions.iter().map(|(label, accepted, by, decided_ms)| {
        let decision = Decision {
            accepted: *accepted,
            by: *by,
            decided_ms: *decided_ms,
        };
        ((*label).to_owned(), decision)
    });
    Photo {
        sources,
        is_new: false,
        decisions: decisions.collect(),
        given: Default::default(),
    }
}

pub(super) fn decided(result: &Reconciled) -> Vec<(&str, bool, By)> {
    let all = result.decisions.iter();
    all.map(|(label, d)| (label.as_str(), d.accepted, d.by))
        .collect()
}

pub(super) fn wanted(result: &Reconciled, source: usize) -> Vec<String> {
    let wanted = result.wanted[source].iter();
    wanted.map(|w| w.named.path.to_string()).collect()
}

/// Cases 01 and 03: the memory follows the photo, so nothing is new.
#[test]
fn what_was_written_stays_ours_wherever_the_sidecar_lies() {
    let mut source = with_ours(source(&[], 10), &["sky"]);
    if let Now::Read(reading) = &mut source.now {
        reading.gone.clear();
        reading.keywords = paths(&["sky"]);
    }
    let mut photo = photo(vec![source], &[]);
    photo.given.insert("sky".into());
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert!(result.decisions.is_empty());
    assert_eq!(wanted(&result, 0), ["sky"]);
    // Once the tag is gone, it is no longer wanted.
    photo.given.clear();
    assert!(wanted(&reconcile(&photo, &labels(), NOW_MS), 0).is_empty());
}

/// Case 04: removed elsewhere, accepted again since.
#[test]
fn the_newer_of_two_acts_counts() {
    let removed = with_ours(source(&[], 20), &["animal|dog"]);
    let newer = photo(vec![removed.clone()], &[("dog", true, By::Person, 30)]);
    let result = reconcile(&newer, &labels(), NOW_MS);
    assert_eq!(decided(&result), [("dog", true, By::Person)]);
    assert_eq!(wanted(&result, 0), ["animal|dog"]);
    let older = photo(vec![removed], &[("dog", true, By::Person, 10)]);
    let result = reconcile(&older, &labels(), NOW_MS);
    assert_eq!(decided(&result), [("dog", false, By::Source)]);
    assert!(wanted(&result, 0).is_empty());
}

/// Case 05: another parent, another case.
#[test]
fn a_keyword_moved_elsewhere_is_not_taken_out() {
    for theirs in ["pets|dog", "animal|Dog", "DOG", "Haustiere|Puppy"] {
        let moved = with_ours(source(&[theirs], 20), &["animal|dog"]);
        let photo = photo(vec![moved], &[("dog", true, By::Person, 10)]);
        let result = reconcile(&photo, &labels(), NOW_MS);
        assert!(result.decisions.values().all(|d| d.accepted), "{theirs}");
        assert!(wanted(&result, 0).is_empty(), "{theirs}: {result:?}");
        assert!(result.refused.is_empty());
    }
}

/// Case 07: a keyword inside the photo, and a sidecar without it.
#[test]
fn what_one_source_lacks_another_still_has() {
    let embedded = Source {
        now: Now::Unseen,
        ..seen(source(&["Rome"], 1), &["Rome"])
    };
    let sidecar = seen(source(&["trip"], 20), &["trip", "Rome"]);
    let decisions = [("Rome", true, By::Source, 1), ("trip", true, By::Source, 1)];
    let result = reconcile(
        &photo(vec![embedded, sidecar], &decisions),
        &labels(),
        NOW_MS,
    );
    assert_eq!(
        decided(&result),
        [("Rome", true, By::Source), ("trip", true, By::Source)]
    );
    assert_eq!(wanted(&result, 1), ["Rome"]);
}

/// Case 09: deleted inside the photo, while a sidecar that Taglens made has a copy of it.
#[test]
fn a_keyword_deleted_inside_the_photo_is_withdrawn() {
    let embedded = seen(source(&["trip"], 20), &["trip", "Rome"]);
    let mut sidecar = with_ours(source(&[], 10), &["Rome", "trip"]);
    sidecar.now = Now::Unseen;
    let decisions = [("Rome", true, By::Source, 1), ("trip", true, By::Source, 1)];
    let result = reconcile(
        &photo(vec![embedded, sidecar], &decisions),
        &labels(),
        NOW_MS,
    );
    assert_eq!(decided(&result), [("trip", true, By::Source)]);
    assert_eq!(wanted(&result, 1), ["trip"]);
}

/// Cases 10 and 12: read as a path, and distinguished from a label with the same word.
#[test]
fn a_homonym_is_a_label_of_its_own() {
    let source = source(&["Places|Asia|Turkey"], 10);
    let result = reconcile(&photo(vec![source], &[]), &labels(), NOW_MS);
    assert_eq!(decided(&result), [("Places|Asia|Turkey", true, By::Source)]);
    assert!(wanted(&result, 0).is_empty());
}

/// Case 16: rejected in Taglens, still inside the photo.
#[test]
fn a_rejected_keyword_is_refused_everywhere() {
    let embedded = seen(source(&["Rome", "trip"], 1), &["Rome", "trip"]);
    let sidecar = source(&[], 1);
    let decisions = [
        ("Rome", false, By::Person, 5),
        ("trip", true, By::Source, 1),
    ];
    let result = reconcile(
        &photo(vec![embedded, sidecar], &decisions),
        &labels(),
        NOW_MS,
    );
    assert_eq!(wanted(&result, 1), ["trip"]);
    assert_eq!(result.refused, paths(&["Rome"]));
    assert_eq!(decided(&result)[0], ("Rome", false, By::Person));
}

/// Case 18: a list imported after the photos were read.
#[test]
fn labels_of_keywords_join_a_list() {
    let list = ["Places", "Places|Italy", "Places|Italy|Rome"];
    let labels = Labels::new(
        list.iter().map(|e| entry(e)).collect(),
        ["Places|Italy|Rome".to_owned(), "Roma".to_owned()],
    );
    let expected = [("Places|Italy|Rome".to_owned(), "Rome".to_owned())];
    assert_eq!(labels.joined(), expected);
}

/// Cases 13, 14, 19, 20 and 23 are about reading; each gives one keyword.
#[test]
fn what_cannot_be_read_says_nothing() {
    let mut unread = with_ours(source(&[], 20), &["animal|dog"]);
    unread.now = Now::Unseen;
    let decisions = [("dog", true, By::Person, 10)];
    let result = reconcile(&photo(vec![unread.clone()], &decisions), &labels(), NOW_MS);
    assert_eq!(decided(&result), [("dog", true, By::Person)]);
    assert_eq!(result.memories[0], unread.memory);
    unread.now = Now::Absent;
    let result = reconcile(&photo(vec![unread], &decisions), &labels(), NOW_MS);
    assert_eq!(decided(&result), [("dog", true, By::Person)]);
}

#[test]
fn a_stale_database_that_writes_over_us_rejects_nothing() {
    let decisions = [("dog", true, By::Person, 10), ("Rome", true, By::Source, 5)];
    let mut stale = with_ours(source(&[], 20), &["animal|dog", "animal|cat"]);
    stale = seen(stale, &["Rome"]);
    let mut rebuilt = with_ours(source(&[], 20), &["animal|dog"]);
    let mut older = with_ours(source(&[], 20), &["animal|dog", "animal|cat"]);
    for (source, marked) in [
        (&mut rebuilt, None),
        (&mut older, Some(vec![(By::Machine, path("animal|dog"))])),
    ] {
        if let Now::Read(reading) = &mut source.now {
            reading.marked = marked;
        }
    }
    if let Now::Read(reading) = &mut older.now {
        reading.gone = paths(&["animal|cat"]);
    }
    for (source, labels_lost) in [
        (stale, vec!["cat", "dog"]),
        (rebuilt, vec!["dog"]),
        (older, vec!["cat"]),
    ] {
        let result = reconcile(&photo(vec![source], &decisions), &labels(), NOW_MS);
        assert!(result.decisions.values().all(|d| d.accepted), "{result:?}");
        assert!(wanted(&result, 0).contains(&"animal|dog".to_owned()));
        let Message::Overwritten { labels, .. } = &result.messages[0];
        assert_eq!(*labels, labels_lost);
    }
}

#[test]
fn a_lost_library_comes_back_from_what_sidecars_say() {
    let mut source = source(&["sky", "animal|dog", "Rome"], 10);
    if let Now::Read(reading) = &mut source.now {
        let marked = [
            (By::Machine, path("sky")),
            (By::Person, path("animal|dog")),
            (By::Machine, path("animal|cat")),
        ];
        reading.marked = Some(marked.to_vec());
    }
    let mut photo = photo(vec![source], &[]);
    photo.is_new = true;
    photo.given.extend(["sky".to_owned(), "cat".to_owned()]);
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(
        decided(&result),
        [
            ("Rome", true, By::Source),
            ("cat", false, By::Source),
            ("dog", true, By::Person)
        ]
    );
    // Until the decision is stored, a write leaves the user's keyword with its note.
    assert_eq!(wanted(&result, 0), ["sky"]);
    let undecided = result.undecided[0].iter();
    let undecided: Vec<_> = undecided
        .map(|w| (w.by, w.named.path.to_string()))
        .collect();
    assert_eq!(undecided, [(By::Person, "animal|dog".to_owned())]);
    photo.decisions = result.decisions;
    photo.is_new = false;
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(wanted(&result, 0), ["animal|dog", "sky"]);
    assert_eq!(result.undecided, [[]]);
}

#[test]
fn what_was_taken_out_and_put_back_is_the_persons() {
    let mut source = with_ours(source(&["animal|dog"], 20), &["animal|dog"]);
    source.memory.written.clear();
    let result = reconcile(
        &photo(vec![source], &[("dog", false, By::Source, 10)]),
        &labels(),
        NOW_MS,
    );
    assert_eq!(decided(&result), [("dog", true, By::Source)]);
}
