//! Downloads full CLIP models in the background, one at a time.

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::app::messages::download::{DownloadPhase, DownloadState};
use crate::app::messages::event::Event;
use crate::app::threads::jobs::Jobs;
use crate::app::threads::outbox::Outbox;
use crate::engine::validate;
use crate::model_store::{Entry, ModelStore, ModelStoreError, Progress, PullOptions, pull};
use crate::words::{Phrase, phrase};

/// How often to report to the window.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Starts downloads.
pub(crate) struct Downloads {
    models: ModelStore,
    outbox: Outbox,
    jobs: Jobs,
}

impl Downloads {
    /// Downloads into `models`.
    pub(crate) fn new(models: ModelStore, outbox: Outbox) -> Self {
        let jobs = Jobs::new("download", outbox.clone());
        Self {
            models,
            outbox,
            jobs,
        }
    }

    /// Whether one is running.
    pub(crate) fn is_running(&self) -> bool {
        self.jobs.is_running()
    }

    /// Stops it soon; the bytes so far are kept for the next time.
    pub(crate) fn cancel(&self) {
        self.jobs.cancel();
    }

    /// Starts to download the catalogue's model of that name. Returns `false` if one is running,
    /// there is no such model, or no thread can be started.
    pub(crate) fn start(&self, name: &str) -> bool {
        let Some(entry) = Entry::find(name) else {
            return false;
        };
        let work = Work {
            entry,
            models: self.models.clone(),
            outbox: self.outbox.clone(),
            jobs: self.jobs.clone(),
            rate: Rate::default(),
            told: None,
        };
        self.jobs.start(move || work.run())
    }
}

struct Work {
    entry: &'static Entry,
    models: ModelStore,
    outbox: Outbox,
    jobs: Jobs,
    rate: Rate,
    told: Option<Instant>,
}

impl Work {
    fn run(mut self) {
        let phase = match self.pull() {
            Ok(()) => DownloadPhase::Done,
            Err(ModelStoreError::Cancelled { .. }) => DownloadPhase::Cancelled,
            Err(error) => DownloadPhase::Failed {
                reason: reason(&error, self.entry),
            },
        };
        self.tell(phase);
    }

    fn pull(&mut self) -> Result<(), ModelStoreError> {
        let options = PullOptions::from_env()?;
        let (models, entry) = (self.models.clone(), self.entry);
        let mut watcher = |progress| self.hear(progress);
        pull(&models, entry, &options, &mut watcher, &validate).map(drop)
    }

    fn hear(&mut self, progress: Progress) -> ControlFlow<()> {
        if self.jobs.is_cancelled() {
            return ControlFlow::Break(());
        }
        let hurry = !matches!(
            progress,
            Progress::Downloading { .. } | Progress::Checking { .. }
        );
        let due = self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
        let phase = match progress {
            Progress::Waiting => return ControlFlow::Continue(()),
            Progress::Warning { text } => DownloadPhase::Retrying { reason: text },
            Progress::Downloading {
                done_bytes,
                total_bytes,
                ..
            } => {
                self.rate.see(Instant::now(), done_bytes);
                let bytes_per_second = self.rate.bytes_per_second();
                DownloadPhase::Fetching {
                    done_bytes,
                    total_bytes,
                    bytes_per_second,
                    left: left(total_bytes.saturating_sub(done_bytes), bytes_per_second),
                }
            }
            Progress::Retrying { reason, .. } => DownloadPhase::Retrying { reason },
            Progress::Checking {
                done_bytes,
                total_bytes,
                ..
            } => DownloadPhase::Checking {
                done_bytes,
                total_bytes,
            },
            Progress::Installing => DownloadPhase::Installing,
        };
        if hurry || due {
            self.told = Some(Instant::now());
            self.tell(phase);
        }
        ControlFlow::Continue(())
    }

    fn tell(&self, phase: DownloadPhase) {
        let state = DownloadState {
            model: self.entry.name.to_owned(),
            phase,
        };
        self.outbox.send(Event::Download(state));
    }
}

/// Why it failed, and what to do.
fn reason(error: &ModelStoreError, entry: &Entry) -> Phrase {
    match error {
        ModelStoreError::Io { source, .. }
            if matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            ) =>
        {
            phrase!(
                "download-disk-full",
                error = error.to_string(),
                size = entry.size_mb
            )
        }
        _ => error.to_string().into(),
    }
}

fn left(bytes: u64, bytes_per_second: f64) -> Option<Duration> {
    (bytes_per_second > 0.0).then(|| Duration::from_secs_f64(bytes as f64 / bytes_per_second))
}

/// The speed of the last seconds.
#[derive(Default)]
struct Rate {
    seen: std::collections::VecDeque<(Instant, u64)>,
}

impl Rate {
    /// The time span of the speed.
    const SPAN: Duration = Duration::from_secs(5);

    fn see(&mut self, now: Instant, done_bytes: u64) {
        // A new file starts from zero. Bytes that were on disk before then appear all at once and
        // did not come from the network.
        let anew = |(_, last): &(Instant, u64)| *last == 0 || *last > done_bytes;
        if self.seen.back().is_some_and(anew) {
            self.seen.clear();
        }
        let old = |at: &Instant| now.duration_since(*at) > Self::SPAN;
        while self.seen.front().is_some_and(|(at, _)| old(at)) && self.seen.len() > 2 {
            self.seen.pop_front();
        }
        self.seen.push_back((now, done_bytes));
    }

    fn bytes_per_second(&self) -> f64 {
        let (Some((first, from)), Some((last, to))) = (self.seen.front(), self.seen.back()) else {
            return 0.0;
        };
        let seconds = last.duration_since(*first).as_secs_f64();
        match seconds > 0.0 {
            true => to.saturating_sub(*from) as f64 / seconds,
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_how_much_is_needed() {
        let entry = Entry::find("vit-b-32-openai").unwrap();
        let full = |kind: ErrorKind| ModelStoreError::Io {
            action: "write",
            path: "cache".into(),
            source: kind.into(),
        };
        let text = reason(&full(ErrorKind::StorageFull), entry).to_string();
        assert!(text.contains(&format!("{} MB", entry.size_mb)), "{text}");
        let other = full(ErrorKind::PermissionDenied);
        assert_eq!(reason(&other, entry).to_string(), other.to_string());
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut rate = Rate::default();
        assert_eq!(rate.bytes_per_second(), 0.0);
        // Bytes that were there already do not count.
        rate.see(at(0), 5_000);
        assert_eq!(rate.bytes_per_second(), 0.0);
        for s in 1..=10 {
            rate.see(at(s), 5_000 + s * 100);
        }
        assert!((rate.bytes_per_second() - 100.0).abs() < 1e-9);
        for s in 11..=30 {
            rate.see(at(s), 6_000);
        }
        assert_eq!(rate.bytes_per_second(), 0.0, "it has stopped");
        rate.see(at(31), 10);
        rate.see(at(32), 30);
        assert!(
            (rate.bytes_per_second() - 20.0).abs() < 1e-9,
            "another file"
        );
        rate.see(at(33), 0);
        rate.see(at(34), 1_000_000);
        assert_eq!(rate.bytes_per_second(), 0.0, "resumed");
        rate.see(at(36), 1_000_100);
        assert!((rate.bytes_per_second() - 50.0).abs() < 1e-9);
        assert_eq!(left(100, 20.0), Some(Duration::from_secs(5)));
        assert_eq!(left(100, 0.0), None);
    }
}
