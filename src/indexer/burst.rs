//! Uninterrupted work from the first file to the last, which a run is measured by.

use std::time::{Duration, Instant};

use crate::indexer::progress::Progress;
use crate::store::Run;

/// The counters at the start.
pub(crate) struct Burst {
    began: Instant,
    done: usize,
    embedded: usize,
    computing: Duration,
}

impl Burst {
    pub(crate) fn begin(progress: &Progress) -> Self {
        let now = progress.snapshot();
        Self {
            began: Instant::now(),
            done: now.done,
            embedded: now.embedded,
            computing: progress.computing(),
        }
    }

    /// Measures the work since the start.
    pub(crate) fn end(&self, progress: &Progress, model: &str, device: String) -> Run {
        let now = progress.snapshot();
        let elapsed = self.began.elapsed();
        let embedded = now.embedded - self.embedded;
        let computing = progress.computing() - self.computing;
        Run {
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            computing_ms: u64::try_from(computing.as_millis()).unwrap_or(u64::MAX),
            read: (now.done - self.done) as u64,
            embedded,
            photos_per_second: embedded as f64 / elapsed.as_secs_f64().max(1e-3),
            model: model.to_owned(),
            device,
            ..Run::default()
        }
    }
}
