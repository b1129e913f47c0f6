//! What an encoder offers, whichever engine computes it.

use crate::core::embedding::Embedding;
use crate::core::pixels::Pixels;

/// How a picture of any size becomes the square that an image encoder takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// Width and height of the encoder's input, in pixels.
    pub size: u32,
    /// How the picture is fitted into that square.
    pub fit: Fit,
    /// Per channel (R, G, B), on samples scaled to 0..=1: `(sample - mean) / std`.
    pub mean: [f32; 3],
    /// See [`Preprocessing::mean`].
    pub std: [f32; 3],
}

/// How a picture is fitted into the encoder's square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The shorter side becomes the square's, and the middle is cut out: CLIP's own way.
    CentreCrop,
    /// Both sides become the square's, whatever the proportions: nothing is cut off.
    Squash,
}

impl Preprocessing {
    /// The original CLIP's, at `size` pixels
    /// (mean and deviation of <https://github.com/openai/CLIP>, `clip/clip.py`, `_transform`).
    pub fn clip(size: u32) -> Self {
        Self {
            size,
            fit: Fit::CentreCrop,
            mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            std: [0.268_629_54, 0.261_302_6, 0.275_777_1],
        }
    }

    /// Whether all `images` have the size that the encoder takes.
    ///
    /// # Errors
    /// [`EncodeError::Size`] for the first that has another.
    pub(crate) fn check_sizes(&self, images: &[Pixels]) -> Result<(), EncodeError> {
        let expected = self.size;
        let other = |image: &&Pixels| (image.width(), image.height()) != (expected, expected);
        match images.iter().find(other) {
            Some(image) => Err(EncodeError::Size {
                expected,
                width: image.width(),
                height: image.height(),
            }),
            None => Ok(()),
        }
    }
}

/// Features become embeddings of unit length.
///
/// # Errors
/// [`EncodeError::Degenerate`] where one is zero or not finite.
pub(crate) fn embeddings(
    features: impl IntoIterator<Item = Vec<f32>>,
) -> Result<Vec<Embedding>, EncodeError> {
    let rows = features.into_iter();
    rows.map(|row| Embedding::normalised(row).ok_or(EncodeError::Degenerate))
        .collect()
}

/// Why pictures or texts could not be embedded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A picture is not of the size that [`ImageEncoder::preprocessing`] asks for.
    #[error("the model takes pictures of {expected}×{expected} pixels, not {width}×{height}")]
    Size {
        /// The encoder's input size.
        expected: u32,
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
    /// The embedding came out as zero, infinite or NaN: the weights are not sound.
    #[error("the model gives no usable embedding (zero or not finite); its weights are damaged")]
    Degenerate,
    /// The engine itself failed.
    #[error("computing on {device} failed: {reason}")]
    Engine {
        /// The device's name.
        device: String,
        /// What the engine said.
        reason: String,
    },
}

/// Embeds pictures.
pub trait ImageEncoder: Send + Sync {
    /// Length of the embeddings.
    fn dimension(&self) -> usize;
    /// What the pictures must have been through before [`ImageEncoder::encode_images`]: scaled
    /// and cropped to `size`×`size`. Mean and deviation are applied by the encoder.
    fn preprocessing(&self) -> &Preprocessing;
    /// One embedding a picture, in order.
    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError>;
}

/// Embeds texts into the same space as the pictures.
pub trait TextEncoder: Send + Sync {
    /// Length of the embeddings.
    fn dimension(&self) -> usize;
    /// One embedding a text, in order. Texts longer than the context are cut off.
    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError>;
}
