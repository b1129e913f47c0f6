//! Writes, previews and undoes sidecars, on a thread for each job.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::app::messages::event::Event;
use crate::app::messages::export::{ExportJob, ExportState, FileChange, Refused};
use crate::app::messages::message::Severity;
use crate::app::threads::jobs::Jobs;
use crate::app::threads::outbox::Outbox;
use crate::core::ids::ExportId;
use crate::indexer::PipelineError;
use crate::services::export;
use crate::services::export::{ExportOptions, ExportSummary, Exported};
use crate::sidecar::{Fault, SidecarError};
use crate::store::Store;
use crate::words::phrase;
use crate::words::{self, Phrase};

/// The most diffs in a preview; more are only counted.
const MOST_CHANGES: usize = 500;

/// Starts jobs, one at a time.
pub(crate) struct Exporter {
    library: PathBuf,
    outbox: Outbox,
    jobs: Jobs,
}

impl Exporter {
    /// Exports from the library at `library`.
    pub(crate) fn new(library: PathBuf, outbox: Outbox) -> Self {
        let jobs = Jobs::new("export", outbox.clone());
        Self {
            library,
            outbox,
            jobs,
        }
    }

    /// Whether a job is running.
    pub(crate) fn is_running(&self) -> bool {
        self.jobs.is_running()
    }

    /// Stops the job after the current sidecar.
    pub(crate) fn cancel(&self) {
        self.jobs.cancel();
    }

    /// Starts a job for about `total` photos. Returns `false` if one is running, or no thread can
    /// be started.
    pub(crate) fn start(&self, job: ExportJob, total: usize) -> bool {
        let work = Work {
            library: self.library.clone(),
            outbox: self.outbox.clone(),
            jobs: self.jobs.clone(),
            total,
        };
        self.jobs.start(move || {
            if let Err(error) = work.run(&job) {
                work.outbox.tell(Severity::Problem, error.to_string());
                let summary = phrase!("export-not-finished", error = error.to_string());
                let refused = Vec::new();
                work.send(Event::Export(ExportState::Done { summary, refused }));
            }
        })
    }
}

struct Work {
    library: PathBuf,
    outbox: Outbox,
    jobs: Jobs,
    total: usize,
}

impl Work {
    fn send(&self, event: Event) {
        self.outbox.send(event);
    }

    fn run(&self, job: &ExportJob) -> Result<(), PipelineError> {
        let mut store = Store::open_existing(&self.library)?;
        match job {
            ExportJob::Preview(options) => {
                let options = ExportOptions {
                    dry_run: true,
                    ..options.clone()
                };
                self.export(&mut store, &options)
            }
            ExportJob::Write(options) => self.export(&mut store, options),
            ExportJob::Quiet(options) => self.quietly(&mut store, options),
            ExportJob::Undo => self.undo(&mut store, None),
            ExportJob::UndoBackTo(export) => self.undo(&mut store, Some(*export)),
        }
    }

    fn export(&self, store: &mut Store, options: &ExportOptions) -> Result<(), PipelineError> {
        let writing = !options.dry_run;
        let mut done = 0;
        let mut told = Instant::now();
        let (mut changes, mut refused, mut why_beside) = (Vec::new(), Vec::new(), None);
        self.progress(0, writing);
        let summary = export::export(store, options, self.jobs.stop_flag(), |photo, result| {
            done += 1;
            match result {
                Ok(Exported::Planned(change)) if changes.len() < MOST_CHANGES => {
                    changes.push(FileChange {
                        photo: photo.to_path_buf(),
                        change,
                        why_beside: why_beside.take(),
                    });
                }
                // What happens to the sidecar instead comes next.
                Ok(Exported::NotEmbedded(error)) => why_beside = Some(reason(&error)),
                Ok(_) => why_beside = None,
                Err(error) => {
                    why_beside = None;
                    refused.push(refusal(photo, &error));
                }
            }
            if told.elapsed() > Duration::from_millis(100) {
                told = Instant::now();
                self.progress(done, writing);
            }
            Ok::<_, PipelineError>(())
        })?;
        let stopped = self.jobs.is_cancelled();
        self.send(Event::Export(match (writing, stopped) {
            (false, true) => ExportState::Done {
                summary: phrase!("export-preview-cancelled"),
                refused,
            },
            (false, false) => ExportState::Preview {
                changes,
                refused,
                unchanged: summary.unchanged,
                counts: summary.files(),
            },
            (true, _) => ExportState::Done {
                summary: written(&summary, stopped),
                refused,
            },
        }));
        Ok(())
    }

    fn quietly(&self, store: &mut Store, options: &ExportOptions) -> Result<(), PipelineError> {
        let mut refused = Vec::new();
        let summary = export::export(store, options, self.jobs.stop_flag(), |photo, result| {
            if let Err(error) = result {
                refused.push(refusal(photo, &error));
            }
            Ok::<_, PipelineError>(())
        })?;
        let written = summary.written;
        self.send(Event::Exported { written, refused });
        Ok(())
    }

    fn undo(&self, store: &mut Store, back_to: Option<ExportId>) -> Result<(), PipelineError> {
        self.progress(0, true);
        let mut refused = Vec::new();
        let take = |path: &Path, result: Result<(), SidecarError>| {
            if let Err(error) = result {
                refused.push(refusal(path, &error));
            }
            Ok::<_, PipelineError>(())
        };
        let stop = self.jobs.stop_flag();
        let undone = match back_to {
            None => export::undo(store, stop, take),
            Some(export) => export::undo_back_to(store, export, stop, take),
        };
        let files = |n: usize| phrase!("files", count = n);
        let summary = match undone? {
            None => phrase!("export-no-undo"),
            Some((restored, 0)) => phrase!("export-restored", files = files(restored)),
            Some((restored, kept)) => {
                phrase!(
                    "export-partly-restored",
                    files = files(restored),
                    kept = kept
                )
            }
        };
        self.send(Event::Export(ExportState::Done { summary, refused }));
        Ok(())
    }

    fn progress(&self, done: usize, writing: bool) {
        self.send(Event::Export(ExportState::Running {
            done,
            total: self.total,
            writing,
        }));
    }
}

/// Why keywords do not go into a photo, without its path.
/// What an export has written.
fn written(summary: &ExportSummary, stopped: bool) -> Phrase {
    let files = words::files(summary.files());
    let unchanged = phrase!("photos", count = summary.unchanged);
    match stopped {
        false => phrase!("export-done", files = files, unchanged = unchanged),
        true => phrase!("export-stopped", files = files, unchanged = unchanged),
    }
}

fn reason(error: &SidecarError) -> String {
    match &error.fault {
        Fault::NotEmbedded(refusal) => refusal.to_string(),
        _ => error.to_string(),
    }
}

fn refusal(photo: &Path, error: &impl ToString) -> Refused {
    Refused {
        photo: photo.to_path_buf(),
        reason: error.to_string(),
    }
}
