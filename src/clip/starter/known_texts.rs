//! Texts with better embeddings than a small text encoder computes.
//!
//! The starter's text tower learned some ten thousand words, each with a target in the space of
//! photographs, and reaches a cosine of 0.92 with these. Most labels that users type are among
//! these words and are looked up; only others are computed.

use std::collections::HashMap;
use std::sync::Arc;

use safetensors::SafeTensors;

use crate::clip::error::ModelError;
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};

/// A byte of a quantised row represents `(byte - ZERO) * scale`.
pub const ZERO: u8 = 128;

/// The texts, and a quantised embedding for each.
pub(crate) struct KnownTexts {
    rows: HashMap<&'static str, usize>,
    /// `[texts, dimension]`; each row represents `(byte - ZERO) · scale`. The scale is not stored,
    /// because embeddings have length 1.
    bytes: &'static [u8],
    dimension: usize,
}

impl KnownTexts {
    /// Reads a safetensors file with `texts` (UTF-8, one a line, in lower case) and `places`
    /// `[texts, dimension]`, in bytes.
    ///
    /// # Errors
    /// If the file has another content.
    pub(crate) fn from_bytes(file: &'static [u8]) -> Result<Self, ModelError> {
        let wrong = |what: &str| ModelError::format("the known texts", what);
        let tensors = SafeTensors::deserialize(file).map_err(|e| wrong(&e.to_string()))?;
        let mut texts: &[u8] = &[];
        let mut places: (&[u8], Vec<usize>) = (&[], Vec::new());
        for (name, tensor) in tensors.iter() {
            match name {
                "texts" => texts = tensor.data(),
                "places" => places = (tensor.data(), tensor.shape().to_vec()),
                _ => return Err(wrong("it holds something else")),
            }
        }
        let texts = std::str::from_utf8(texts).map_err(|e| wrong(&e.to_string()))?;
        let rows: HashMap<&str, usize> = texts.lines().zip(0..).collect();
        let (bytes, [count, dimension]) = (places.0, places.1.as_slice()) else {
            return Err(wrong("the places are no matrix"));
        };
        if rows.len() != *count || bytes.len() != count * dimension {
            return Err(wrong("texts and places do not fit one another"));
        }
        Ok(Self {
            rows,
            bytes,
            dimension: *dimension,
        })
    }

    /// The number of texts.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The texts, in no particular order.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.rows.keys().copied()
    }

    /// The embedding of a text, if known; case does not matter, and an underscore is a space.
    pub(crate) fn get(&self, text: &str) -> Option<Embedding> {
        let text = text.trim().to_lowercase().replace('_', " ");
        let row = *self.rows.get(text.as_str())?;
        let start = row * self.dimension;
        let bytes = self.bytes.get(start..start + self.dimension)?;
        let value = |byte: &u8| f32::from(*byte) - f32::from(ZERO);
        Embedding::normalised(bytes.iter().map(value).collect())
    }
}

/// A text encoder that looks up known texts and computes others.
pub(crate) struct LookupTextEncoder {
    encoder: Arc<dyn TextEncoder>,
    known: KnownTexts,
}

impl LookupTextEncoder {
    /// `known` must be in the embedding space of `encoder`.
    pub(crate) fn new(encoder: Arc<dyn TextEncoder>, known: KnownTexts) -> Self {
        Self { encoder, known }
    }
}

impl TextEncoder for LookupTextEncoder {
    fn dimension(&self) -> usize {
        self.encoder.dimension()
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let known: Vec<Option<Embedding>> = texts.iter().map(|text| self.known.get(text)).collect();
        let unknown = texts
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.is_none());
        let unknown: Vec<&str> = unknown.map(|(text, _)| *text).collect();
        let mut computed = match unknown.is_empty() {
            true => Vec::new(),
            false => self.encoder.encode_texts(&unknown)?,
        }
        .into_iter();
        let all = known
            .into_iter()
            .map(|known| known.or_else(|| computed.next()));
        all.map(|embedding| embedding.ok_or(EncodeError::Degenerate))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_refused() {
        assert!(KnownTexts::from_bytes(b"").is_err());
        assert!(KnownTexts::from_bytes(b"\x02\0\0\0\0\0\0\0{}").is_err());
    }
}
