//! JPEG XL (ISO/IEC 18181), decoded by jxl-rs.

use std::io::Cursor;

use image::ImageDecoder as _;
use image::metadata::Orientation;
use jxl_image_rs_integration::JxlDecoder;

use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::Limits;
use crate::decode::raster::{Loaded, decode_by};

/// Bytes per pixel that the decoder takes besides the samples: groups of three channels of
/// floating-point samples, with borders around them.
const DECODER_BYTES: u64 = 16;

/// Decodes a codestream or a container. The decoder turns the picture upright.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let decoder = JxlDecoder::new(Cursor::new(bytes))
        .map_err(|error| Fault::from_image(error, (0, 0), limits.max_bytes))?;
    let (width, height) = decoder.dimensions();
    limits.admit_size(width, height)?;
    let held = u64::from(width) * u64::from(height) * DECODER_BYTES;
    let orientation = Orientation::NoTransforms;
    decode_by(decoder, Alpha::Straight, orientation, held, limits)
}
