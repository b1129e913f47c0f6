//! Sidecars written, previewed and taken back, on a thread that lives as long as that takes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::event::{Event, ExportState, Message, Severity, Wake};
use crate::pipeline::PipelineError;
use crate::pipeline::export::{self, ExportOptions, Exported};
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
    events: Sender<Event>,
    wake: Wake,
    running: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Exporter {
    /// For the library at `library`.
    pub fn new(library: PathBuf, events: Sender<Event>, wake: Wake) -> Self {
        Self {
            library,
            events,
            wake,
            running: Arc::default(),
            stop: Arc::default(),
        }
    }

    /// Whether a job is being done.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// Has the job end after the sidecar at hand.
    pub fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Starts a job over about `total` photos. `false` where one is being done, or no thread can
    /// be started.
    pub fn start(&self, job: Job, total: usize) -> bool {
        if self.running.swap(true, Ordering::Relaxed) {
            return false;
        }
        self.stop.store(false, Ordering::Relaxed);
        let work = Work {
            library: self.library.clone(),
            events: self.events.clone(),
            wake: self.wake.clone(),
            stop: self.stop.clone(),
            total,
        };
        let running = self.running.clone();
        let spawned = std::thread::Builder::new()
            .name("export".into())
            .spawn(move || {
                if let Err(error) = work.run(&job) {
                    work.send(Event::Message(Message {
                        severity: Severity::Problem,
                        text: error.to_string(),
                    }));
                    let summary = format!("Not finished: {error}");
                    let refused = Vec::new();
                    work.send(Event::Export(ExportState::Done { summary, refused }));
                }
                running.store(false, Ordering::Relaxed);
            });
        if spawned.is_err() {
            self.running.store(false, Ordering::Relaxed);
        }
        spawned.is_ok()
    }
}

struct Work {
    library: PathBuf,
    events: Sender<Event>,
    wake: Wake,
    stop: Arc<AtomicBool>,
    total: usize,
}

impl Work {
    fn send(&self, event: Event) {
        // The window may be gone already.
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
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
        let summary = export::export(store, options, &self.stop, |photo, result| {
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
        let stopped = self.stop.load(Ordering::Relaxed);
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
        let summary = export::export(store, options, &self.stop, |photo, result| {
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
