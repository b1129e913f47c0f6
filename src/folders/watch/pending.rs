//! The waiting hints of one root: few, however many events arrive.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::folders::watch::hint::Hint;

/// With more folders than this, scan everything.
const MOST_FOLDERS: usize = 1000;

/// A hint waits at most this many times the debounce time, however busy its folder is.
const LONGEST_WAIT: u32 = 8;

/// The hints of a root that wait until their folders have been quiet for a while.
#[derive(Debug)]
pub(super) struct Pending {
    debounce: Duration,
    all: Option<Due>,
    folders: BTreeMap<PathBuf, Folder>,
    /// Why the system stopped watching, if it did.
    failure: Option<String>,
    /// Something happened to the root itself.
    care: bool,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    at: Instant,
    latest: Instant,
}

#[derive(Debug)]
struct Folder {
    due: Due,
    recursive: bool,
}

impl Pending {
    pub(super) fn new(debounce: Duration) -> Self {
        Self {
            debounce,
            all: None,
            folders: BTreeMap::new(),
            failure: None,
            care: false,
        }
    }

    /// Requests a scan of `folder`, unless one that includes it is waiting.
    pub(super) fn look(&mut self, folder: &Path, recursive: bool, now: Instant) {
        let (new, debounce) = (self.due_from(now), self.debounce);
        if let Some(all) = &mut self.all {
            return all.postpone(now, debounce);
        }
        for around in folder.ancestors().skip(1) {
            if let Some(waiting) = self.folders.get_mut(around).filter(|f| f.recursive) {
                return waiting.due.postpone(now, debounce);
            }
        }
        let waiting = self.folders.entry(folder.to_path_buf()).or_insert(Folder {
            due: new,
            recursive,
        });
        waiting.due.postpone(now, debounce);
        waiting.recursive |= recursive;
        if recursive {
            self.drop_below(folder);
        }
        if self.folders.len() > MOST_FOLDERS {
            self.look_everywhere(now);
        }
    }

    /// Requests a scan of everything.
    pub(super) fn look_everywhere(&mut self, now: Instant) {
        let earliest = self.folders.values().map(|f| f.due.latest).min();
        let (new, debounce) = (self.due_from(now), self.debounce);
        self.folders.clear();
        let all = self.all.get_or_insert(new);
        all.latest = earliest.map_or(all.latest, |earliest| all.latest.min(earliest));
        all.postpone(now, debounce);
    }

    /// Requests a scan of everything without waiting for quiet.
    pub(super) fn look_everywhere_now(&mut self, now: Instant) {
        self.folders.clear();
        self.all = Some(Due {
            at: now,
            latest: now,
        });
    }

    /// Records that the system has stopped watching.
    pub(super) fn fail(&mut self, reason: String) {
        self.failure.get_or_insert(reason);
        self.care = true;
    }

    /// Records that something happened to the root itself.
    pub(super) fn ask_for_care(&mut self) {
        self.care = true;
    }

    /// Takes whether to check the root early.
    pub(super) fn take_care(&mut self) -> bool {
        std::mem::take(&mut self.care)
    }

    /// Takes the reason why the system stopped watching.
    pub(super) fn take_failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    /// Takes the hints that have waited long enough.
    pub(super) fn take_due(&mut self, root: &Path, now: Instant) -> Vec<Hint> {
        let root = root.to_path_buf();
        if self.all.is_some_and(|all| all.at <= now) {
            self.all = None;
            return vec![Hint::LookAll { root }];
        }
        let due: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|(_, f)| f.due.at <= now)
            .map(|(path, _)| path.clone())
            .collect();
        let mut hints = Vec::with_capacity(due.len());
        for path in due {
            if let Some((folder, waiting)) = self.folders.remove_entry(&path) {
                hints.push(Hint::Look {
                    root: root.clone(),
                    folder,
                    recursive: waiting.recursive,
                });
            }
        }
        hints
    }

    /// When [`Self::take_due`] has something to return next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let folders = self.folders.values().map(|f| f.due.at);
        folders.chain(self.all.map(|all| all.at)).min()
    }

    fn due_from(&self, now: Instant) -> Due {
        Due {
            at: now + self.debounce,
            latest: now + self.debounce * LONGEST_WAIT,
        }
    }

    fn drop_below(&mut self, folder: &Path) {
        let after = (Bound::Excluded(folder), Bound::Unbounded);
        let below: Vec<PathBuf> = self
            .folders
            .range::<Path, _>(after)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(folder))
            .cloned()
            .collect();
        for path in below {
            self.folders.remove(&path);
        }
    }
}

