//! JPEG decoding at 1/8, 1/4 or 1/2 of the size, and of files that others do not read.
//!
//! An encoder's square has a hundredth of the pixels of a photo. What the smaller picture cannot
//! show is passed over while the entropy-coded data is read, which is all that has to be done for
//! every pixel of the file; the rest is done for the smaller picture's pixels only.
//!
//! [`Job`] reads what photos are made of: Huffman-coded sequential and progressive frames of 8
//! bits, in grey, YCbCr or RGB, with restart markers and with any usual subsampling. Whatever else
//! it meets, damage above all, is [`Odd`]: there is one judge of what a file is worth, the decoder
//! of whole pictures, and a file that is odd here is decoded there. What is passed over is not
//! judged by anybody.
//!
//! From the bottom up: `bits` and `huffman` read the data, `header` the segments around it, `idct`
//! makes samples, `layout` and `picture` put them in their places; `sequential` and `progressive`
//! read the two kinds of scans, `scans` pictures of several, whose coefficients are `kept` until all
//! are read.
//!
//! Files without an end of the image, and sequential ones with a scan for each component, are decoded
//! here at any scale: the decoder of whole pictures makes grey of what is missing and says nothing, and
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

/// A JPEG file of which the header is read.
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

    /// Bytes that decoding to `eighths` of the size allocates.
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

    /// The picture as stored, at `eighths` (1, 2, 4 or 8) of its size: `⌈width · eighths / 8⌉`
    /// pixels wide, and as high accordingly. A last column or row that does not come out even is
    /// made of what the encoder filled the picture up with.
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
        // Of less, nobody could say what the picture shows.
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
    /// Whether all data was there. What was not is grey, or less sharp.
    pub(crate) complete: bool,
}

#[cfg(test)]
mod tests;
