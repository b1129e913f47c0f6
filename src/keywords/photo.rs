//! What is known of one photo: its sources, its decisions, what the machine gives.

use std::collections::{BTreeMap, BTreeSet};

use crate::keywords::path::KeywordPath;

/// Who says that a label belongs on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum By {
    /// The machine; no decision stands behind it.
    Machine,
    /// A person, in Taglens.
    Person,
    /// A person, by a keyword in a source.
    Source,
}

impl By {
    /// As a sidecar and the command line call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Machine => "auto",
            Self::Person => "person",
            Self::Source => "sidecar",
        }
    }

    /// What [`By::name`] gives.
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
    /// Who decided; a rejection by [`By::Source`] was inferred from a keyword that is gone.
    pub(crate) by: By,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub(crate) decided_ms: i64,
}

/// A keyword and the label that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Named {
    /// As it is written.
    pub(crate) path: KeywordPath,
    /// What the library calls the label.
    pub(crate) label: String,
}

/// What a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Its keywords, each once.
    pub(crate) keywords: Vec<KeywordPath>,
    /// Its flat keywords (`dc:subject`), to which programs add the levels of paths.
    pub(crate) flat: Vec<String>,
    /// Those of `keywords` that stand there without what Taglens wrote.
    pub(crate) theirs: Vec<KeywordPath>,
    /// Those of [`Memory::written`] that stand there no more.
    pub(crate) gone: Vec<KeywordPath>,
    /// What the source itself says of keywords that Taglens wrote, and whose each is; `None` where
    /// it says nothing.
    pub(crate) marked: Option<Vec<(By, KeywordPath)>>,
}

/// A source at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Now {
    /// It is not looked at: it has not changed, or it cannot be read. What was seen in it counts.
    Unseen,
    /// There is none.
    Absent,
    /// It was read.
    Read(Reading),
}

/// What is remembered of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The person's keywords in it; `None` where it was never read, or was absent since.
    pub(crate) seen: Option<Vec<Named>>,
    /// What Taglens wrote into it and found there since.
    pub(crate) written: Vec<Named>,
    /// What Taglens had written and the person moved to another place in the hierarchy: not to be
    /// written again while the word is there.
    pub(crate) moved: Vec<Named>,
    /// What Taglens had written and was gone when it was written again, before anybody looked.
    pub(crate) removed: Vec<Named>,
    /// The keywords that the source itself called Taglens's.
    pub(crate) marked: Vec<Named>,
    /// Whether it was absent at the last look: what it lacks now was not taken out one by one.
    pub(crate) was_absent: bool,
}

impl Memory {
    /// Whether what lies where an absent sidecar lay is another file of that name, whose keywords
    /// are the person's: Taglens notes in a sidecar what it writes, and this one has no notes.
    pub(crate) fn is_of_another(&self, has_notes: bool) -> bool {
        self.was_absent && !self.written.is_empty() && !has_notes
    }
}

/// One place that holds keywords of a photo: the metadata inside it, or a sidecar of one of its
/// copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// What it holds.
    pub(crate) now: Now,
    /// What is remembered of it.
    pub(crate) memory: Memory,
    /// When it was last changed, in milliseconds since 1970-01-01 UTC.
    pub(crate) changed_ms: i64,
    /// Whether Taglens writes another sidecar of the same file: where both say what is Taglens's, this
    /// one is out of date.
    pub(crate) is_second: bool,
}

/// What is known of one photo, all its copies together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Photo {
    /// The metadata inside the photo, then its sidecars.
    pub(crate) sources: Vec<Source>,
    /// Whether the library knows no sidecar of it yet: only they say what Taglens gave, before the
    /// library was lost.
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

/// What a person should hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// All that Taglens had written into a source is gone at once.
    Overwritten {
        /// Its place in [`Photo::sources`].
        source: usize,
        /// The labels, which the photo keeps.
        labels: Vec<String>,
    },
}

/// What comes of a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reconciled {
    /// The photo's decisions.
    pub(crate) decisions: BTreeMap<String, Decision>,
    /// What to remember of each source.
    pub(crate) memories: Vec<Memory>,
    /// What each source should have of ours, in the order of labels.
    pub(crate) wanted: Vec<Vec<Wanted>>,
    /// What each source itself calls a person's keyword of ours, and nobody has decided on yet: who
    /// writes before the decisions are kept leaves it there, with what is said of it.
    pub(crate) undecided: Vec<Vec<Wanted>>,
    /// What the person moved elsewhere in each source, where the photo has its label all the same: it
    /// is not written, but the source is to say whose it is.
    pub(crate) moved: Vec<Vec<Wanted>>,
    /// What a person took out of each source: for who writes before the decisions are kept.
    pub(crate) removed: Vec<Vec<Named>>,
    /// What each source lacks of the person's since an older state of it is back: nobody took it out.
    pub(crate) excused: Vec<Vec<Named>>,
    /// Keywords that must not be written anywhere, since their labels are rejected.
    pub(crate) refused: Vec<KeywordPath>,
    /// What a person should hear.
    pub(crate) messages: Vec<Message>,
}

impl Reconciled {
    /// What to remember of the source at index `at` when it is written before the decisions are
    /// kept. What nobody has decided on stays to be decided on; only what a person has rejected
    /// counts as seen, since writing makes the source newer than the rejection.
    pub(crate) fn before_writing(&self, photo: &Photo, at: usize) -> Option<Memory> {
        let source = photo.sources.get(at)?;
        let after = self.memories.get(at)?;
        let mut memory = source.memory.clone();
        let is_rejected = |named: &&Named| {
            let decision = self.decisions.get(&named.label);
            decision.is_some_and(|d| !d.accepted && d.by == By::Person)
        };
        if source.now == Now::Absent {
            // A new one, which has nothing else to do with what was there once.
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
            // Once it is written the source is no older state any more.
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
