//! The progress of the work, for display.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The current activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Folders are being looked at.
    Scanning,
    /// Photos are being read, decoded and embedded.
    Embedding,
    /// Labels are being scored on photos that are embedded already.
    Tagging,
    /// Known photos are read once more, for what an earlier version did not read.
    ReadingAgain,
    /// Nothing is to be done.
    Idle,
}

impl Phase {
    fn of(number: u8) -> Self {
        match number {
            0 => Self::Scanning,
            1 => Self::Embedding,
            2 => Self::Tagging,
            3 => Self::ReadingAgain,
            _ => Self::Idle,
        }
    }
}

/// The speed is an average over this time, so that it neither jumps nor lags.
const WINDOW: Duration = Duration::from_secs(10);
/// The interval of points in the window.
const STEP: Duration = Duration::from_millis(200);

/// Counters that any thread changes and any thread reads, without waiting.
#[derive(Debug)]
pub(crate) struct Progress {
    phase: AtomicU8,
    found: AtomicUsize,
    total: AtomicUsize,
    done: AtomicUsize,
    decoded: AtomicUsize,
    embedded: AtomicUsize,
    failed: AtomicUsize,
    computing_us: AtomicU64,
    recent: Mutex<VecDeque<(Instant, usize)>>,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapshot {
    /// The current activity.
    pub phase: Phase,
    /// Files that scans have seen.
    pub(crate) found: usize,
    /// Files to read, including those already read.
    pub(crate) total: usize,
    /// Files that are finished, with any result.
    pub(crate) done: usize,
    /// Files of which pictures were decoded, with any result.
    pub(crate) decoded: usize,
    /// Photos embedded.
    pub(crate) embedded: usize,
    /// Files that failed.
    pub(crate) failed: usize,
    /// Files finished per second, lately.
    pub(crate) per_second: f64,
    /// The remaining time at that speed; `None` if unknown.
    pub(crate) left: Option<Duration>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Idle as u8),
            found: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            decoded: AtomicUsize::new(0),
            embedded: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            computing_us: AtomicU64::new(0),
            recent: Mutex::default(),
        }
    }
}

impl Progress {
    pub(crate) fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn add_found(&self, count: usize) {
        self.found.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn add_total(&self, count: usize) {
        self.total.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn add_done(&self, done: usize, embedded: usize, failed: usize) {
        self.embedded.fetch_add(embedded, Ordering::Relaxed);
        self.failed.fetch_add(failed, Ordering::Relaxed);
        let done = self.done.fetch_add(done, Ordering::Relaxed) + done;
        self.note(Instant::now(), done);
    }

    pub(crate) fn add_decoded(&self) {
        self.decoded.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_computing(&self, elapsed: Duration) {
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.computing_us.fetch_add(elapsed_us, Ordering::Relaxed);
    }

    /// The total time that models have computed.
    pub(crate) fn computing(&self) -> Duration {
        Duration::from_micros(self.computing_us.load(Ordering::Relaxed))
    }

    /// The counters now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let (total, done) = (read(&self.total), read(&self.done));
        let per_second = self.per_second(Instant::now(), done);
        let left = total.saturating_sub(done) as f64 / per_second;
        Snapshot {
            phase: Phase::of(self.phase.load(Ordering::Relaxed)),
            found: read(&self.found),
            total,
            done,
            decoded: read(&self.decoded),
            embedded: read(&self.embedded),
            failed: read(&self.failed),
            per_second,
            left: Duration::try_from_secs_f64(left).ok(),
        }
    }

    fn note(&self, now: Instant, done: usize) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        match recent.back() {
            Some((last, _)) if now.duration_since(*last) < STEP => return,
            _ => recent.push_back((now, done)),
        }
        while let Some((first, _)) = recent.front()
            && now.duration_since(*first) > WINDOW
        {
            recent.pop_front();
        }
    }

    fn per_second(&self, now: Instant, done: usize) -> f64 {
        // Writers hold this for an instant; readers do not wait for it.
        let Ok(recent) = self.recent.try_lock() else {
            return 0.0;
        };
        let Some((first, before)) = recent.front() else {
            return 0.0;
        };
        let elapsed = now.duration_since(*first).as_secs_f64();
        if elapsed < 0.2 {
            return 0.0;
        }
        done.saturating_sub(*before) as f64 / elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_that_of_the_last_seconds() {
        let progress = Progress::default();
        let start = Instant::now();
        for second in 0..60_u32 {
            let done = match second {
                0..30 => second as usize,
                _ => 30 + (second as usize - 30) * 100,
            };
            progress.note(start + Duration::from_secs(second.into()), done);
        }
        let per_second = progress.per_second(start + Duration::from_secs(59), 30 + 29 * 100);
        assert!((per_second - 100.0).abs() < 1.0, "{per_second}");
        let stalled = progress.per_second(start + Duration::from_secs(79), 30 + 29 * 100);
        assert!(stalled < per_second / 2.0, "{stalled}");
    }

    #[test]
    fn counts_add_up() {
        let progress = Progress::default();
        assert_eq!(progress.snapshot().left, None);
        progress.add_total(10);
        progress.add_done(3, 2, 1);
        let now = progress.snapshot();
        assert_eq!(
            (now.total, now.done, now.embedded, now.failed),
            (10, 3, 2, 1)
        );
    }
}
