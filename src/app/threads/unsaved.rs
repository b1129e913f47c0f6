//! Requests that could not be saved, because the library cannot be written, in order.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::app::messages::request::Request;
use crate::app::messages::saving::Unsaved;
use crate::core::ids::PhotoId;
use crate::store::Decision;

/// The wait before the first attempt. Each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The requests, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct UnsavedRequests {
    requests: VecDeque<Request>,
    reason: String,
    wait: Duration,
    retry_at: Option<Instant>,
}

impl UnsavedRequests {
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Adds the latest.
    pub(crate) fn push(&mut self, request: Request) {
        self.requests.push_back(request);
    }

    /// Takes the oldest, for another attempt.
    pub(crate) fn take(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// Puts it back after an attempt that failed.
    pub(crate) fn put_back(&mut self, request: Request) {
        self.requests.push_front(request);
    }

    /// What to tell the user; `None` if everything is saved.
    pub(crate) fn report(&self) -> Option<Unsaved> {
        (!self.is_empty()).then(|| Unsaved {
            changes: self.requests.len(),
            reason: self.reason.clone(),
        })
    }

    /// Makes the next attempt due, as if none had failed.
    pub(crate) fn retry_now(&mut self, now: Instant) {
        self.wait = Duration::ZERO;
        self.retry_at = Some(now);
    }

    /// Whether it is time for another attempt.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.retry_at.is_some_and(|at| at <= now)
    }

    /// Plans the next attempt after one that failed for `reason`.
    pub(crate) fn failed(&mut self, reason: String, now: Instant) {
        self.reason = reason;
        self.wait = (self.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
        self.retry_at = Some(now + self.wait);
    }

    /// The latest decision on each photo and label: the library may have an older one.
    pub(crate) fn decisions(&self) -> HashMap<(PhotoId, &str), Option<Decision>> {
        let decisions = self.requests.iter().filter_map(|request| match request {
            Request::Decide(decisions, _) => Some(decisions),
            _ => None,
        });
        let decisions = decisions.flatten();
        decisions
            .map(|d| ((d.photo, d.label.as_str()), d.decision))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_and_never_end() {
        let mut unsaved = UnsavedRequests::default();
        let start = Instant::now();
        let waits = (0..8).map(|_| {
            unsaved.failed("full".into(), start);
            unsaved.wait.as_secs()
        });
        assert_eq!(waits.collect::<Vec<_>>(), [1, 2, 4, 8, 16, 30, 30, 30]);
        assert!(!unsaved.is_due(start + Duration::from_secs(29)));
        assert!(unsaved.is_due(start + Duration::from_secs(30)));
    }
}
