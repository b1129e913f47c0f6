//! What is left behind where a part of the program ends by a panic: a report, and a message.

use std::backtrace::Backtrace;
use std::io;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crossbeam_channel::Sender;

use super::event::{Event, Message, Severity, Wake};
use super::filter::day;

/// Reports that are kept.
const KEPT: usize = 10;
/// Notes which report a person was told of.
const SEEN: &str = "seen";

static REPORTS: OnceLock<PathBuf> = OnceLock::new();

/// Has every panic from now on leave a report in `data_folder/crashes`, beside what is printed
/// anyhow. Only the first call counts.
pub fn install(data_folder: &Path) {
    if REPORTS.set(data_folder.join("crashes")).is_err() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(folder) = REPORTS.get().filter(|_| !caught())
            && let Err(error) = write(folder, panic)
        {
            eprintln!("no report in {}: {error}", folder.display());
        }
        before(panic);
    }));
}

/// Whether this thread decodes photos: other people's decoders may panic on a damaged one, which is
/// caught and said of the photo.
fn caught() -> bool {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    name.starts_with("decode") || name.starts_with("preview")
}

fn write(folder: &Path, panic: &PanicHookInfo<'_>) -> io::Result<()> {
    let thread = std::thread::current();
    let text = report(
        thread.name().unwrap_or("without a name"),
        &panic.to_string(),
        &Backtrace::force_capture().to_string(),
    );
    keep(folder, &text).map(drop)
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
    let ns = now.map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX));
    let ms_of_day = ns / 1_000_000 % 86_400_000;
    let path = folder.join(format!("crash-{}-{ms_of_day:08}.txt", day(ns)));
    std::fs::write(&path, text)?;
    let mut all = reports(folder);
    all.truncate(all.len().saturating_sub(KEPT));
    for old in all {
        std::fs::remove_file(old)?;
    }
    Ok(path)
}

/// The reports, the oldest first; their names are in the order of time.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).collect();
    found.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    found.sort();
    found
}

/// The newest report that a person was not told of yet; from now on they were.
pub fn unseen(data_folder: &Path) -> Option<PathBuf> {
    let folder = data_folder.join("crashes");
    let newest = reports(&folder).pop()?;
    let name = newest.file_name()?.to_string_lossy().into_owned();
    let seen = std::fs::read_to_string(folder.join(SEEN)).unwrap_or_default();
    if seen == name || std::fs::write(folder.join(SEEN), name).is_err() {
        return None;
    }
    Some(newest)
}

/// Does a thread's work; a panic in it becomes a message that says which part ended.
pub fn guarded(part: &str, events: &Sender<Event>, wake: &Wake, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_ok() {
        return;
    }
    let report = REPORTS.get().and_then(|folder| reports(folder).pop());
    let report = report.map_or_else(String::new, |path| {
        format!(" A report is in {}.", path.display())
    });
    let text = format!(
        "The part of Taglens that {part} has ended by a mistake of ours. Nothing is lost: start \
         Taglens again to go on.{report}"
    );
    let severity = Severity::Problem;
    // The window may be gone already.
    if events
        .send(Event::Message(Message { severity, text }))
        .is_ok()
    {
        wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

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
        guarded("does well", &events, &wake, || ());
        assert!(told.is_empty());
        let nothing: Vec<u8> = Vec::new();
        guarded("makes mistakes", &events, &wake, || {
            std::hint::black_box(nothing[std::hint::black_box(3)]);
        });
        let Ok(Event::Message(message)) = told.try_recv() else {
            panic!("nothing was told");
        };
        assert!(message.text.contains("makes mistakes"), "{}", message.text);
        let report = reports(&data.path().join("crashes")).pop().unwrap();
        assert!(message.text.contains(&*report.to_string_lossy()));
        let text = std::fs::read_to_string(report).unwrap();
        assert!(text.contains("crash.rs"), "the place is named: {text}");
    }
}
