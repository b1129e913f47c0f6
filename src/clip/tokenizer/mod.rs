//! Converts text to the same token ids as the reference: CLIP's byte-pair encoding, and in `file` the
//! tokenizers that other models bring with them.
//!
//! CLIP's scheme is that of <https://github.com/openai/CLIP>, `clip/simple_tokenizer.py`; the cleaning
//! before it is that of open_clip 3.2.0 (`clean="lower"`): mojibake repaired like ftfy 6.3.1, HTML
//! references replaced twice, whitespace collapsed, lower case. `tests/golden/tokenizer/` has the
//! strings that prove it.
//!
//! Letters, numbers and lower case follow the Unicode versions of the regex crate and the standard
//! library. The reference's libraries have other versions, so characters that are newer than
//! Unicode 14 may be split differently.

pub(crate) mod clean;
mod entities;
pub(crate) mod file;
mod fixed_regex;
mod merges;
mod mojibake;
pub(crate) mod of_model;
mod repair;

use std::sync::LazyLock;

use regex::Regex;

use fixed_regex::fixed_regex;
use merges::Merges;

/// Converts text into the token ids that CLIP's text encoders were trained on.
pub struct Tokenizer {
    merges: Merges,
    words: Regex,
}

static CLIP: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer {
    merges: Merges::embedded(),
    // U+0345 is a mark whose capital is a letter: matched without case, like in the reference, it
    // belongs to neither words nor the rest, and is dropped.
    words: fixed_regex(concat!(
        "(?i:<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d)",
        r"|\p{L}+|\p{N}|[^\s\p{L}\p{N}\x{345}]+",
    )),
});

impl Tokenizer {
    /// The id that every text starts with ("SOS").
    pub(crate) const START: u32 = 49_406;
    /// The id that every text ends with ("EOS"): the encoder's feature is at its position.
    pub(crate) const END: u32 = 49_407;
    /// The context that every published CLIP was trained with, in tokens.
    pub const CONTEXT_LENGTH: usize = 77;

    /// The vocabulary of 49,408 entries that all CLIP models share. Decompressed on first use (tens
    /// of milliseconds), then shared.
    pub fn clip() -> &'static Self {
        &CLIP
    }

    /// The number of ids: every id is below it.
    pub fn vocab_size(&self) -> usize {
        self.merges.len() + 2
    }

    /// The text of every id, in order, without the two special ones; a space marks the end of a
    /// word. Bytes that are not text on their own become replacement characters.
    pub fn texts(&self) -> Vec<String> {
        self.merges.texts()
    }

    /// The ids of `text`: [`Tokenizer::START`], its tokens, [`Tokenizer::END`]; not padded.
    ///
    /// A text of more than `context_length` tokens is cut off, and its last id is still
    /// [`Tokenizer::END`]. With a `context_length` of 0 nothing is left.
    pub fn encode(&self, text: &str, context_length: usize) -> Vec<u32> {
        let mut ids = vec![Self::START];
        let text = clean::clean(text);
        for word in self.words.find_iter(&text) {
            match word.as_str() {
                // Spelled out in the text, they are the special tokens: the reference's cache has
                // them, in this spelling only.
                "<start_of_text>" => ids.push(Self::START),
                "<end_of_text>" => ids.push(Self::END),
                word => self.merges.encode(word, &mut ids),
            }
            if ids.len() >= context_length {
                break;
            }
        }
        ids.push(Self::END);
        if ids.len() > context_length {
            ids.truncate(context_length);
            if let Some(last) = ids.last_mut() {
                *last = Self::END;
            }
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> Vec<u32> {
        Tokenizer::clip().encode(text, Tokenizer::CONTEXT_LENGTH)
    }

    #[test]
    fn the_vocabulary_is_whole() {
        assert_eq!(Tokenizer::clip().vocab_size(), 49_408);
    }

    #[test]
    fn known_captions_get_their_known_ids() {
        // From open_clip 3.2.0.
        assert_eq!(
            encode("a photo of a cat"),
            [49406, 320, 1125, 539, 320, 2368, 49407]
        );
        assert_eq!(encode(""), [49406, 49407]);
        assert_eq!(encode("A  PHOTO\tof\na Cat "), encode("a photo of a cat"));
    }

    #[test]
    fn ids_have_texts() {
        let texts = Tokenizer::clip().texts();
        assert_eq!(texts.len(), 49_406);
        let caption: String = encode("a photo of a cat")[1..6]
            .iter()
            .map(|id| texts[*id as usize].as_str())
            .collect();
        assert_eq!(caption, "a photo of a cat ");
    }

    #[test]
    fn ids_are_those_of_the_reference() {
        const GOLDEN: &[u8] = include_bytes!("../../../tests/golden/tokenizer/strings.json.gz");
        let reader = flate2::read::GzDecoder::new(GOLDEN);
        let rows: Vec<(String, Vec<u32>)> = serde_json::from_reader(reader).unwrap();
        assert!(rows.len() >= 6_000, "only {} strings", rows.len());
        let wrong: Vec<_> = rows
            .iter()
            .filter(|(text, ids)| encode(text) != *ids)
            .collect();
        for (text, ids) in wrong.iter().take(40) {
            eprintln!(
                "{text:?}\n  expected {ids:?}\n  got      {:?}",
                encode(text)
            );
        }
        println!(
            "{} of {} strings have identical ids",
            rows.len() - wrong.len(),
            rows.len()
        );
        assert!(wrong.is_empty(), "{} of {} differ", wrong.len(), rows.len());
    }

    #[test]
    fn truncation_keeps_the_end_token() {
        let long = "cat ".repeat(500);
        let ids = encode(&long);
        assert_eq!(ids.len(), 77);
        assert_eq!(ids.first(), Some(&Tokenizer::START));
        assert_eq!(ids.get(75), Some(&2368));
        assert_eq!(ids.last(), Some(&Tokenizer::END));
        let exact = "cat ".repeat(75);
        assert_eq!(encode(&exact), ids, "75 tokens just fit");
        assert_eq!(
            Tokenizer::clip().encode("cat", 2),
            [Tokenizer::START, Tokenizer::END]
        );
        assert_eq!(Tokenizer::clip().encode("cat", 1), [Tokenizer::END]);
        assert!(Tokenizer::clip().encode("cat", 0).is_empty());
    }

    #[test]
    fn one_endless_word_takes_no_quadratic_time() {
        let word = "abcdefghij".repeat(20_000);
        let started = std::time::Instant::now();
        assert_eq!(encode(&word).len(), 77);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
