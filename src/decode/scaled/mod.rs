//! Decodes JPEGs at 1/8, 1/4 or 1/2 of the size, and files that the other decoder cannot read.
//!
//! An encoder's square has a hundredth of the pixels of a photo. Reading the entropy-coded data
//! must touch every pixel of the file, but skips detail that the smaller picture cannot show; all
//! other work is done only for the smaller picture's pixels.
//!
//! [`Job`] reads ordinary photos: Huffman-coded sequential and progressive frames of 8 bits, in
//! grey, YCbCr or RGB, with restart markers and with any usual subsampling. Everything else, above
//! all damage, is [`Odd`], and the decoder of whole pictures decodes the file and judges it. Nobody
//! judges the skipped data.
//!
//! From the bottom up: `bits` and `huffman` read the data, `header` the segments around it, `idct`
//! makes samples, `layout` and `picture` place them; `sequential` and `progressive` read the two
//! kinds of scans, and `scans` reads pictures with several scans, whose coefficients are `kept`
//! until all are read.
//!
//! Files without an end of the image, and sequential ones with a scan per component, are decoded
//! here at any scale, because the decoder of whole pictures silently makes missing data grey, and
//! garbles the latter.

mod bits;
mod header;
mod huffman;
mod idct;
mod kept;
mod layout;
mod odd;
mod picture;
mod progressive;
mod restart;
mod scans;
mod sequential;

use header::{Frame, Next, Scan, State};
use layout::Layout;
pub(super) use odd::{Missing, Odd};
use picture::Picture;

use crate::core::pixels::Pixels;

/// A JPEG file with its header read.
pub(super) struct Job<'a> {
    bytes: &'a [u8],
    state: State,
    frame: Frame,
    scan: Scan,
    data: usize,
}

impl<'a> Job<'a> {
    /// Reads up to the first scan.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Odd> {
        let mut state = State::default();
        let Next::Scan(scan, data) = state.read(bytes, 2)? else {
            return Err(Odd);
        };
        let frame = state.frame.clone().ok_or(Odd)?;
        Ok(Self {
            bytes,
            state,
            frame,
            scan,
            data,
        })
    }

    /// Width and height of the whole picture, as stored.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.frame.width as u32, self.frame.height as u32)
    }

    /// The memory in bytes for decoding to `eighths` of the size.
    pub(super) fn bytes(&self, eighths: u32) -> Result<u64, Odd> {
        let layout = Layout::new(&self.frame, eighths as usize)?;
        let kept = match self.has_several_scans() {
            true => kept::bytes_kept(&layout),
            false => 0,
        };
        Ok(layout.bytes() + kept)
    }

    fn has_several_scans(&self) -> bool {
        self.frame.progressive || self.scan.components.len() < self.frame.components.len()
    }

    /// Decodes the picture as stored, at `eighths` (1, 2, 4 or 8) of its size: `⌈width · eighths /
    /// 8⌉` pixels wide, and as high accordingly. A partial last column or row is completed with the
    /// encoder's filling.
    pub(super) fn decode(mut self, eighths: u32, allowed: Missing) -> Result<Decoded, Odd> {
        let layout = Layout::new(&self.frame, eighths as usize)?;
        let mut picture = Picture::new(&layout, self.state.colours()?)?;
        let (bytes, at) = (self.bytes, self.data);
        let complete = if self.has_several_scans() {
            let (scan, state) = (self.scan, &mut self.state);
            scans::decode(bytes, at, scan, state, &layout, &mut picture, allowed)?
        } else {
            let (scan, state) = (&self.scan, &self.state);
            let end = sequential::decode(bytes, at, scan, state, &layout, &mut picture);
            if allowed == Missing::Nothing {
                let next = self.state.read(bytes, end?.ok_or(Odd)?)?;
                if !matches!(next, Next::End) {
                    return Err(Odd);
                }
            }
            end.is_ok()
        };
        let rows = picture.fill_up();
        // With fewer lines, nobody could say what the picture shows.
        if !complete && rows as usize * 3 < layout.height {
            return Err(Odd);
        }
        Ok(Decoded {
            pixels: picture.into_pixels()?,
            complete,
        })
    }
}

/// A picture as its file stores it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(crate) pixels: Pixels,
    /// Whether all data was there. Missing parts are grey, or less sharp.
    pub(crate) complete: bool,
}

#[cfg(test)]
mod tests;
