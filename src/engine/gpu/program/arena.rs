//! Plans the memory that activations share.
//!
//! Activations are in slots. A slot is free again once its value was consumed, and is as large as
//! the largest value it ever holds; all are allocated at the end, for the largest batch.

/// The slot for a batch's input; it is never reused.
pub(crate) const INPUT: usize = 0;

struct Slot {
    bytes: u64,
    free: bool,
}

/// See the module.
pub(crate) struct Arena {
    slots: Vec<Slot>,
}

impl Arena {
    pub(crate) fn new() -> Self {
        let input = Slot {
            bytes: 0,
            free: false,
        };
        Self { slots: vec![input] }
    }

    /// Sets the size of the input.
    pub(crate) fn input(&mut self, bytes: u64) {
        if let Some(slot) = self.slots.get_mut(INPUT) {
            slot.bytes = bytes;
        }
    }

    /// Takes a slot for so many bytes: the smallest free one that fits, or else the largest, which
    /// then grows.
    pub(crate) fn take(&mut self, bytes: u64) -> usize {
        let free = |(_, slot): &(usize, &Slot)| slot.free;
        let fitting = self
            .slots
            .iter()
            .enumerate()
            .filter(free)
            .filter(|(_, slot)| slot.bytes >= bytes)
            .min_by_key(|(_, slot)| slot.bytes);
        let largest = || {
            let all = self.slots.iter().enumerate().filter(free);
            all.max_by_key(|(_, slot)| slot.bytes)
        };
        let found = fitting.or_else(largest).map(|(i, _)| i);
        let at = match found {
            Some(at) => at,
            None => {
                self.slots.push(Slot {
                    bytes: 0,
                    free: true,
                });
                self.slots.len() - 1
            }
        };
        if let Some(slot) = self.slots.get_mut(at) {
            slot.free = false;
            slot.bytes = slot.bytes.max(bytes);
        }
        at
    }

    /// Frees the slot.
    pub(crate) fn release(&mut self, at: usize) {
        if at != INPUT
            && let Some(slot) = self.slots.get_mut(at)
        {
            slot.free = true;
        }
    }

    /// The final size of each slot.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.slots.iter().map(|slot| slot.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_never_two_at_once() {
        let mut arena = Arena::new();
        arena.input(10);
        let (a, b) = (arena.take(100), arena.take(50));
        assert_ne!(a, b);
        arena.release(a);
        arena.release(INPUT);
        assert_eq!(arena.take(60), a);
        arena.release(b);
        assert_eq!(arena.take(200), b);
        assert_eq!(arena.sizes().collect::<Vec<_>>(), [10, 100, 200]);
    }
}
