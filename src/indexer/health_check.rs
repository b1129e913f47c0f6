//! Checks the library's file while the indexer works, and makes the daily backup.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Sender;

use crate::core::interrupt;
use crate::indexer::notice::Notice;
use crate::indexer::shared::Shared;
use crate::store::{Depth, Store, StoreError};

/// Checks the library once, on its own thread.
pub(crate) struct HealthCheck {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Store,
    /// Whether the last run ended properly. If not, the whole file is checked.
    pub(crate) was_clean: bool,
    /// Set to the result; unchanged if the check ends early.
    pub(crate) is_whole: Arc<AtomicBool>,
    /// Dropping it lets the pipeline end.
    pub(crate) _alive: Sender<()>,
}

impl HealthCheck {
    /// Checks the library and reports damage. Ends early if the pipeline is stopped.
    pub(crate) fn run(mut self) {
        let shared = self.shared.clone();
        let stopped = move || shared.stopped() || interrupt::asked();
        if let Err(error) = self.store.end_reads_when(stopped.clone()) {
            self.tell(&error.to_string());
            return;
        }
        let depth = match self.was_clean {
            true => Depth::Kept,
            false => Depth::Quick,
        };
        match self.store.damage(depth) {
            _ if stopped() => return,
            Ok(damage) if damage.is_empty() => self.is_whole.store(true, Ordering::Relaxed),
            Ok(damage) => {
                self.is_whole.store(false, Ordering::Relaxed);
                return damage.iter().for_each(|what| self.tell(what));
            }
            Err(error) => return self.tell(&error.to_string()),
        }
        match self.store.back_up_daily() {
            Ok(()) | Err(StoreError::Frozen { .. }) => {}
            Err(_) if stopped() => {}
            Err(error) => self.shared.notices.add(Notice::Degraded {
                what: format!("no backup of the library was made today: {error}"),
            }),
        }
    }

    fn tell(&self, what: &str) {
        self.shared.notices.add(Notice::Damaged {
            what: what.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_file_is_looked_at_after_a_run_that_did_not_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        drop(Store::open(&path).unwrap());
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.execute_batch(
            "INSERT INTO models (id, name, fingerprint) VALUES (1, 'm', x'00');
             INSERT INTO texts WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             SELECT 1, printf('text %d', i), zeroblob(100) FROM n;",
        )
        .unwrap();
        let sql = "SELECT pageno FROM dbstat WHERE name = 'texts' AND pagetype = 'leaf'";
        let page: i64 = raw.query_row(sql, [], |row| row.get(0)).unwrap();
        raw.close().unwrap();
        let look = |was_clean| {
            let shared = Shared::new();
            let is_whole = Arc::new(AtomicBool::new(was_clean));
            let check = HealthCheck {
                shared: shared.clone(),
                store: Store::open(&path).unwrap().reader().unwrap(),
                was_clean,
                is_whole: is_whole.clone(),
                _alive: crossbeam_channel::bounded(0).0,
            };
            check.run();
            let notices = shared.notices.drain();
            let all = notices.iter().all(|n| matches!(n, Notice::Damaged { .. }));
            assert!(all, "{notices:?}");
            (notices.len(), is_whole.load(Ordering::Relaxed))
        };
        assert_eq!(look(false), (0, true));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[(page as usize - 1) * 8192..][..60].fill(0xee);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(look(true), (0, true));
        let (named, is_whole) = look(false);
        assert!(named > 0 && !is_whole);
    }
}
