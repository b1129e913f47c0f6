//! Waits for files that are still being written.
//!
//! A camera's card, a download or an export fills a file over seconds or minutes, and events and
//! scans see it half done. So a file is passed on only once its stamp has stayed the same for a
//! while. A file that was last modified long ago is passed on at once: programs that write set the
//! time to the present, and copying tools set the old time when they are done.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::core::photo::FileStamp;

/// How long to wait for files.
#[derive(Clone, Debug)]
pub(crate) struct SettleOptions {
    /// A stamp that has not changed for this long is final.
    pub(crate) quiet: Duration,
    /// A file that was modified at least this long ago is not being written. This must exceed the
    /// coarsest resolution of file times, which is two seconds.
    pub(crate) old: Duration,
    /// A file that keeps changing is checked less and less often, but at least this often.
    pub(crate) longest_pause: Duration,
    /// After this time a file is passed on even if it still changes: reading it works or gives a
    /// reason.
    pub(crate) patience: Duration,
}

impl Default for SettleOptions {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(1500),
            old: Duration::from_secs(3),
            longest_pause: Duration::from_secs(6),
            patience: Duration::from_secs(600),
        }
    }
}

/// The present time on two clocks: one that never jumps, and the one of file times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// For measuring how long ago something was seen.
    pub(crate) instant: Instant,
    /// Nanoseconds since 1970-01-01 UTC, for comparing with the times of files.
    pub(crate) wall_ns: i64,
}

impl Now {
    /// Reads both clocks.
    pub(crate) fn read() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            instant: Instant::now(),
            wall_ns: i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX),
        }
    }
}

/// Holds back files until they are complete. Its memory grows with the waiting files.
#[derive(Debug, Default)]
pub(crate) struct Settler {
    options: SettleOptions,
    waiting: HashMap<PathBuf, Wait>,
    /// When to check which file. Entries that no longer match `waiting` are ignored.
    queue: BinaryHeap<Reverse<(Instant, PathBuf)>>,
}

#[derive(Debug)]
struct Wait {
    stamp: FileStamp,
    since: Instant,
    pause: Duration,
    next_look: Instant,
    /// Whether it was old when it was offered, so that it needs no second check.
    at_once: bool,
}

