//! Writes a report when a part of the program panics, and shows a message.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::app::messages::message::Severity;
use crate::app::threads::outbox::Outbox;
use crate::core::date::day;
use crate::core::panics::contains_panics;
use crate::words::{Phrase, phrase};

/// The number of reports kept.
const KEPT: usize = 10;
/// Names the report that the user was told about last.
const SEEN: &str = "seen";

static REPORTS: OnceLock<PathBuf> = OnceLock::new();

thread_local! {
    /// The report of this thread's last panic.
    static LAST: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// Makes every panic from now on leave a report in `data_folder/crashes`, besides the usual output.
/// Only the first call counts.
///
/// A decoder that panics on a damaged file leaves none: that is contained and reported for the
/// file.
pub(crate) fn install(data_folder: &Path) {
    if REPORTS.set(data_folder.join("crashes")).is_err() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(folder) = REPORTS.get().filter(|_| !contains_panics()) {
            let written = write(folder, panic);
            if let Err(error) = &written {
                // A second panic here would end the process at once.
                let _ = writeln!(io::stderr(), "no report in {}: {error}", folder.display());
            }
            // A thread that is shutting down no longer has its locals, and needs none.
            let _ = LAST.try_with(|last| last.replace(written.ok()));
        }
        before(panic);
    }));
}

fn write(folder: &Path, panic: &PanicHookInfo<'_>) -> io::Result<PathBuf> {
    let thread = std::thread::current();
    let text = report(
        thread.name().unwrap_or("without a name"),
        &panic.to_string(),
        &Backtrace::force_capture().to_string(),
    );
    keep(folder, &text)
}

fn report(thread: &str, panic: &str, backtrace: &str) -> String {
    format!(
        "Taglens {}, {} {}\nthread: {thread}\n{panic}\n\n{backtrace}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}

fn keep(folder: &Path, text: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut ms = now.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0));
    let (path, mut file) = loop {
        let path = folder.join(name(ms));
        match File::create_new(&path) {
            Ok(file) => break (path, file),
            // Two threads in one millisecond: both are kept, in order.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => ms += 1,
            Err(error) => return Err(error),
        }
    };
    file.write_all(text.as_bytes())?;
    let mut all = reports(folder);
    // The clock may have been set back: the report just written stays whatever its date.
    all.retain(|report| *report != path);
    all.truncate(all.len().saturating_sub(KEPT - 1));
    for old in all {
        std::fs::remove_file(old)?;
    }
    Ok(path)
}

/// The name of a report at that time, in milliseconds since 1970: date and time in UTC.
fn name(ms: i64) -> String {
    let seconds = ms / 1000 % 86_400;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let (seconds, ms_of_second) = (seconds % 60, ms % 1000);
    let day = day(ms.saturating_mul(1_000_000));
    format!("crash-{day}-{hours:02}{minutes:02}{seconds:02}-{ms_of_second:03}.txt")
}

/// The reports, oldest first; their names sort by time.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).collect();
    found.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    found.sort();
    found
}

/// Returns the newest report that the user was not told about, and marks it as told.
pub(crate) fn unseen(data_folder: &Path) -> Option<PathBuf> {
    let folder = data_folder.join("crashes");
    let newest = reports(&folder).pop()?;
    let name = newest.file_name()?.to_string_lossy().into_owned();
    let seen = std::fs::read_to_string(folder.join(SEEN)).unwrap_or_default();
    if seen == name || std::fs::write(folder.join(SEEN), name).is_err() {
        return None;
    }
    Some(newest)
}

/// Runs a thread's work; a panic in it becomes a message that names the part.
pub(crate) fn guarded(part: Phrase, outbox: &Outbox, work: impl FnOnce()) {
    LAST.set(None);
    if catch_unwind(AssertUnwindSafe(work)).is_ok() {
        return;
    }
    // Not the newest in the folder: that may be another thread's.
    let said = match LAST.take() {
        Some(report) => phrase!("crash-reported", part = part, report = report.display()),
        None => phrase!("crash", part = part),
    };
    outbox.tell(Severity::Problem, said);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::messages::event::{Event, Wake};

    #[test]
    fn reports_are_kept_told_once_and_not_for_ever() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(unseen(data.path()), None);
        let folder = data.path().join("crashes");
        let mut last = PathBuf::new();
        for i in 0..KEPT + 3 {
            let text = report("embed", &format!("panicked {i}"), "0: main");
            last = keep(&folder, &text).unwrap();
            // Names have milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert_eq!(reports(&folder).len(), KEPT);
        let text = std::fs::read_to_string(&last).unwrap();
        assert!(
            text.contains("thread: embed") && text.contains("panicked 12"),
            "{text}"
        );
        assert_eq!(unseen(data.path()), Some(last));
        assert_eq!(unseen(data.path()), None);
    }

    #[test]
    fn a_part_that_ends_says_so() {
        let data = tempfile::tempdir().unwrap();
        install(data.path());
        let (events, told) = crossbeam_channel::bounded(4);
        let wake: Wake = Arc::new(|| ());
        let outbox = Outbox::new(events, wake);
        guarded("does well".into(), &outbox, || ());
        assert!(told.is_empty());
        let nothing: Vec<u8> = Vec::new();
        guarded("makes mistakes".into(), &outbox, || {
            std::hint::black_box(nothing[std::hint::black_box(3)]);
        });
        let Ok(Event::Message(_, said)) = told.try_recv() else {
            panic!("nothing was told");
        };
        let said = said.to_string();
        assert!(said.contains("makes mistakes"), "{said}");
        // Other tests may leave reports too.
        let report = reports(&data.path().join("crashes"))
            .into_iter()
            .find(|r| said.contains(&*r.to_string_lossy()))
            .unwrap();
        let text = std::fs::read_to_string(report).unwrap();
        assert!(text.contains("crash.rs"), "the place is named: {text}");
    }

    #[test]
    fn reports_of_one_moment_or_an_earlier_clock_are_all_kept() {
        let data = tempfile::tempdir().unwrap();
        let both = [
            keep(data.path(), "a").unwrap(),
            keep(data.path(), "b").unwrap(),
        ];
        assert_eq!(reports(data.path()), both);
        for i in 0..KEPT {
            std::fs::write(data.path().join(format!("crash-9999-{i}.txt")), "").unwrap();
        }
        let now = keep(data.path(), "c").unwrap();
        assert_eq!(std::fs::read_to_string(now).unwrap(), "c");
        assert_eq!(reports(data.path()).len(), KEPT);
    }

    #[test]
    fn names_say_when_in_utc() {
        assert_eq!(name(1_764_088_805_009), "crash-2025-11-25-164005-009.txt");
        assert!(name(1_764_088_805_999) < name(1_764_088_806_000));
    }
}
