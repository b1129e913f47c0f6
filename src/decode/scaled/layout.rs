//! The positions of blocks in a scaled picture.

use crate::decode::scaled::Odd;
use crate::decode::scaled::header::Frame;
use crate::decode::scaled::idct;
use crate::decode::scaled::idct::Transform;

/// The frame at some eighths of its size.
pub(super) struct Layout {
    /// Units (MCUs) in a row.
    pub(crate) units_across: usize,
    /// Rows of units.
    pub(crate) units_down: usize,
    /// Width of the scaled picture, in pixels.
    pub(crate) width: usize,
    /// Height of the scaled picture, in pixels.
    pub(crate) height: usize,
    /// Samples in a row of every component, including filling.
    pub(crate) stride: usize,
    /// Rows of samples per row of units, in every component.
    pub(crate) rows: usize,
    /// In the frame's order.
    pub(crate) parts: Vec<Part>,
}

/// A component's part of the layout.
pub(super) struct Part {
    /// Blocks per unit, across and down.
    pub(crate) across: usize,
    /// See [`Part::across`].
    pub(crate) down: usize,
    /// Blocks of the component itself, as in a scan with only this component.
    pub(crate) blocks_across: usize,
    /// See [`Part::blocks_across`].
    pub(crate) blocks_down: usize,
    /// Samples per block, across and down.
    pub(crate) block_width: usize,
    /// See [`Part::block_width`].
    pub(crate) block_height: usize,
    /// The last coefficient needed, in the file's order.
    pub(crate) last: usize,
    /// From coefficients to samples.
    pub(crate) transform: Transform,
    /// Like `transform`, for blocks with only the zeroth coefficient.
    pub(crate) flat: Transform,
}

impl Layout {
    /// At `eighths` (1, 2, 4 or 8) of the frame's size, rounded up, so that the picture may fill
    /// the last column and row only in part.
    pub(super) fn new(frame: &Frame, eighths: usize) -> Result<Self, Odd> {
        let most = |of: fn(&crate::decode::scaled::header::Component) -> usize| {
            frame.components.iter().map(of).max().unwrap_or(1)
        };
        let (across, down) = (most(|c| c.across), most(|c| c.down));
        let mut parts = Vec::with_capacity(3);
        for component in &frame.components {
            // All factors are powers of two, so there is no remainder.
            let block_width = eighths * across / component.across;
            let block_height = eighths * down / component.down;
            parts.push(Part {
                across: component.across,
                down: component.down,
                blocks_across: (frame.width * component.across).div_ceil(8 * across),
                blocks_down: (frame.height * component.down).div_ceil(8 * down),
                block_width,
                block_height,
                last: idct::last_needed(block_width, block_height),
                transform: idct::transform(block_width, block_height).ok_or(Odd)?,
                flat: idct::flat(block_width, block_height).ok_or(Odd)?,
            });
        }
        let units_across = frame.width.div_ceil(8 * across);
        Ok(Self {
            units_across,
            units_down: frame.height.div_ceil(8 * down),
            width: (frame.width * eighths).div_ceil(8),
            height: (frame.height * eighths).div_ceil(8),
            stride: units_across * across * eighths,
            rows: down * eighths,
            parts,
        })
    }

    /// Units across and down in a scan of these components (as in the scan's header). For a single
    /// component, units are its own blocks.
    pub(super) fn units_of(&self, components: &[(usize, usize, usize)]) -> (usize, usize) {
        match components {
            &[(index, _, _)] => {
                let part = &self.parts[index];
                (part.blocks_across, part.blocks_down)
            }
            _ => (self.units_across, self.units_down),
        }
    }

    /// Bytes of the picture and of a row of units.
    pub(super) fn bytes(&self) -> u64 {
        let band = self.stride as u64 * self.rows as u64 * self.parts.len() as u64;
        self.width as u64 * self.height as u64 * 3 + band
    }
}
