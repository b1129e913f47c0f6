//! The log: a file of limited size in the data folder, for bug reports.
//!
//! It never contains a photo's content, and names of files only at `debug` and below.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The log's name in the data folder; the previous one ends in `.old`.
pub(crate) const FILE_NAME: &str = "taglens.log";
/// The size at which a new log starts. Two are kept.
const MAX_BYTES: u64 = 1 << 20;

/// Starts the log: `verbosity` 0 and 1 write `info`, 2 `debug`, more `trace`. `TAGLENS_LOG` takes
/// precedence: a level (`off`, `error`, `warn`, `info`, `debug`, `trace`), or levels for parts such
/// as `taglens::indexer=debug`.
///
/// If the log cannot be written, Taglens works without it.
pub(crate) fn begin(folder: &Path, verbosity: u8) {
    let level = match verbosity {
        0 | 1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let wished = std::env::var("TAGLENS_LOG").ok();
    let wished = wished.and_then(|text| match text.parse::<LevelFilter>() {
        Ok(level) => Some(ours(level)),
        Err(_) => text.parse::<Targets>().ok(),
    });
    let filter = wished.unwrap_or_else(|| ours(level));
    let Ok(file) = RotatingFile::open(folder.join(FILE_NAME), MAX_BYTES) else {
        return;
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_thread_names(true)
        .with_writer(Mutex::new(file));
    // A second log in one process, as in tests, does not start.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
}

/// Other libraries log too much, including names of files.
fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target("taglens", level)
}

/// A file that is replaced with a new one when it has become large.
struct RotatingFile {
    path: PathBuf,
    file: File,
    size_bytes: u64,
    max_bytes: u64,
}

impl RotatingFile {
    fn open(path: PathBuf, max_bytes: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(&path)?;
        let size_bytes = file.metadata()?.len();
        Ok(Self {
            path,
            file,
            size_bytes,
            max_bytes,
        })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut old = self.path.clone().into_os_string();
        old.push(".old");
        fs::rename(&self.path, old)?;
        *self = Self::open(self.path.clone(), self.max_bytes)?;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size_bytes > 0 && self.size_bytes + bytes.len() as u64 > self.max_bytes {
            // If it cannot be renamed, this log's content is lost, but the limit holds.
            self.rotate()?;
        }
        let written = self.file.write(bytes)?;
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_keeps_the_latest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/taglens.log");
        let mut log = RotatingFile::open(path.clone(), 100).unwrap();
        for i in 0..50 {
            log.write_all(format!("line number {i:02}\n").as_bytes())
                .unwrap();
        }
        let now = fs::read_to_string(&path).unwrap();
        let old = fs::read_to_string(folder.path().join("log/taglens.log.old")).unwrap();
        assert!(now.len() <= 100 && old.len() <= 100);
        assert!(now.ends_with("line number 49\n"));
        let first: usize = now[12..14].parse().unwrap();
        assert!(old.ends_with(&format!("line number {:02}\n", first - 1)));
        // An existing log is continued.
        drop(log);
        let mut log = RotatingFile::open(path.clone(), 100).unwrap();
        log.write_all(b"x\n").unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("49\nx\n"));
    }
}
