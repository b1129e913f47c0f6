//! Decisions that were requested and may not be stored yet.

use std::collections::VecDeque;

use crate::app::messages::decision::Decide;

/// Decisions are shown at once and stored later. A library that was read before the last of them
/// was stored is outdated, and undo waits until the previous decisions are known.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// All decision requests.
    asked: u64,
    /// Of those, the ones to remember for undo.
    to_note: u64,
    /// Of these, the ones answered.
    noted: u64,
    /// Steps to undo once all are answered.
    undos: usize,
    /// The requests that the library on show does not include, with their numbers.
    missing: VecDeque<(u64, Vec<Decide>)>,
}

impl Pending {
    /// Records a decision request; `note` is whether to wait for its answer.
    pub(crate) fn ask(&mut self, note: bool, decisions: &[Decide]) {
        self.asked += 1;
        self.missing.push_back((self.asked, decisions.to_vec()));
        self.to_note += u64::from(note);
    }

    /// The number of the last request to wait for.
    pub(crate) fn latest(&self) -> u64 {
        self.to_note
    }

    /// Whether a library that includes `kept` requests is outdated.
    pub(crate) fn is_stale(&self, kept: u64) -> bool {
        kept < self.asked
    }

    /// The decisions that a library which includes `kept` requests does not have, the oldest first.
    pub(crate) fn not_in(&mut self, kept: u64) -> impl Iterator<Item = &[Decide]> {
        while self
            .missing
            .front()
            .is_some_and(|(number, _)| *number <= kept)
        {
            self.missing.pop_front();
        }
        self.missing
            .iter()
            .map(|(_, decisions)| decisions.as_slice())
    }

    /// Records the answer to a request, and returns its number.
    pub(crate) fn answered(&mut self) -> u64 {
        self.noted = (self.noted + 1).min(self.to_note);
        self.noted
    }

    /// Whether the request of that number was not answered yet.
    pub(crate) fn waits_for(&self, number: u64) -> bool {
        self.noted < number
    }

    /// Whether any answer is missing.
    pub(crate) fn waits(&self) -> bool {
        self.noted < self.to_note
    }

    /// Adds a step to undo.
    pub(crate) fn want_undo(&mut self) {
        self.undos += 1;
    }

    /// Takes the steps that can be undone now.
    pub(crate) fn take_undos(&mut self) -> usize {
        match self.waits() {
            false => std::mem::take(&mut self.undos),
            true => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undo_waits_for_every_answer_and_happens_once() {
        let mut pending = Pending::default();
        pending.ask(true, &[]);
        pending.ask(true, &[]);
        pending.want_undo();
        assert_eq!(pending.take_undos(), 0);
        pending.answered();
        assert_eq!(pending.take_undos(), 0, "one answer is still out");
        pending.answered();
        assert_eq!(pending.take_undos(), 1);
        assert_eq!(pending.take_undos(), 0);
        pending.answered();
        pending.want_undo();
        assert_eq!(
            pending.take_undos(),
            1,
            "more answers than requests do no harm"
        );
    }

    #[test]
    fn a_library_is_stale_until_it_has_every_decision() {
        let mut pending = Pending::default();
        assert!(!pending.is_stale(0));
        pending.ask(true, &[]);
        pending.ask(false, &[]);
        assert!(pending.is_stale(1));
        assert!(!pending.is_stale(2));
    }
}
