//! The known facts about one photo: its sources, its decisions and the machine's tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::keywords::path::KeywordPath;

/// Who says that a label belongs on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum By {
    /// The machine; there is no decision.
    Machine,
    /// The user, in Taglens.
    Person,
    /// The user, with a keyword in a source.
    Source,
}

impl By {
    /// Its name in sidecars and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Machine => "auto",
            Self::Person => "person",
            Self::Source => "sidecar",
        }
    }

    /// Parses the output of [`By::name`].
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [Self::Machine, Self::Person, Self::Source];
        all.into_iter().find(|by| by.name() == name)
    }
}

/// Whether a label belongs on a photo, as somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whether it does.
    pub accepted: bool,
    /// Who decided; a rejection by [`By::Source`] was inferred from a missing keyword.
    pub(crate) by: By,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub(crate) decided_ms: i64,
}

/// A keyword and its label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Named {
    /// As it is written.
    pub(crate) path: KeywordPath,
    /// The label's id in the library.
    pub(crate) label: String,
}

/// The contents of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Its keywords, each once.
    pub(crate) keywords: Vec<KeywordPath>,
    /// Its flat keywords (`dc:subject`), to which programs add levels of paths.
    pub(crate) flat: Vec<String>,
    /// Those of `keywords` that would be there without Taglens.
    pub(crate) theirs: Vec<KeywordPath>,
    /// Those of [`Memory::written`] that are missing now.
    pub(crate) gone: Vec<KeywordPath>,
    /// The source's own notes on keywords that Taglens wrote, each with its origin; `None` if there
    /// are none.
    pub(crate) marked: Option<Vec<(By, KeywordPath)>>,
}

/// The current state of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Now {
    /// Not read, because it has not changed or cannot be read. The last contents count.
    Unseen,
    /// It does not exist.
    Absent,
    /// It was read.
    Read(Reading),
}

/// The remembered facts about a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The user's keywords in it; `None` if it was never read, or absent since.
    pub(crate) seen: Option<Vec<Named>>,
    /// The keywords that Taglens wrote into it and has found there since.
    pub(crate) written: Vec<Named>,
    /// Keywords that Taglens wrote and the user moved in the hierarchy. They are not written again
    /// while the word is there.
    pub(crate) moved: Vec<Named>,
    /// Keywords that Taglens wrote and that were missing at the next write, before anybody looked.
    pub(crate) removed: Vec<Named>,
    /// The keywords that the source itself called Taglens's.
    pub(crate) marked: Vec<Named>,
    /// Whether it was absent at the last look: then its missing keywords were not removed one by
    /// one.
    pub(crate) was_absent: bool,
}

impl Memory {
    /// Whether another file took the name of an absent sidecar, so that its keywords are the
    /// user's: Taglens marks its keywords with notes, and this file has none.
    pub(crate) fn is_of_another(&self, has_notes: bool) -> bool {
        self.was_absent && !self.written.is_empty() && !has_notes
    }
}

/// One place with keywords of a photo: the metadata inside it, or a sidecar of one of its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its current state.
    pub(crate) now: Now,
    /// The memory of it.
    pub(crate) memory: Memory,
    /// Its last change, in milliseconds since 1970-01-01 UTC.
    pub(crate) changed_ms: i64,
    /// Whether Taglens writes another sidecar of the same file. If both have notes, those of this
    /// one are outdated.
    pub(crate) is_second: bool,
}

/// The known facts about one photo with all its copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Photo {
    /// The metadata inside the photo, then its sidecars.
    pub(crate) sources: Vec<Source>,
    /// Whether the library knows no sidecar of it yet. Then only the sidecars say what Taglens gave
    /// before the library was lost.
    pub(crate) is_new: bool,
    /// By label.
    pub(crate) decisions: BTreeMap<String, Decision>,
    /// Labels that the machine gives.
    pub(crate) given: BTreeSet<String>,
}

/// A keyword that a source should have because of Taglens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    /// The keyword and its label.
    pub(crate) named: Named,
    /// Who gives it.
    pub(crate) by: By,
}

/// A message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// All that Taglens had written into a source vanished at once.
    Overwritten {
        /// Its index in [`Photo::sources`].
        source: usize,
        /// The labels, which the photo keeps.
        labels: Vec<String>,
    },
}

/// The result of reconciling a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reconciled {
    /// The photo's decisions.
    pub(crate) decisions: BTreeMap<String, Decision>,
    /// The new memory of each source.
    pub(crate) memories: Vec<Memory>,
    /// Our keywords for each source, in the order of labels.
    pub(crate) wanted: Vec<Vec<Wanted>>,
    /// Keywords of ours that each source calls the user's and nobody has decided on yet. A write
    /// before the decisions are stored leaves them there with their notes.
    pub(crate) undecided: Vec<Vec<Wanted>>,
    /// Keywords that the user moved in each source although the photo still has the label. They are
    /// not written, but the source should note their origin.
    pub(crate) moved: Vec<Vec<Wanted>>,
    /// Keywords that the user removed from each source, for a write before the decisions are
    /// stored.
    pub(crate) removed: Vec<Vec<Named>>,
    /// The user's keywords that each source lacks since an older state came back: nobody removed
    /// them.
    pub(crate) excused: Vec<Vec<Named>>,
    /// Keywords that must not be written anywhere, because their labels are rejected.
    pub(crate) refused: Vec<KeywordPath>,
    /// Messages for the user.
    pub(crate) messages: Vec<Message>,
}

impl Reconciled {
    /// Returns the memory of the source at index `at` for a write before the decisions are stored.
    /// Undecided keywords stay undecided. Only keywords that the user rejected count as seen,
    /// because writing makes the source newer than the rejection.
    pub(crate) fn before_writing(&self, photo: &Photo, at: usize) -> Option<Memory> {
        let source = photo.sources.get(at)?;
        let after = self.memories.get(at)?;
        let mut memory = source.memory.clone();
        let is_rejected = |named: &&Named| {
            let decision = self.decisions.get(&named.label);
            decision.is_some_and(|d| !d.accepted && d.by == By::Person)
        };
        if source.now == Now::Absent {
            // A new one is unrelated to what was there before.
            let seen = memory.seen.iter().flatten().filter(is_rejected);
            let seen: Vec<Named> = seen.cloned().collect();
            return Some(Memory {
                seen: (!seen.is_empty()).then_some(seen),
                written: memory.written,
                removed: self.removed.get(at).cloned().unwrap_or_default(),
                ..Memory::default()
            });
        }
        memory.was_absent = false;
        if matches!(source.now, Now::Read(_)) {
            memory.moved.clone_from(&after.moved);
            memory.removed = self.removed.get(at).cloned().unwrap_or_default();
            // After the write the source is no longer an older state.
            if let (Some(seen), Some(excused)) = (&mut memory.seen, self.excused.get(at)) {
                seen.retain(|named| !excused.contains(named) || is_rejected(&named));
            }
            let rejected = after.seen.iter().flatten().filter(is_rejected);
            for named in rejected.cloned().collect::<Vec<_>>() {
                let seen = memory.seen.get_or_insert_default();
                if !seen.contains(&named) {
                    seen.push(named);
                }
            }
        }
        Some(memory)
    }
}
