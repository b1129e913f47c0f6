//! The memory and the sources' own notes, when one of them is out of date.

use crate::keywords::case_tests::{
    NOW_MS, decided, labels, named, path, paths, photo, seen, source, wanted, with_ours,
};
use crate::keywords::{By, Named, Now, Photo, Source, reconcile};

fn absent(mut source: Source) -> Source {
    source.now = Now::Absent;
    source
}

/// Sets the source's own notes.
fn marked(mut source: Source, marks: &[(By, &str)]) -> Source {
    if let Now::Read(reading) = &mut source.now {
        let marks = marks.iter().map(|(by, keyword)| (*by, path(keyword)));
        reading.marked = Some(marks.collect());
    }
    source
}

/// The keyword of a merged label stands for the remaining label, even if no source remembers it.
#[test]
fn a_keyword_of_a_merged_label_names_the_other_for_good() {
    let mut labels = labels();
    labels.know_former(&path("animal|lion"), "cat".into());
    let embedded = source(&["Animal|Lion"], 10);
    let sidecar = absent(source(&[], 0));
    let mut photo = photo(vec![embedded, sidecar], &[]);
    let first = reconcile(&photo, &labels, NOW_MS);
    assert_eq!(decided(&first), [("cat", true, By::Source)]);
    assert_eq!(wanted(&first, 1), ["Animal|Lion"]);
    // As after an export, the memory does not have what was seen.
    photo.sources[1].memory = first.before_writing(&photo, 1).unwrap();
    let second = reconcile(&photo, &labels, NOW_MS);
    assert_eq!(wanted(&second, 1), wanted(&first, 1));
    // The vocabulary comes first.
    labels.know_former(&path("sky"), "cat".into());
    assert_eq!(labels.label(&path("sky")), "sky");
}

/// `IMG.xmp` keeps the notes from before there was an `IMG.JPG.xmp`.
#[test]
fn what_the_second_sidecar_says_of_ours_is_out_of_date_in_a_lost_library() {
    let first = marked(source(&["sky", "Rome"], 20), &[(By::Machine, "sky")]);
    let marks = [(By::Person, "sky"), (By::Machine, "animal|dog")];
    let mut second = marked(source(&["sky"], 30), &marks);
    second.is_second = true;
    let mut photo = photo(vec![first, second], &[]);
    photo.given.extend(["sky".to_owned(), "dog".to_owned()]);
    photo.is_new = true;
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(decided(&result), [("Rome", true, By::Source)]);
    // Without the first, its notes count.
    photo.sources.remove(0);
    photo.sources[0].is_second = false;
    let result = reconcile(&photo, &labels(), NOW_MS);
    let expected = [("dog", false, By::Source), ("sky", true, By::Person)];
    assert_eq!(decided(&result), expected);
}

/// A copy whose keywords were edited before Taglens saw it removes nothing from the photo.
#[test]
fn what_a_new_copy_lacks_is_not_taken_out() {
    let known = with_ours(source(&[], 10), &["animal|cat"]);
    let known = Source {
        now: Now::Unseen,
        ..known
    };
    let marks = [(By::Machine, "sky"), (By::Machine, "animal|cat")];
    let copy = marked(source(&["sky"], 20), &marks);
    let mut photo = photo(vec![known, copy], &[]);
    photo.given.extend(["sky".to_owned(), "cat".to_owned()]);
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert!(result.decisions.is_empty(), "{result:?}");
    photo.sources.remove(0);
    photo.is_new = true;
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(decided(&result), [("cat", false, By::Source)]);
}

