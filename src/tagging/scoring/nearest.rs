//! Finds the rows most similar to a query while scanning.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A row with its similarity. The greater is the worse, so that a heap's top is the next to go.
struct Ranked {
    row: usize,
    similarity: f32,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let better = self.similarity.total_cmp(&other.similarity);
        better.reverse().then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// The best rows so far, at most `k`.
pub(super) struct Best {
    k: usize,
    heap: BinaryHeap<Ranked>,
}

impl Best {
    pub(super) fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::new(),
        }
    }

    pub(super) fn offer(&mut self, row: usize, similarity: f32) {
        let ranked = Ranked { row, similarity };
        if similarity.is_nan() {
            return;
        }
        if self.heap.len() < self.k {
            self.heap.push(ranked);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && ranked < *worst
        {
            *worst = ranked;
        }
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        for ranked in other.heap {
            self.offer(ranked.row, ranked.similarity);
        }
        self
    }

    pub(super) fn sorted(self) -> Vec<(usize, f32)> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|r| (r.row, r.similarity)).collect()
    }
}
