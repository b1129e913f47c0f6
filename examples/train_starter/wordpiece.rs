//! BERT's WordPiece tokenizer, lower-casing ("uncased").
//!
//! Source: J. Devlin et al., "BERT" (2018); greedy longest match, continuation pieces with `##`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const LONGEST_WORD: usize = 100;

/// The pieces and their numbers.
pub struct WordPiece {
    pieces: HashMap<String, u32>,
    start: u32,
    end: u32,
    unknown: u32,
}

impl WordPiece {
    /// Reads `vocab.txt`, one piece a line.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let pieces: HashMap<String, u32> = text.lines().map(str::to_owned).zip(0..).collect();
        let special = |name: &str| {
            pieces
                .get(name)
                .copied()
                .with_context(|| format!("{} lacks {name}", path.display()))
        };
        Ok(Self {
            start: special("[CLS]")?,
            end: special("[SEP]")?,
            unknown: special("[UNK]")?,
            pieces,
        })
    }

    /// The numbers of a text's pieces between start and end marks, at most `max_tokens` in all.
    pub fn encode(&self, text: &str, max_tokens: usize) -> Vec<u32> {
        let plain: String = text
            .to_lowercase()
            .nfd()
            .filter(|c| !is_combining_mark(*c))
            .collect();
        let mut tokens = vec![self.start];
        for word in plain.split_whitespace() {
            let mut rest = word;
            while let Some(first) = rest.chars().next() {
                let end = if first.is_alphanumeric() {
                    rest.find(|c: char| !c.is_alphanumeric())
                        .unwrap_or(rest.len())
                } else {
                    first.len_utf8()
                };
                self.word(&rest[..end], &mut tokens);
                rest = &rest[end..];
            }
        }
        tokens.truncate(max_tokens - 1);
        tokens.push(self.end);
        tokens
    }

    fn word(&self, word: &str, tokens: &mut Vec<u32>) {
        let before = tokens.len();
        let mut at = 0;
        while at < word.len() && word.len() <= LONGEST_WORD {
            let longest = (at + 1..=word.len())
                .rev()
                .filter(|end| word.is_char_boundary(*end))
                .find_map(|end| {
                    let piece = &word[at..end];
                    let found = if at == 0 {
                        self.pieces.get(piece)
                    } else {
                        self.pieces.get(&format!("##{piece}"))
                    };
                    found.map(|id| (*id, end))
                });
            let Some((id, end)) = longest else { break };
            tokens.push(id);
            at = end;
        }
        if at < word.len() {
            tokens.truncate(before);
            tokens.push(self.unknown);
        }
    }
}
