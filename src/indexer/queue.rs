//! The queue of files to read.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::core::ids::FileId;
use crate::core::photo::FileStamp;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Its number in the library.
    pub(crate) file_id: FileId,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// The file system's stamp.
    pub(crate) stamp: FileStamp,
}

/// Shared by the coordinator, which adds files, and the threads that process them.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: HashMap<FileId, Job>,
    /// File numbers in the order of work.
    order: VecDeque<FileId>,
    /// Jobs taken but not finished: neither stored nor dropped.
    open: usize,
    /// Open jobs that a reader still has.
    reading: usize,
    paused: bool,
    closed: bool,
}

impl Queue {
    /// Appends jobs. A job for a file that is already waiting replaces the older one.
    pub(crate) fn push(
        &self,
        jobs: impl IntoIterator<Item = (FileId, PathBuf, FileStamp)>,
    ) -> usize {
        let mut state = self.lock();
        let mut added = 0;
        for (file_id, path, stamp) in jobs {
            let job = Job {
                file_id,
                path,
                stamp,
            };
            if state.jobs.insert(file_id, job).is_none() {
                state.order.push_back(file_id);
                added += 1;
            }
        }
        drop(state);
        self.changed.notify_all();
        added
    }

    /// Returns the next job; waits while there is none or the queue is paused. `None` once it is
    /// closed.
    pub(crate) fn take(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if !state.paused
                && let Some(job) = state.next()
            {
                state.open += 1;
                state.reading += 1;
                return Some(job);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Records that a reader has passed a job on or finished it.
    pub(crate) fn hand_on(&self) {
        let mut state = self.lock();
        state.reading = state.reading.saturating_sub(1);
    }

    /// Whether the readers will deliver nothing more for now.
    pub(crate) fn is_dry(&self) -> bool {
        let state = self.lock();
        state.reading == 0 && (state.paused || state.closed || state.jobs.is_empty())
    }

    /// Records that jobs are finished.
    pub(crate) fn finish(&self, count: usize) {
        let mut state = self.lock();
        state.open = state.open.saturating_sub(count);
    }

    /// The number of waiting jobs, and of jobs taken but not finished.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.jobs.len(), state.open)
    }

    /// Pauses or resumes work. Jobs already taken are finished.
    pub(crate) fn pause(&self, paused: bool) {
        self.lock().paused = paused;
        self.changed.notify_all();
    }

    /// Whether work is held back.
    pub(crate) fn is_paused(&self) -> bool {
        self.lock().paused
    }

    /// Closes the queue, which ends the readers.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Job> {
        while let Some(id) = self.order.pop_front() {
            if let Some(job) = self.jobs.remove(&id) {
                return Some(job);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(n: i64) -> FileStamp {
        FileStamp {
            size_bytes: 1,
            modified_ns: n,
        }
    }

    fn jobs(ids: &[i64]) -> Vec<(FileId, PathBuf, FileStamp)> {
        ids.iter()
            .map(|id| (FileId::new(*id), format!("{id}.jpg").into(), stamp(0)))
            .collect()
    }

    fn take(queue: &Queue) -> i64 {
        queue.take().unwrap().file_id.number()
    }

    #[test]
    fn files_come_in_order_and_none_twice() {
        let queue = Queue::default();
        assert_eq!(queue.push(jobs(&[3, 1, 2])), 3);
        assert_eq!(take(&queue), 3);
        assert_eq!(queue.push(jobs(&[2])), 0, "it waits already");
        assert_eq!([take(&queue), take(&queue)], [1, 2]);
        assert_eq!(queue.load(), (0, 3));
        assert!(!queue.is_dry());
        (0..3).for_each(|_| queue.hand_on());
        assert!(queue.is_dry());
        queue.finish(3);
        assert_eq!(queue.load(), (0, 0));
    }

    #[test]
    fn a_pause_holds_work_back_and_closing_ends_it() {
        let queue = Queue::default();
        queue.pause(true);
        queue.push(jobs(&[1]));
        std::thread::scope(|scope| {
            let taker = scope.spawn(|| queue.take().map(|j| j.file_id.number()));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!taker.is_finished());
            queue.pause(false);
            assert_eq!(taker.join().unwrap(), Some(1));
            let taker = scope.spawn(|| queue.take().map(|j| j.file_id.number()));
            queue.close();
            assert_eq!(taker.join().unwrap(), None);
        });
    }
}
