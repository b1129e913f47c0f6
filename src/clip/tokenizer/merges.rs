//! The merge table of the byte-pair encoding, and merging with it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io::Read;

use flate2::read::GzDecoder;

/// The part of OpenAI's merge table that CLIP uses; see resources/NOTICE.md.
const TABLE: &[u8] = include_bytes!("../../../resources/clip/bpe_merges.txt.gz");
/// The vocabulary is 2 × 256 single bytes, these merges, and the two special tokens, 49,408 entries.
const MERGES: usize = 49_152 - 256 - 2;
const BYTES: u32 = 256;

/// Pairs of symbols and the result of merging them, the lowest result first.
///
/// Ids: 0..256 are the bytes inside a word, 256..512 the bytes at its end, and 512 + n the n-th
/// merge's result, so a result's id is also its rank.
pub(super) struct Merges {
    results: HashMap<(u32, u32), u32>,
    byte_ids: [u32; 256],
}

impl Merges {
    /// The built-in table.
    #[expect(clippy::expect_used, reason = "the tests read the embedded table")]
    pub(super) fn embedded() -> Self {
        let mut text = String::new();
        GzDecoder::new(TABLE)
            .read_to_string(&mut text)
            .expect("the embedded merge table is gzip of UTF-8");
        Self::parse(&text).expect("the embedded merge table has whole lines")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut byte_ids = [0; 256];
        let mut ids: HashMap<String, u32> = HashMap::with_capacity(MERGES + 512);
        for (id, (byte, symbol)) in (0..).zip(byte_symbols()) {
            *byte_ids.get_mut(usize::from(byte))? = id;
            ids.insert(symbol.to_string(), id);
            ids.insert(format!("{symbol}</w>"), id + BYTES);
        }
        let mut results = HashMap::with_capacity(MERGES);
        // The first line is a heading.
        for (id, line) in (2 * BYTES..).zip(text.lines().skip(1)) {
            let (left, right) = line.split_once(' ')?;
            results.insert((*ids.get(left)?, *ids.get(right)?), id);
            ids.insert(format!("{left}{right}"), id);
        }
        (results.len() == MERGES).then_some(Self { results, byte_ids })
    }

    /// The number of ids for parts of words.
    pub(super) fn len(&self) -> usize {
        2 * BYTES as usize + self.results.len()
    }

    /// The text of every id, in order; a space marks the end of a word. Bytes that are not text on
    /// their own become replacement characters.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut bytes: Vec<Vec<u8>> = vec![Vec::new(); self.len()];
        for (byte, id) in (0..=u8::MAX).zip(&self.byte_ids) {
            for (id, text) in [(*id, vec![byte]), (*id + BYTES, vec![byte, b' '])] {
                if let Some(slot) = bytes.get_mut(id as usize) {
                    *slot = text;
                }
            }
        }
        let mut merges: Vec<_> = self.results.iter().collect();
        // A merge comes after those of its parts.
        merges.sort_unstable_by_key(|(_, id)| **id);
        for ((left, right), id) in merges {
            let parts = [*left, *right].map(|part| bytes.get(part as usize).cloned());
            if let Some(slot) = bytes.get_mut(*id as usize) {
                *slot = parts.into_iter().flatten().flatten().collect();
            }
        }
        bytes
            .iter()
            .map(|b| String::from_utf8_lossy(b).into_owned())
            .collect()
    }

    /// Appends the ids of one word.
    ///
    /// Merging always takes the pair that comes first in the table, and among equal ones the
    /// leftmost. A symbol's own merge precedes all merges that use it, so no merge creates a pair
    /// that should have come before it: a queue of pairs gives the reference's result in O(n log
    /// n), for any length of word.
    pub(super) fn encode(&self, word: &str, out: &mut Vec<u32>) {
        let mut symbols: Vec<Symbol> = (0..)
            .zip(word.bytes())
            .map(|(at, byte): (usize, u8)| Symbol {
                // In range: the array has one entry for every byte.
                id: self.byte_ids.get(usize::from(byte)).copied().unwrap_or(0),
                previous: at.checked_sub(1),
                next: Some(at + 1),
                merged_away: false,
            })
            .collect();
        let Some(last) = symbols.last_mut() else {
            return;
        };
        last.id += BYTES;
        last.next = None;

        let mut queue = BinaryHeap::with_capacity(symbols.len());
        for left in 0..symbols.len() {
            self.offer(&symbols, left, &mut queue);
        }
        while let Some(Reverse((result, left))) = queue.pop() {
            self.merge(&mut symbols, left, result, &mut queue);
        }
        out.extend(symbols.iter().filter(|s| !s.merged_away).map(|s| s.id));
    }

    /// Queues the pair that starts at `left`, if the table merges it.
    fn offer(&self, symbols: &[Symbol], left: usize, queue: &mut Queue) {
        if let Some(result) = self.result_at(symbols, left) {
            queue.push(Reverse((result, left)));
        }
    }

    /// The result of merging the pair that starts at `left`.
    fn result_at(&self, symbols: &[Symbol], left: usize) -> Option<u32> {
        let first = symbols.get(left).filter(|s| !s.merged_away)?;
        let second = symbols.get(first.next?)?;
        self.results.get(&(first.id, second.id)).copied()
    }

    fn merge(&self, symbols: &mut [Symbol], left: usize, result: u32, queue: &mut Queue) {
        // The queue still has pairs that other merges have since broken up.
        if self.result_at(symbols, left) != Some(result) {
            return;
        }
        let Some(right) = symbols.get(left).and_then(|s| s.next) else {
            return;
        };
        let Some(second) = symbols.get_mut(right) else {
            return;
        };
        second.merged_away = true;
        let after = second.next;
        let Some(first) = symbols.get_mut(left) else {
            return;
        };
        first.id = result;
        first.next = after;
        let before = first.previous;
        if let Some(after) = after.and_then(|at| symbols.get_mut(at)) {
            after.previous = Some(left);
        }
        self.offer(symbols, left, queue);
        if let Some(before) = before {
            self.offer(symbols, before, queue);
        }
    }
}

