//! Large things that are made when they are needed, and dropped when nobody has needed them for a
//! while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Pictures that come so long after the last text show that no more texts are to come soon.
pub(crate) const TEXTS_IDLE: Duration = Duration::from_secs(10);

/// A thing that is made at its first use. Its users hold it while they use it.
pub(crate) struct OnDemand<T>(Mutex<Slot<T>>);

struct Slot<T> {
    made: Option<Arc<T>>,
    used: Instant,
}

impl<T> OnDemand<T> {
    /// Nothing is made yet.
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(Slot {
            made: None,
            used: Instant::now(),
        }))
    }

    /// Starts with a thing that exists.
    pub(crate) fn made(thing: T) -> Self {
        let slot = Self::empty();
        slot.slot().made = Some(Arc::new(thing));
        slot
    }

    /// The thing; `make` makes it if there is none. Other callers wait for it meanwhile.
    ///
    /// # Errors
    /// Those of `make`; the next call tries again.
    pub(crate) fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let mut slot = self.slot();
        let made = match &slot.made {
            Some(made) => made.clone(),
            None => Arc::new(make()?),
        };
        slot.made = Some(made.clone());
        slot.used = Instant::now();
        Ok(made)
    }

    /// Drops the thing if its last use began longer ago than `idle`.
    pub(crate) fn release(&self, idle: Duration) {
        let mut slot = self.slot();
        if slot.used.elapsed() >= idle && slot.made.take().is_some() {
            drop(slot);
            give_back();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns freed memory to the system. glibc keeps what lies between things in use: after a tokenizer
/// of 256,000 small texts, that is most of it.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(keep: usize) -> std::ffi::c_int;
        }
        // SAFETY: glibc's function takes no pointer, and any thread may call it at any time.
        unsafe { malloc_trim(0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_made_once_and_again_after_it_was_dropped() {
        let thing = OnDemand::empty();
        let mut count = 0;
        let mut get = || {
            thing.get(|| {
                count += 1;
                Ok::<_, ()>(count)
            })
        };
        let first = get().unwrap();
        assert_eq!(*get().unwrap(), 1);
        thing.release(Duration::from_secs(3600));
        assert_eq!(*get().unwrap(), 1, "it was used a moment ago");
        thing.release(Duration::ZERO);
        assert_eq!(*get().unwrap(), 2);
        assert_eq!(*first, 1, "who has it keeps it");
        thing.release(Duration::ZERO);
        assert_eq!(thing.get(|| Err("no")), Err("no"));
        assert_eq!(*OnDemand::made(7).get(|| Err("no")).unwrap(), 7);
    }
}
