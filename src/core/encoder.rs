//! The traits of encoders, whichever engine runs them.

use crate::core::embedding::Embedding;
use crate::core::pixels::Pixels;

/// How to turn a picture of any size into the square that an image encoder takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// Width and height of the encoder's input, in pixels.
    pub size: u32,
    /// How to fit the picture into that square.
    pub fit: Fit,
    /// How to compute a pixel from those around it when the picture is scaled.
    pub filter: Filter,
    /// Per channel (R, G, B), on samples scaled to 0..=1: `(sample - mean) / std`.
    pub mean: [f32; 3],
    /// See [`Preprocessing::mean`].
    pub std: [f32; 3],
}

/// How to fit a picture into the encoder's square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Scale the shorter side to the square and cut out the middle, like CLIP itself.
    CentreCrop,
    /// Scale both sides to the square, whatever the proportions: nothing is cut off.
    Squash,
}

/// A resampling filter, as Pillow has it: always with antialiasing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Pillow's `BILINEAR`, a triangle.
    Bilinear,
    /// Pillow's `BICUBIC`, with a = -0.5.
    Bicubic,
    /// Pillow's `LANCZOS`, three lobes.
    Lanczos,
}

impl Preprocessing {
    /// The original CLIP's preprocessing, at `size` pixels (mean and deviation of
    /// <https://github.com/openai/CLIP>, `clip/clip.py`, `_transform`).
    pub fn clip(size: u32) -> Self {
        Self {
            size,
            fit: Fit::CentreCrop,
            filter: Filter::Bicubic,
            mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            std: [0.268_629_54, 0.261_302_6, 0.275_777_1],
        }
    }

    /// SigLIP's preprocessing, at `size` pixels (big_vision's, as the configurations of its
    /// checkpoints repeat it).
    pub(crate) fn siglip(size: u32) -> Self {
        Self {
            size,
            fit: Fit::Squash,
            filter: Filter::Bicubic,
            mean: [0.5; 3],
            std: [0.5; 3],
        }
    }

    /// MobileCLIP's preprocessing, at `size` pixels: samples stay as they are (open_clip's `_mccfg`,
    /// `src/open_clip/pretrained.py`).
    pub(crate) fn mobile_clip(size: u32) -> Self {
        Self {
            size,
            fit: Fit::CentreCrop,
            filter: Filter::Bilinear,
            mean: [0.0; 3],
            std: [1.0; 3],
        }
    }

    /// Checks that all `images` have the encoder's size.
    ///
    /// # Errors
    /// [`EncodeError::Size`] for the first that does not.
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

/// Scales features to embeddings of unit length.
///
/// # Errors
/// [`EncodeError::Degenerate`] if one is zero or not finite.
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
    /// A picture does not have the size required by [`ImageEncoder::preprocessing`].
    #[error("the model takes pictures of {expected}×{expected} pixels, not {width}×{height}")]
    Size {
        /// The encoder's input size.
        expected: u32,
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
    /// The embedding is zero, infinite or NaN: the weights are damaged.
    #[error("the model gives no usable embedding (zero or not finite); its weights are damaged")]
    Degenerate,
    /// The engine itself failed.
    #[error("computing on {device} failed: {reason}")]
    Engine {
        /// The device's name.
        device: String,
        /// The engine's message.
        reason: String,
    },
}

/// Embeds pictures.
pub trait ImageEncoder: Send + Sync {
    /// Length of the embeddings.
    fn dimension(&self) -> usize;
    /// The preprocessing that pictures need before [`ImageEncoder::encode_images`]: scaled and
    /// cropped to `size`×`size`. The encoder applies mean and deviation.
    fn preprocessing(&self) -> &Preprocessing;
    /// Returns one embedding per picture, in order.
    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError>;
}

/// Embeds texts into the same space as the pictures.
pub trait TextEncoder: Send + Sync {
    /// Length of the embeddings.
    fn dimension(&self) -> usize;
    /// Returns one embedding per text, in order. Texts longer than the context are cut off.
    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError>;
}