/// Pairs to merge: the result's id, which is its rank, and the index of the pair's left symbol.
type Queue = BinaryHeap<Reverse<(u32, usize)>>;

/// A symbol of a word, in a doubly linked list over the word's bytes.
struct Symbol {
    id: u32,
    previous: Option<usize>,
    next: Option<usize>,
    merged_away: bool,
}

/// Every byte in the order of its id, with its printable character in the table: itself if that is
/// printable Latin-1, else the next from U+0100 on.
fn byte_symbols() -> impl Iterator<Item = (u8, char)> {
    let printable = |b: &u8| matches!(b, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let shown = (0..=255).filter(printable).map(|b| (b, char::from(b)));
    let hidden = (0..=255).filter(move |b| !printable(b)).zip('\u{100}'..);
    shown.chain(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_symbol() {
        let all: Vec<_> = byte_symbols().collect();
        assert_eq!(all.len(), 256);
        let bytes: std::collections::HashSet<u8> = all.iter().map(|&(b, _)| b).collect();
        let symbols: std::collections::HashSet<char> = all.iter().map(|&(_, c)| c).collect();
        assert_eq!((bytes.len(), symbols.len()), (256, 256));
        assert_eq!(all.first(), Some(&(b'!', '!')));
        assert_eq!(all.get(188), Some(&(0, '\u{100}')));
    }

    #[test]
    fn results_come_after_the_symbols_they_are_made_of() {
        // `encode` relies on this when it takes pairs from a queue.
        for (&(left, right), &result) in &Merges::embedded().results {
            assert!(left < result && right < result, "{left} {right} {result}");
        }
    }

    /// The reference's rule, word by word: merge the first pair of the table wherever it occurs,
    /// and start again.
    fn by_the_book(merges: &Merges, word: &str) -> Vec<u32> {
        let mut ids: Vec<u32> = word
            .bytes()
            .map(|b| merges.byte_ids[usize::from(b)])
            .collect();
        *ids.last_mut().unwrap() += BYTES;
        let best = |ids: &[u32]| {
            let known = |p: &[u32]| merges.results.get(&(p[0], p[1])).map(|&r| (r, p[0], p[1]));
            ids.windows(2).filter_map(known).min()
        };
        while let Some((result, left, right)) = best(&ids) {
            let mut next = Vec::new();
            let mut at = 0;
            while at < ids.len() {
                if ids[at] == left && ids.get(at + 1) == Some(&right) {
                    next.push(result);
                    at += 2;
                } else {
                    next.push(ids[at]);
                    at += 1;
                }
            }
            ids = next;
        }
        ids
    }

    proptest::proptest! {
        #[test]
        fn the_queue_merges_as_the_book_does(word in "[a-c]{1,40}|[a-z]{1,30}|\\PC{1,20}") {
            let merges = table();
            let mut ids = Vec::new();
            merges.encode(&word, &mut ids);
            proptest::prop_assert_eq!(ids, by_the_book(merges, &word));
        }
    }

    fn table() -> &'static Merges {
        static TABLE: std::sync::LazyLock<Merges> = std::sync::LazyLock::new(Merges::embedded);
        &TABLE
    }
}
