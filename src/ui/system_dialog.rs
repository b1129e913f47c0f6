//! The system's file dialogs.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::app::{Event, LabelCommand, PathPurpose};
use crate::words::tr;

/// A faster answer cannot be a user's: there was no dialog.
const SOONEST: Duration = Duration::from_millis(700);
/// Whether the system's dialogs come from a service that may be missing. Other systems always have
/// one, and no answer means that the user cancelled.
const BY_SERVICE: bool = cfg!(all(unix, not(target_os = "macos")));

/// Waits for a dialog's answer.
pub(crate) type Wait = Box<dyn FnOnce() -> Option<Event> + Send>;

/// Opens a dialog. It is created on this thread, as macOS requires; the returned function waits for
/// the answer and belongs on another thread.
pub(crate) fn open(purpose: PathPurpose) -> Wait {
    let dialog = rfd::AsyncFileDialog::new();
    let start = Instant::now();
    match purpose {
        PathPurpose::AddFolder => {
            let future = dialog.set_title(tr!("dialog-folders")).pick_folders();
            Box::new(move || {
                let folders = pollster::block_on(future).map(paths);
                answer(purpose, folders, None, Event::Chosen)
            })
        }
        PathPurpose::ImportLabels => {
            // The first of several files; asking for a single file does not distinguish a cancelled
            // dialog from a missing one.
            let future = dialog.set_title(tr!("dialog-import")).pick_files();
            Box::new(move || {
                let files = pollster::block_on(future).map(paths);
                answer(purpose, files, None, |files| {
                    let first = files.into_iter().next().unwrap_or_default();
                    Event::Wanted(LabelCommand::Import(first).into())
                })
            })
        }
        PathPurpose::ExportLabels => {
            let dialog = dialog.set_title(tr!("dialog-export"));
            let future = dialog.set_file_name("labels.toml").save_file();
            Box::new(move || {
                let file = pollster::block_on(future).map(|f| vec![f.path().to_path_buf()]);
                answer(purpose, file, Some(start.elapsed()), |file| {
                    let path = file.into_iter().next().unwrap_or_default();
                    Event::Wanted(LabelCommand::Export(path).into())
                })
            })
        }
    }
}

fn paths(files: Vec<rfd::FileHandle>) -> Vec<PathBuf> {
    files.iter().map(|f| f.path().to_path_buf()).collect()
}

/// Turns an answer into an event. If a missing dialog looks like a cancelled one, `waited`, the
/// time that it took, decides.
fn answer(
    purpose: PathPurpose,
    chosen: Option<Vec<PathBuf>>,
    waited: Option<Duration>,
    event: impl FnOnce(Vec<PathBuf>) -> Event,
) -> Option<Event> {
    match chosen {
        Some(paths) if paths.is_empty() => None,
        Some(paths) => Some(event(paths)),
        None => {
            let none_there = BY_SERVICE && waited.is_none_or(|w| w < SOONEST);
            none_there.then_some(Event::NoDialog(purpose))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_dialog_is_told_from_none() {
        let of = |chosen: Option<Vec<PathBuf>>, waited: Option<Duration>| {
            answer(PathPurpose::AddFolder, chosen, waited, Event::Chosen)
        };
        assert!(of(Some(Vec::new()), None).is_none(), "closed");
        let chosen = of(Some(vec!["/a".into()]), None);
        assert!(matches!(chosen, Some(Event::Chosen(p)) if p.len() == 1));
        let is_missing = |event| matches!(event, Some(Event::NoDialog(_)));
        assert_eq!(is_missing(of(None, None)), BY_SERVICE);
        assert_eq!(is_missing(of(None, Some(Duration::ZERO))), BY_SERVICE);
        assert!(of(None, Some(Duration::from_secs(3))).is_none());
    }
}
