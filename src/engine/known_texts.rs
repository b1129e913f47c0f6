//! Texts whose embeddings are known better than a small text encoder computes them.
//!
//! The starter's text side learned some ten thousand words, each with a place in the space of
//! photographs, and comes within a cosine of 0.92 of them. What a person types as a label is mostly
//! one of these words: it is looked up, and only what is not among them is computed.

use std::collections::HashMap;
use std::sync::Arc;

use safetensors::SafeTensors;

use crate::clip::error::ModelError;
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};
use crate::engine::starter::ZERO;

/// The texts, and a quantised embedding for each.
pub struct KnownTexts {
    rows: HashMap<&'static str, usize>,
    /// `[texts, dimension]`, each row standing for `(byte - ZERO) · scale`. The scale itself is
    /// left out, for embeddings have length 1.
    bytes: &'static [u8],
    dimension: usize,
}

impl KnownTexts {
    /// Reads a safetensors file with `texts` (UTF-8, one a line, in lower case) and `places`
    /// `[texts, dimension]`, in bytes.
    ///
    /// # Errors
    /// Where the file is another.
    pub fn from_bytes(file: &'static [u8]) -> Result<Self, ModelError> {
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

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The embedding of a text, if it is known; capitals do not matter, and an underscore is a
    /// blank.
    pub fn get(&self, text: &str) -> Option<Embedding> {
        let text = text.trim().to_lowercase().replace('_', " ");
        let row = *self.rows.get(text.as_str())?;
        let start = row * self.dimension;
        let bytes = self.bytes.get(start..start + self.dimension)?;
        let value = |byte: &u8| f32::from(*byte) - f32::from(ZERO);
        Embedding::normalised(bytes.iter().map(value).collect())
    }
}

/// A text encoder that looks up what is known and computes the rest.
pub struct Informed {
    encoder: Arc<dyn TextEncoder>,
    known: KnownTexts,
}

impl Informed {
    /// `known` are of the space that `encoder` embeds into.
    pub fn new(encoder: Arc<dyn TextEncoder>, known: KnownTexts) -> Self {
        Self { encoder, known }
    }
}

impl TextEncoder for Informed {
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
    use crate::engine::starter::Starter;

    #[test]
    fn known_texts_are_looked_up_and_the_others_computed() {
        let starter = Arc::new(Starter::load().unwrap());
        let known = Starter::known_texts().unwrap();
        assert!(known.len() > 5000 && !known.is_empty());
        let dog = known.get(" Golden_Retriever ").unwrap();
        assert_eq!(dog.dimension(), Starter::anchors().unwrap()[0].dimension());
        assert!(known.get("xqzzt of the seventh kind").is_none());
        let informed = Informed::new(starter.clone(), known);
        let texts = [
            "xqzzt of the seventh kind",
            "golden retriever",
            "a dog, a cat, a hat",
        ];
        let all = informed.encode_texts(&texts).unwrap();
        let computed = starter.encode_texts(&texts).unwrap();
        assert_eq!(all[0], computed[0]);
        assert_eq!(all[1], dog);
        assert_eq!(all[2], computed[2]);
        assert!(informed.encode_texts(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_is_looked_up_is_what_the_encoder_learned() {
        let starter = Starter::load().unwrap();
        let known = Starter::known_texts().unwrap();
        let mut texts: Vec<&str> = known.rows.keys().copied().collect();
        texts.sort_unstable();
        let texts: Vec<&str> = texts.into_iter().step_by(20).collect();
        let computed = starter.encode_texts(&texts).unwrap();
        let cosines = texts.iter().zip(&computed);
        let cosines = cosines.map(|(text, own)| known.get(text).unwrap().similarity(own));
        let mean = cosines.sum::<f32>() / texts.len() as f32;
        assert!(mean > 0.9, "{mean}");
    }

    #[test]
    fn other_files_are_refused() {
        assert!(KnownTexts::from_bytes(b"").is_err());
        assert!(KnownTexts::from_bytes(b"\x02\0\0\0\0\0\0\0{}").is_err());
    }
}
