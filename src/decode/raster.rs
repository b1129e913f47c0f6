//! Turns a decoder's samples into an upright picture, within the memory budget.

use image::metadata::Orientation;
use image::{ColorType, ImageDecoder};

use crate::core::pixels::Pixels;
use crate::decode::budget::{PICTURES, Share};
use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::{Cost, Limits};
use crate::decode::{colour, icc, orientation};

/// JPEG's grey, for missing data.
const GREY: u8 = 128;

/// A picture, and its share of the memory budget.
pub(super) struct Loaded {
    pub(crate) pixels: Pixels,
    /// Whether it is complete.
    pub(crate) complete: bool,
    _share: Share<'static>,
}

impl Loaded {
    pub(super) fn new(pixels: Pixels, complete: bool, share: Share<'static>) -> Self {
        Self {
            pixels,
            complete,
            _share: share,
        }
    }

    /// Converts the picture from an ICC profile to sRGB.
    pub(super) fn in_srgb(mut self, profile: Option<&[u8]>) -> Self {
        if let Some(profile) = profile {
            icc::to_srgb(self.pixels.data_mut(), profile);
        }
        self
    }
}

/// The facts about a picture before it is decoded.
pub(super) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) colour: ColorType,
    pub(crate) alpha: Alpha,
    pub(crate) orientation: Orientation,
    /// The decoder's memory besides the samples.
    pub(crate) decoder_bytes: u64,
}

/// How much of a picture exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    All,
    /// So many rows from the top.
    First(u32),
}

/// Reserves memory, lets `decode` fill the samples, and makes the upright picture.
pub(super) fn decode_into(
    header: &Header,
    limits: &Limits,
    decode: impl FnOnce(&mut [u8]) -> Result<Rows, Fault>,
) -> Result<Loaded, Fault> {
    let (width, height) = (header.width, header.height);
    limits.admit_size(width, height)?;
    let pixel = u64::from(header.colour.bytes_per_pixel());
    let samples = u64::from(width) * u64::from(height) * pixel;
    let cost = Cost {
        file: 0,
        samples,
        decoder: header.decoder_bytes,
        turned: orientation::swaps_sides(header.orientation),
    };
    let peak = limits.admit(width, height, cost)?;
    let share = PICTURES.take(peak, limits.max_bytes);

    let mut buffer = Vec::new();
    let length = usize::try_from(samples).unwrap_or(usize::MAX);
    if buffer.try_reserve_exact(length).is_err() {
        return Err(Fault::TooMuchMemory {
            width,
            height,
            limit: limits.max_bytes,
        });
    }
    buffer.resize(length, 0);
    let rows = decode(&mut buffer)?;
    let mut rgb = colour::to_rgb(buffer, header.colour, header.alpha)?;
    if let Rows::First(rows) = rows {
        // With fewer lines, nobody could say what the picture shows.
        if u64::from(rows) * 3 < u64::from(height) {
            return Err(Fault::Truncated);
        }
        let there = rows as usize * width as usize * 3;
        rgb.get_mut(there..).unwrap_or_default().fill(GREY);
    }
    let pixels = orientation::upright(width, height, rgb, header.orientation)
        .ok_or_else(|| Fault::damaged("the number of its samples is wrong"))?;
    Ok(Loaded::new(pixels, rows == Rows::All, share))
}

/// Like [`decode_into`], with a decoder of the image crate that has read its header.
pub(super) fn decode_by(
    mut decoder: impl ImageDecoder,
    alpha: Alpha,
    orientation: Orientation,
    decoder_bytes: u64,
    limits: &Limits,
) -> Result<Loaded, Fault> {
    let (width, height) = decoder.dimensions();
    let header = Header {
        width,
        height,
        colour: decoder.color_type(),
        alpha,
        orientation,
        decoder_bytes,
    };
    // A grey picture's profile concerns only tones, which viewers ignore too.
    let is_coloured = header.colour.has_color();
    let profile = decoder.icc_profile().ok().flatten();
    let profile = profile.filter(|_| is_coloured);
    let loaded = decode_into(&header, limits, |samples| {
        let read = decoder.read_image(samples);
        read.map_err(|error| Fault::from_image(error, (width, height), limits.max_bytes))?;
        Ok(Rows::All)
    })?;
    Ok(loaded.in_srgb(profile.as_deref()))
}
