//! Texts with a common beginning share its rows.
//!
//! Attention in the text Transformer is causal: the results for a token depend only on the tokens
//! before it. So texts that share their first tokens share all results for them, in every block,
//! and prompts from one template share most of theirs.

use crate::engine::cpu::transformer::attention::Sequence;
use crate::engine::cpu::transformer::block::Wanted;

/// Texts as rows.
#[derive(Default)]
pub(crate) struct Rows {
    /// A row's token id and its position in the text.
    pub(crate) tokens: Vec<(u32, usize)>,
    /// Which rows attend to which.
    pub(crate) sequences: Vec<Sequence>,
    /// Each text's row with the feature: with causal attention, its last one.
    pub(crate) ends: Vec<Wanted>,
}

impl Rows {
    /// Takes texts in lexicographic order, none of them empty, because neighbours share rows.
    pub(crate) fn of(texts: &[&[u32]]) -> Self {
        let mut rows = Self::default();
        let mut path: Vec<u32> = Vec::new();
        let mut before: &[u32] = &[];
        for text in texts {
            let common = shared(before, text);
            path.truncate(common);
            let first = rows.tokens.len();
            for (position, id) in text.iter().enumerate().skip(common) {
                path.push(rows.tokens.len() as u32);
                rows.tokens.push((*id, position));
            }
            let (sequence, row) = (
                rows.sequences.len(),
                path.last().map_or(0, |row| *row as usize),
            );
            rows.ends.push(Wanted { row, sequence });
            rows.sequences.push(Sequence {
                keys: path.clone(),
                queries: first..rows.tokens.len(),
            });
            before = text;
        }
        rows
    }

    /// Takes texts whose tokens all see each other, so that they share nothing; `feature` is the
    /// place of a text's feature.
    pub(crate) fn apart(texts: &[&[u32]], feature: impl Fn(&[u32]) -> usize) -> Self {
        let mut rows = Self::default();
        for (sequence, text) in texts.iter().enumerate() {
            let first = rows.tokens.len();
            rows.tokens.extend(text.iter().copied().zip(0..));
            let queries = first..rows.tokens.len();
            rows.ends.push(Wanted {
                row: first + feature(text),
                sequence,
            });
            rows.sequences.push(Sequence {
                keys: queries.clone().map(|row| row as u32).collect(),
                queries,
            });
        }
        rows
    }
}

/// The number of tokens that two texts have in common at the beginning.
pub(crate) fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_has_one_row() {
        let texts: [&[u32]; 5] = [&[1, 2, 3], &[1, 2, 3], &[1, 2, 4, 5], &[1, 3], &[2]];
        let rows = Rows::of(&texts);
        assert_eq!(
            rows.tokens,
            [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (3, 1), (2, 0)]
        );
        let keys: Vec<&[u32]> = rows.sequences.iter().map(|s| s.keys.as_slice()).collect();
        let expected: [&[u32]; 5] = [&[0, 1, 2], &[0, 1, 2], &[0, 1, 3, 4], &[0, 5], &[6]];
        assert_eq!(keys, expected);
        let queries: Vec<_> = rows.sequences.iter().map(|s| s.queries.clone()).collect();
        assert_eq!(queries, [0..3, 3..3, 3..5, 5..6, 6..7]);
        let ends: Vec<usize> = rows.ends.iter().map(|e| e.row).collect();
        assert_eq!(ends, [2, 2, 4, 5, 6]);
    }
}
