//! Sidecars written, previewed and taken back, on a thread that lives as long as that takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::app::messages::event::{Event, ExportState, Severity};
use crate::app::threads::outbox::{Jobs, Outbox};
use crate::indexer::PipelineError;
use crate::services::export;
use crate::services::export::{ExportOptions, Exported};
use crate::store::Store;

/// Diffs that a preview lists; more are only counted.
const MOST_CHANGES: usize = 500;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Job {
    /// Find out what would change.
    Preview(ExportOptions),
    /// Write.
    Write(ExportOptions),
    /// Write without being watched.
    Quiet(ExportOptions),
    /// Take the last export back.
    Undo,
}

/// Where jobs are started. One is done at a time.
pub struct Exporter {
    library: PathBuf,
    outbox: Outbox,
    jobs: Jobs,
}

impl Exporter {
    /// For the library at `library`.
    pub fn new(library: PathBuf, outbox: Outbox) -> Self {
        let jobs = Jobs::new("export", outbox.clone());
        Self {
            library,
            outbox,
            jobs,
        }
    }

    /// Whether a job is being done.
    pub fn is_running(&self) -> bool {
        self.jobs.is_running()
    }

    /// Has the job end after the sidecar at hand.
    pub fn cancel(&self) {
        self.jobs.cancel();
    }

    /// Starts a job over about `total` photos. `false` where one is being done, or no thread can
    /// be started.
    pub fn start(&self, job: Job, total: usize) -> bool {
        let work = Work {
            library: self.library.clone(),
            outbox: self.outbox.clone(),
            jobs: self.jobs.clone(),
            total,
        };
        self.jobs.start(move || {
            if let Err(error) = work.run(&job) {
                work.outbox.tell(Severity::Problem, error.to_string());
                let summary = format!("Not finished: {error}");
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

    fn run(&self, job: &Job) -> Result<(), PipelineError> {
        let mut store = Store::open(&self.library)?;
        match job {
            Job::Preview(options) => {
                let options = ExportOptions {
                    dry_run: true,
                    ..options.clone()
                };
                self.export(&mut store, &options)
            }
            Job::Write(options) => self.export(&mut store, options),
            Job::Quiet(options) => self.quietly(&mut store, options),
            Job::Undo => self.undo(&mut store),
        }
    }

    fn export(&self, store: &mut Store, options: &ExportOptions) -> Result<(), PipelineError> {
        let writing = !options.dry_run;
        let (mut done, mut more) = (0, 0);
        let mut told = Instant::now();
        let (mut changes, mut refused) = (Vec::new(), Vec::new());
        self.progress(0, writing);
        let summary = export::export(store, options, self.jobs.stop_flag(), |photo, result| {
            done += 1;
            match result {
                Ok(Exported::Planned(diff)) if changes.len() < MOST_CHANGES => {
                    changes.push((photo.to_path_buf(), diff));
                }
                Ok(Exported::Planned(_)) => more += 1,
                Ok(Exported::Unchanged | Exported::Written { .. }) => {}
                Err(error) => refused.push((photo.to_path_buf(), error.to_string())),
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
                summary: "Preview cancelled; nothing was written.".into(),
                refused,
            },
            (false, false) => ExportState::Preview {
                changes,
                refused,
                unchanged: summary.unchanged,
                more,
            },
            (true, _) => ExportState::Done {
                summary: format!(
                    "{} {} written, {} were up to date already{}.",
                    summary.written,
                    if summary.written == 1 {
                        "sidecar"
                    } else {
                        "sidecars"
                    },
                    summary.unchanged,
                    if stopped {
                        "; cancelled before the end"
                    } else {
                        ""
                    }
                ),
                refused,
            },
        }));
        Ok(())
    }

    fn quietly(&self, store: &mut Store, options: &ExportOptions) -> Result<(), PipelineError> {
        let mut refused = Vec::new();
        let summary = export::export(store, options, self.jobs.stop_flag(), |photo, result| {
            if let Err(error) = result {
                refused.push((photo.to_path_buf(), error.to_string()));
            }
            Ok::<_, PipelineError>(())
        })?;
        let written = summary.written;
        self.send(Event::Exported { written, refused });
        Ok(())
    }

    fn undo(&self, store: &mut Store) -> Result<(), PipelineError> {
        self.progress(0, true);
        let mut refused = Vec::new();
        let undone = export::undo(store, |path, result| {
            if let Err(error) = result {
                refused.push((path.to_path_buf(), error.to_string()));
            }
            Ok::<_, PipelineError>(())
        })?;
        let summary = match undone {
            None => "There is no export to take back.".into(),
            Some((restored, 0)) => format!("{restored} sidecars are as they were before."),
            Some((restored, kept)) => format!(
                "{restored} sidecars are as they were before; {kept} have been changed since and were left alone."
            ),
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