impl Settler {
    /// Nothing waits yet.
    pub(crate) fn new(options: SettleOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// Adds a file with the stamp that was seen. Offered again with the same stamp, it keeps
    /// waiting; with another one, its quiet time restarts.
    pub(crate) fn offer(&mut self, path: PathBuf, stamp: FileStamp, now: Now) {
        let before = self.waiting.get(&path);
        if before.is_some_and(|wait| wait.stamp == stamp) {
            return;
        }
        let old_ns = i64::try_from(self.options.old.as_nanos()).unwrap_or(i64::MAX);
        // A time in the future does not say how long ago the file was written.
        let at_once = now.wall_ns.saturating_sub(stamp.modified_ns) >= old_ns;
        let pause = if at_once {
            Duration::ZERO
        } else {
            self.options.quiet
        };
        let wait = Wait {
            stamp,
            since: before.map_or(now.instant, |wait| wait.since),
            pause,
            next_look: now.instant + pause,
            at_once,
        };
        self.queue.push(Reverse((wait.next_look, path.clone())));
        self.waiting.insert(path, wait);
    }

    /// Returns the files that are complete, with their stamps, in the order in which they became
    /// due. `stat` returns a file's present stamp; a file without one has disappeared and is
    /// dropped.
    pub(crate) fn due(
        &mut self,
        now: Now,
        mut stat: impl FnMut(&Path) -> Option<FileStamp>,
    ) -> Vec<(PathBuf, FileStamp)> {
        let mut done = Vec::new();
        while let Some(path) = self.pop_due(now.instant) {
            let Some(mut wait) = self.waiting.remove(&path) else {
                continue;
            };
            if wait.at_once {
                done.push((path, wait.stamp));
                continue;
            }
            let Some(stamp) = stat(&path) else {
                continue;
            };
            let waited = now.instant.saturating_duration_since(wait.since);
            if stamp == wait.stamp || waited >= self.options.patience {
                done.push((path, stamp));
                continue;
            }
            wait.stamp = stamp;
            wait.pause = (wait.pause * 2).min(self.options.longest_pause.max(self.options.quiet));
            wait.next_look = now.instant + wait.pause;
            self.queue.push(Reverse((wait.next_look, path.clone())));
            self.waiting.insert(path, wait);
        }
        done
    }

    /// When [`Self::due`] has something to do next; `None` if no file waits.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, path))) = self.queue.peek() {
            if self.waiting.get(path).is_some_and(|w| w.next_look == *at) {
                return Some(*at);
            }
            self.queue.pop();
        }
        None
    }

    /// Whether no file waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn pop_due(&mut self, now: Instant) -> Option<PathBuf> {
        if self.next_due()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse((_, path))| path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of the fake wall clock.
    const START_NS: i64 = 1_700_000_000_000_000_000;

    enum Step {
        /// The file is seen with this length, modified this many ms after the start.
        Seen(&'static str, u64, i64),
        /// The file has this length and time on disk from now on.
        OnDisk(&'static str, u64, i64),
        /// The file is deleted.
        Deleted(&'static str),
        /// These files are passed on, with these lengths.
        Due(&'static [(&'static str, u64)]),
        /// The next check is due this many ms after the start; none if nothing waits.
        Next(Option<u64>),
    }
    use Step::{Deleted, Due, Next, OnDisk, Seen};

    fn stamp(size_bytes: u64, modified_ms: i64) -> FileStamp {
        FileStamp {
            size_bytes,
            modified_ns: START_NS + modified_ms * 1_000_000,
        }
    }

    fn play(name: &str, steps: &[(u64, Step)]) {
        let start = Instant::now();
        let options = SettleOptions {
            patience: Duration::from_secs(20),
            ..SettleOptions::default()
        };
        let mut settler = Settler::new(options);
        let mut disk: HashMap<PathBuf, FileStamp> = HashMap::new();
        for (at_ms, step) in steps {
            let now = Now {
                instant: start + Duration::from_millis(*at_ms),
                wall_ns: START_NS + *at_ms as i64 * 1_000_000,
            };
            match step {
                Seen(path, size, ms) => {
                    disk.insert(path.into(), stamp(*size, *ms));
                    settler.offer(path.into(), stamp(*size, *ms), now);
                }
                OnDisk(path, size, ms) => {
                    disk.insert(path.into(), stamp(*size, *ms));
                }
                Deleted(path) => {
                    disk.remove(Path::new(path));
                }
                Due(expected) => {
                    let due = settler.due(now, |path| disk.get(path).copied());
                    let due: Vec<(&str, u64)> = due
                        .iter()
                        .map(|(path, stamp)| (path.to_str().unwrap(), stamp.size_bytes))
                        .collect();
                    assert_eq!(due, *expected, "{name} at {at_ms} ms");
                }
                Next(expected) => {
                    let next = settler.next_due().map(|at| (at - start).as_millis() as u64);
                    assert_eq!(next, *expected, "{name} at {at_ms} ms");
                    assert_eq!(settler.is_empty(), next.is_none(), "{name}");
                }
            }
        }
    }

    #[test]
    fn files_are_waited_for() {
        play("nothing", &[(0, Next(None)), (0, Due(&[]))]);
        play(
            "an old file goes on at once",
            &[
                (0, Seen("a", 5, -3000)),
                (0, Next(Some(0))),
                (0, Due(&[("a", 5)])),
                (0, Next(None)),
            ],
        );
        play(
            "a new file goes on when it was quiet",
            &[
                (0, Seen("a", 5, -100)),
                (0, Next(Some(1500))),
                (1499, Due(&[])),
                (1500, Due(&[("a", 5)])),
                (1500, Next(None)),
                (9000, Due(&[])),
            ],
        );
        play(
            "a file from the future goes on when it was quiet",
            &[
                (0, Seen("a", 5, 3_600_000)),
                (0, Due(&[])),
                (1500, Due(&[("a", 5)])),
            ],
        );
        play(
            "a file that grows is looked at again, ever later",
            &[
                (0, Seen("a", 5, 0)),
                (1000, OnDisk("a", 6, 1000)),
                (1500, Due(&[])),
                (1500, Next(Some(4500))),
                (4000, OnDisk("a", 7, 4000)),
                (4500, Due(&[])),
                (4500, Next(Some(10_500))),
                (10_500, Due(&[("a", 7)])),
            ],
        );
        play(
            "a second sight with another stamp starts the quiet time afresh",
            &[
                (0, Seen("a", 5, 0)),
                (1000, Seen("a", 5, 0)),
                (1000, Next(Some(1500))),
                (1400, Seen("a", 9, 1400)),
                (1400, Next(Some(2900))),
                (1500, Due(&[])),
                (2900, Due(&[("a", 9)])),
                (2900, Next(None)),
            ],
        );
        play(
            "a copying tool sets the old time when it is done",
            &[
                (0, Seen("a", 5, 0)),
                (900, Seen("a", 9, -90_000)),
                (900, Due(&[("a", 9)])),
                (900, Next(None)),
            ],
        );
        play(
            "a file that goes away is forgotten",
            &[
                (0, Seen("a", 5, 0)),
                (500, Deleted("a")),
                (1500, Due(&[])),
                (1500, Next(None)),
            ],
        );
        play(
            "late looks hand over all at once, earliest due first",
            &[
                (0, Seen("b", 1, 0)),
                (100, Seen("a", 2, 0)),
                (200, Seen("c", 3, -9000)),
                (5000, Due(&[("c", 3), ("b", 1), ("a", 2)])),
            ],
        );
    }

    #[test]
    fn patience_ends() {
        let start = Instant::now();
        let mut settler = Settler::new(SettleOptions::default());
        let now = |ms: u64| Now {
            instant: start + Duration::from_millis(ms),
            wall_ns: START_NS + ms as i64 * 1_000_000,
        };
        settler.offer("log.jpg".into(), stamp(0, 0), now(0));
        let mut looks = 0;
        let mut size = 0;
        let handed_on_ms = loop {
            let next = settler.next_due().unwrap();
            let ms = (next - start).as_millis() as u64;
            let due = settler.due(now(ms), |_| {
                looks += 1;
                size += 1;
                Some(stamp(size, ms as i64))
            });
            if !due.is_empty() {
                break ms;
            }
        };
        assert!((600_000..606_001).contains(&handed_on_ms), "{handed_on_ms}");
        assert!(looks < 110, "{looks} looks");
        assert!(settler.is_empty());
    }
}
