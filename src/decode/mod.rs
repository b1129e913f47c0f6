//! From a file to the upright 8-bit RGB square that an image encoder takes.
//!
//! [`load`] decodes, [`fit`] scales and crops, [`prepare`] does both. What comes out equals what
//! Pillow and torchvision make of the same file (`tests/golden/preprocess_reference.py`), with
//! three rules where Pillow alone would spoil a picture: transparency is laid over white, 16-bit
//! grey is scaled rather than clipped, and a picture without an end is an error.
//!
//! ICC profiles are not applied: the original's preprocessing ignores them, and models were
//! trained on pictures read that way.
//!
//! Files come from anywhere. Dimensions are read from the header and checked against [`Limits`]
//! before anything of their size is allocated; the decoders, which are other people's code, run
//! where a panic of theirs becomes a [`Fault`]; and all threads together keep to one budget of
//! memory.
//!
//! A JPEG is decoded whole, even where an eighth of its size would do for the encoder. A scaled
//! decode belongs between [`load`] and [`fit`], in [`prepare`], which alone knows both the file
//! and the wanted size.

mod budget;
mod colour;
mod error;
mod fit;
mod format;
mod jpeg;
mod limits;
mod load;
mod orientation;
mod tiff;

use std::path::Path;

pub use error::{DecodeError, Fault};
pub use fit::fit;
pub use limits::Limits;
pub use load::load;

use crate::encoder::Preprocessing;
use crate::pixels::Pixels;

/// [`load`], then [`fit`]: the file's picture as the encoder takes it.
///
/// # Errors
/// As [`load`].
pub fn prepare(
    path: &Path,
    preprocessing: &Preprocessing,
    limits: &Limits,
) -> Result<Pixels, DecodeError> {
    // The share of the memory budget is held until the full-size picture is gone.
    let loaded = load::load_within_budget(path, limits)?;
    Ok(fit(&loaded.pixels, preprocessing))
}

/// As [`prepare`], of a file that is in memory already and is called `name`.
///
/// # Errors
/// As [`load`].
pub fn prepare_bytes(
    name: &Path,
    bytes: &[u8],
    preprocessing: &Preprocessing,
    limits: &Limits,
) -> Result<Pixels, DecodeError> {
    let loaded = load::load_bytes(name, bytes, limits)?;
    Ok(fit(&loaded.pixels, preprocessing))
}
