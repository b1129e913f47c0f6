//! Whether the library has what the user said.

use std::time::{Duration, Instant};

use crate::app::messages::saving::{Saving, Unsaved};
use crate::words::tr;

/// How long saving may take before the user is told.
const LATE: Duration = Duration::from_secs(1);

/// Requests that must be saved, and those that have been.
#[derive(Debug, Default)]
pub(crate) struct SavingState {
    asked: u64,
    handled: u64,
    /// Since when the library has not answered.
    since: Option<Instant>,
    unsaved: Option<Unsaved>,
    /// Whether the user would rather lose what is not saved than wait.
    given_up: bool,
}

impl SavingState {
    /// Records a request that must be saved.
    pub(crate) fn asked(&mut self, now: Instant) {
        self.asked += 1;
        self.given_up = false;
        self.since.get_or_insert(now);
    }

    /// Handles the library's report.
    pub(crate) fn report(&mut self, saving: Saving, now: Instant) {
        self.handled = saving.handled;
        self.unsaved = saving.unsaved;
        self.since = (!self.is_saved()).then_some(now);
    }

    /// Whether the library has everything.
    pub(crate) fn is_saved(&self) -> bool {
        self.handled >= self.asked
    }

    /// Whether something could not be saved and is tried again.
    pub(crate) fn has_failed(&self) -> bool {
        self.unsaved.is_some()
    }

    /// Whether nothing would be lost now, or the user accepts that.
    pub(crate) fn may_close(&self) -> bool {
        self.is_saved() || self.given_up
    }

    /// Gives up what is not saved.
    pub(crate) fn give_up(&mut self) {
        self.given_up = true;
    }

    /// What keeps the library from being written, as a sentence.
    pub(crate) fn trouble(&self, now: Instant) -> Option<String> {
        if let Some(Unsaved { changes, reason }) = &self.unsaved {
            let reason = reason.trim_end_matches('.');
            return Some(tr!("unsaved-trouble", count = *changes, reason = reason));
        }
        let is_late = self.late_in(now) == Some(Duration::ZERO);
        is_late.then(|| tr!("unsaved-late").to_owned())
    }

    /// When saving takes too long, if it goes on; `None` if nothing waits.
    pub(crate) fn late_in(&self, now: Instant) -> Option<Duration> {
        let since = self.since?;
        Some(LATE.saturating_sub(now.saturating_duration_since(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_told_of_what_fails_at_once_and_of_what_takes_long_in_time() {
        let mut saving = SavingState::default();
        let start = Instant::now();
        assert!(saving.may_close() && saving.trouble(start).is_none());
        saving.asked(start);
        assert!(!saving.may_close() && saving.trouble(start).is_none());
        assert_eq!(saving.late_in(start), Some(LATE));
        assert!(saving.trouble(start + LATE).is_some());
        let unsaved = Some(Unsaved {
            changes: 1,
            reason: "the disk is full".into(),
        });
        let report = |handled, unsaved| Saving { handled, unsaved };
        saving.report(report(0, unsaved), start);
        let told = saving.trouble(start).unwrap();
        assert_eq!(told, "1 change not saved: the disk is full.");
        saving.give_up();
        assert!(saving.may_close());
        saving.asked(start);
        assert!(!saving.may_close(), "that was said of what there was then");
        saving.report(report(2, None), start);
        assert!(saving.may_close() && saving.trouble(start + LATE).is_none());
    }
}