impl Due {
    fn postpone(&mut self, now: Instant, debounce: Duration) {
        self.at = (now + debounce).min(self.latest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Step {
        Look(&'static str),
        LookBelow(&'static str),
        LookAll,
        LookAllNow,
        /// The due hints: folders, with a star for scans that go below, and `all`.
        Due(&'static [&'static str]),
        Next(Option<u64>),
    }
    use Step::{Due as DueNow, Look, LookAll, LookAllNow, LookBelow, Next};

    fn play(name: &str, steps: &[(u64, Step)]) {
        let start = Instant::now();
        let mut pending = Pending::new(Duration::from_millis(100));
        for (at_ms, step) in steps {
            let now = start + Duration::from_millis(*at_ms);
            match step {
                Look(folder) => pending.look(Path::new(folder), false, now),
                LookBelow(folder) => pending.look(Path::new(folder), true, now),
                LookAll => pending.look_everywhere(now),
                LookAllNow => pending.look_everywhere_now(now),
                DueNow(expected) => {
                    let due: Vec<String> = pending
                        .take_due(Path::new("/r"), now)
                        .into_iter()
                        .map(|hint| match hint {
                            Hint::LookAll { .. } => "all".to_owned(),
                            Hint::Look {
                                folder, recursive, ..
                            } => {
                                format!("{}{}", folder.display(), if recursive { "*" } else { "" })
                            }
                        })
                        .collect();
                    assert_eq!(due, *expected, "{name} at {at_ms} ms");
                }
                Next(expected) => {
                    let next = pending.next_due().map(|at| (at - start).as_millis() as u64);
                    assert_eq!(next, *expected, "{name} at {at_ms} ms");
                }
            }
        }
    }

    #[test]
    fn hints_wait_for_quiet_and_merge() {
        play("nothing", &[(0, Next(None)), (0, DueNow(&[]))]);
        play(
            "one event",
            &[
                (0, Look("/r/a")),
                (0, Next(Some(100))),
                (99, DueNow(&[])),
                (100, DueNow(&["/r/a"])),
                (100, Next(None)),
            ],
        );
        play(
            "each event postpones its own folder only",
            &[
                (0, Look("/r/a")),
                (50, Look("/r/b")),
                (90, Look("/r/a")),
                (100, Next(Some(150))),
                (150, DueNow(&["/r/b"])),
                (190, DueNow(&["/r/a"])),
            ],
        );
        let mut busy: Vec<(u64, Step)> = (0..20).map(|i| (i * 50, Look("/r/a"))).collect();
        busy.insert(16, (790, DueNow(&[])));
        busy.insert(18, (800, DueNow(&["/r/a"])));
        play("a busy folder is looked at in the end", &busy);
        play(
            "a look below a folder includes those inside",
            &[
                (0, Look("/r/a/x")),
                (0, Look("/r/a.b")),
                (0, LookBelow("/r/a/y/z")),
                (10, LookBelow("/r/a")),
                (20, Look("/r/a/y")),
                (20, Look("/r/a")),
                (20, Look("/r")),
                (500, DueNow(&["/r", "/r/a*", "/r/a.b"])),
            ],
        );
        play(
            "a look at everything includes all",
            &[
                (0, Look("/r/a")),
                (10, LookAll),
                (20, LookBelow("/r/b")),
                (20, Next(Some(120))),
                (120, DueNow(&["all"])),
                (120, Next(None)),
            ],
        );
        play(
            "some looks cannot wait",
            &[
                (0, Look("/r/a")),
                (10, LookAllNow),
                (10, Look("/r/a")),
                (10, DueNow(&["all"])),
                (10, Next(None)),
            ],
        );
    }

    #[test]
    fn memory_has_a_bound() {
        let now = Instant::now();
        let mut pending = Pending::new(Duration::from_millis(100));
        for i in 0..100_000 {
            pending.look(Path::new(&format!("/r/{i}")), i % 2 == 0, now);
            assert!(pending.folders.len() <= MOST_FOLDERS);
        }
        let due = pending.take_due(Path::new("/r"), now + Duration::from_secs(1));
        assert_eq!(due, [Hint::LookAll { root: "/r".into() }]);
    }
}