/// An older state that comes back claims a keyword as ours that the user has respelled since.
#[test]
fn an_older_state_that_comes_back_withdraws_nothing() {
    let mut older = seen(source(&["animal|cat"], 20), &["ANIMAL|CAT", "Rome"]);
    older = marked(older, &[(By::Machine, "animal|cat")]);
    let decisions = [
        ("cat", true, By::Source, 10),
        ("Rome", true, By::Source, 10),
    ];
    let mut photo = photo(vec![older], &decisions);
    photo.given.insert("cat".into());
    let first = reconcile(&photo, &labels(), NOW_MS);
    let expected = [("Rome", true, By::Source), ("cat", true, By::Source)];
    assert_eq!(decided(&first), expected);
    // Nor after it was written, when it is no longer an older state.
    let mut memory = first.before_writing(&photo, 0).unwrap();
    memory.written = first.wanted[0].iter().map(|w| w.named.clone()).collect();
    memory.marked.clone_from(&memory.written);
    let keywords: Vec<String> = wanted(&first, 0);
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    photo.sources = vec![source(&[], 30)];
    photo.sources[0].memory = memory;
    if let Now::Read(reading) = &mut photo.sources[0].now {
        reading.keywords = paths(&keywords);
    }
    let second = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(decided(&second), expected);
    assert_eq!(wanted(&second, 0), wanted(&first, 0));
}

/// A keyword of ours that will go with the next export does not keep the user's label.
#[test]
fn a_keyword_of_a_merged_label_keeps_no_decision() {
    let mut after = source(&[], 20);
    let merged = Named {
        path: path("animal|lion"),
        label: "sky".into(),
    };
    after.memory.written = vec![merged.clone()];
    after.memory.marked = vec![merged];
    after = seen(after, &["SKY"]);
    if let Now::Read(reading) = &mut after.now {
        reading.keywords = paths(&["animal|lion"]);
        reading.marked = Some(vec![(By::Machine, path("animal|lion"))]);
    }
    let photo = photo(vec![after], &[("sky", true, By::Source, 10)]);
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert!(result.decisions.is_empty(), "{result:?}");
}

/// A moved keyword is not written, but the sidecar notes its origin for a lost library.
#[test]
fn a_lost_library_has_labels_whose_keywords_were_moved() {
    let moved = with_ours(source(&["mine|dog"], 20), &["animal|dog"]);
    let before = photo(vec![moved], &[("dog", true, By::Person, 10)]);
    let result = reconcile(&before, &labels(), NOW_MS);
    assert!(wanted(&result, 0).is_empty());
    let stated = result.moved[0].iter();
    let stated: Vec<(By, &Named)> = stated.map(|w| (w.by, &w.named)).collect();
    assert_eq!(stated, [(By::Person, &named(&labels(), "animal|dog"))]);
    let anew = marked(source(&["mine|dog"], 20), &[(By::Person, "animal|dog")]);
    let anew = Photo {
        is_new: true,
        ..photo(vec![anew], &[])
    };
    let result = reconcile(&anew, &labels(), NOW_MS);
    let expected = [("dog", true, By::Person), ("mine|dog", true, By::Source)];
    assert_eq!(decided(&result), expected);
    assert!(wanted(&result, 0).is_empty());
}

/// A keyword that was removed before an export, and is undecided, is decided even if the sidecar
/// was deleted since.
#[test]
fn what_was_taken_out_counts_where_the_sidecar_is_deleted_since() {
    let mut deleted = absent(source(&[], 0));
    deleted.memory.removed = vec![named(&labels(), "sky")];
    let mut photo = photo(vec![deleted], &[]);
    photo.given.insert("sky".into());
    let result = reconcile(&photo, &labels(), NOW_MS);
    assert_eq!(decided(&result), [("sky", false, By::Source)]);
    assert!(result.memories[0].removed.is_empty());
    // A write before that is stored must leave it undecided.
    let written = result.before_writing(&photo, 0).unwrap();
    assert_eq!(written.removed, photo.sources[0].memory.removed);
}

/// Another spelling in another sidecar is the same label, even if the first has moved it since.
#[test]
fn spellings_of_a_label_of_ones_own_are_one_in_all_sources() {
    let mut known = seen(source(&["ROME"], 20), &["ROME"]);
    known.memory.seen = Some(Vec::new());
    known.memory.moved = vec![named(&labels(), "Rome")];
    let other = source(&["rome"], 20);
    let result = reconcile(&photo(vec![known, other], &[]), &labels(), NOW_MS);
    assert_eq!(decided(&result), [("Rome", true, By::Source)]);
}
