//! Decisions that were asked for and are not known to be kept yet.

/// Decisions are shown at once and kept later. A library that was read before the last of them was
/// kept is out of date, and undo waits until it is known what was decided before.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Requests to decide, ever.
    asked: u64,
    /// Of those to be noted for undo, the ones that are not answered.
    unnoted: usize,
    /// Steps to be taken back once all are answered.
    undos: usize,
}

impl Pending {
    /// A request to decide goes out; `note` is whether its answer is waited for.
    pub(crate) fn ask(&mut self, note: bool) {
        self.asked += 1;
        self.unnoted += usize::from(note);
    }

    /// Whether a library with `kept` requests in it is out of date.
    pub(crate) fn is_stale(&self, kept: u64) -> bool {
        kept < self.asked
    }

    /// A request was answered.
    pub(crate) fn answered(&mut self) {
        self.unnoted = self.unnoted.saturating_sub(1);
    }

    /// One more step is to be taken back.
    pub(crate) fn want_undo(&mut self) {
        self.undos += 1;
    }

    /// The steps that can be taken back now, each given out once.
    pub(crate) fn take_undos(&mut self) -> usize {
        match self.unnoted {
            0 => std::mem::take(&mut self.undos),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undo_waits_for_every_answer_and_happens_once() {
        let mut pending = Pending::default();
        pending.ask(true);
        pending.ask(true);
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
        pending.ask(true);
        pending.ask(false);
        assert!(pending.is_stale(1));
        assert!(!pending.is_stale(2));
    }
}
