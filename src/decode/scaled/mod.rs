//! JPEG decoding at 1/8, 1/4 or 1/2 of the size.
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
//! are the two kinds of frames.

mod bits;
mod header;
mod huffman;
mod idct;
mod layout;
mod picture;
mod progressive;
mod restart;
mod sequential;

use header::{Frame, Next, Scan, State};
use layout::Layout;
use picture::Picture;

use crate::core::pixels::Pixels;

/// The file is not for this decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd;

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
        let kept = match self.frame.progressive {
            true => progressive::bytes_kept(&layout),
            false => 0,
        };
        Ok(layout.bytes() + kept)
    }

    /// The picture as stored, at `eighths` (1, 2 or 4) of its size: `⌈width · eighths / 8⌉` pixels
    /// wide, and as high accordingly. A last column or row that does not come out even is made of
    /// what the encoder filled the picture up with.
    pub(super) fn decode(mut self, eighths: u32) -> Result<Pixels, Odd> {
        let layout = Layout::new(&self.frame, eighths as usize)?;
        let mut picture = Picture::new(&layout, self.state.colours()?)?;
        if self.frame.progressive {
            progressive::decode(
                self.bytes,
                self.data,
                self.scan,
                &mut self.state,
                &self.frame,
                &layout,
                &mut picture,
            )?;
        } else {
            let end = sequential::decode(
                self.bytes,
                self.data,
                &self.scan,
                &self.state,
                &layout,
                &mut picture,
            )?;
            if !matches!(self.state.read(self.bytes, end)?, Next::End) {
                return Err(Odd);
            }
        }
        picture.into_pixels()
    }
}

#[cfg(test)]
mod tests;
