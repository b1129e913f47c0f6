//! Markers and their segments: ITU-T T.81, annex B.

use crate::decode::jpeg;
use crate::decode::numbers::u16_at;
use crate::decode::scaled::Odd;
use crate::decode::scaled::huffman::{Class, Huffman, Specification};

/// The meaning of three components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// One component.
    Grey,
    /// JFIF's.
    YCbCr,
    /// The components are the colours.
    Rgb,
}

/// A component of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(crate) id: u8,
    /// Blocks per unit (MCU), across and down.
    pub(crate) across: usize,
    /// See [`Component::across`].
    pub(crate) down: usize,
    /// The number of its quantisation table.
    pub(crate) table: usize,
}

/// The frame's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(crate) progressive: bool,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// One, or three.
    pub(crate) components: Vec<Component>,
}

/// A scan's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Index into the frame's components, DC table and AC table.
    pub(crate) components: Vec<(usize, usize, usize)>,
    /// The first and the last coefficient, in zigzag order.
    pub(crate) band: (usize, usize),
    /// Bits known before; 0 in a first scan.
    pub(crate) high: u32,
    /// Bits still missing.
    pub(crate) low: u32,
}

/// The state from all segments so far.
#[derive(Default)]
pub(super) struct State {
    pub(crate) frame: Option<Frame>,
    /// Quantisation steps, in zigzag order.
    quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Specification>; 4],
    ac: [Option<Specification>; 4],
    /// Units between two restart markers; 0 for none.
    pub(crate) restart_interval: usize,
    adobe_transform: Option<u8>,
}

/// The next item in the file.
pub(super) enum Next {
    /// A scan, with the position of its data.
    Scan(Scan, usize),
    /// The end of the image.
    End,
}

impl State {
    /// A state for looking ahead in the file of a known frame.
    pub(super) fn of_frame(frame: Frame) -> Self {
        Self {
            frame: Some(frame),
            ..Self::default()
        }
    }

    /// Reads segments from the marker at `at` on, up to the next scan or the end.
    pub(super) fn read(&mut self, bytes: &[u8], at: usize) -> Result<Next, Odd> {
        let mut at = at;
        loop {
            if bytes.get(at) != Some(&0xFF) {
                return Err(Odd);
            }
            while bytes.get(at + 1) == Some(&0xFF) {
                at += 1;
            }
            let marker = *bytes.get(at + 1).ok_or(Odd)?;
            if marker == 0xD9 {
                return Ok(Next::End);
            }
            let (segment, end) = jpeg::segment(bytes, at + 2).ok_or(Odd)?;
            match marker {
                0xC0..=0xC2 => self.frame(segment, marker == 0xC2)?,
                0xC4 => self.huffman_tables(segment)?,
                0xDB => self.quantisation_tables(segment)?,
                0xDD => self.restart_interval = usize::from(u16_at(segment, 0).ok_or(Odd)?),
                0xDA => return Ok(Next::Scan(self.scan(segment)?, end)),
                // Motion JPEG may omit tables.
                0xE0 if segment.starts_with(b"AVI1") => return Err(Odd),
                0xEE if segment.starts_with(b"Adobe") => {
                    self.adobe_transform = Some(*segment.get(11).ok_or(Odd)?);
                }
                0xE0..=0xEF | 0xFE => {}
                _ => return Err(Odd),
            }
            at = end;
        }
    }

    fn frame(&mut self, segment: &[u8], progressive: bool) -> Result<(), Odd> {
        let [8, h1, h0, w1, w0, count @ (1 | 3), specifications @ ..] = segment else {
            return Err(Odd);
        };
        if self.frame.is_some() || specifications.len() != 3 * usize::from(*count) {
            return Err(Odd);
        }
        let mut components = Vec::with_capacity(3);
        for specification in specifications.chunks_exact(3) {
            let (sampling, table) = (specification[1], usize::from(specification[2]));
            // A single component's blocks are in sequence, whatever its sampling.
            let sampling = if *count == 1 { 0x11 } else { sampling };
            components.push(Component {
                id: specification[0],
                across: usize::from(sampling >> 4),
                down: usize::from(sampling & 15),
                table,
            });
        }
        let factors = [1, 2, 4];
        let fine = |c: &Component| factors.contains(&c.across) && factors.contains(&c.down);
        let frame = Frame {
            progressive,
            width: usize::from(u16::from_be_bytes([*w1, *w0])),
            height: usize::from(u16::from_be_bytes([*h1, *h0])),
            components,
        };
        let blocks: usize = frame.components.iter().map(|c| c.across * c.down).sum();
        // At most ten blocks per unit (T.81, B.2.3), and known sizes.
        if !frame.components.iter().all(fine) || blocks > 10 || frame.width * frame.height == 0 {
            return Err(Odd);
        }
        self.frame = Some(frame);
        Ok(())
    }

    fn huffman_tables(&mut self, segment: &[u8]) -> Result<(), Odd> {
        let mut rest = segment;
        while let Some((&head, after)) = rest.split_first() {
            let (counts, after) = after.split_first_chunk::<16>().ok_or(Odd)?;
            let length = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, after) = after.split_at_checked(length).ok_or(Odd)?;
            let tables = match head >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(Odd),
            };
            let table = tables.get_mut(usize::from(head & 15)).ok_or(Odd)?;
            *table = Some(Specification {
                counts: *counts,
                symbols: symbols.to_vec(),
            });
            rest = after;
        }
        Ok(())
    }

    fn quantisation_tables(&mut self, segment: &[u8]) -> Result<(), Odd> {
        let mut rest = segment;
        while let Some((&head, after)) = rest.split_first() {
            let table = self
                .quantisation
                .get_mut(usize::from(head & 15))
                .ok_or(Odd)?;
            let (steps, after) = match head >> 4 {
                0 => {
                    let (steps, after) = after.split_first_chunk::<64>().ok_or(Odd)?;
                    (steps.map(u16::from), after)
                }
                1 => {
                    let (steps, after) = after.split_first_chunk::<128>().ok_or(Odd)?;
                    let pair = |at| u16::from_be_bytes([steps[2 * at], steps[2 * at + 1]]);
                    (std::array::from_fn(pair), after)
                }
                _ => return Err(Odd),
            };
            *table = Some(steps);
            rest = after;
        }
        Ok(())
    }

    fn scan(&self, segment: &[u8]) -> Result<Scan, Odd> {
        let frame = self.frame.as_ref().ok_or(Odd)?;
        let (&count, rest) = segment.split_first().ok_or(Odd)?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or(Odd)?;
        let &[first, last, approximation] = rest else {
            return Err(Odd);
        };
        let mut components = Vec::with_capacity(3);
        for selector in selectors.chunks_exact(2) {
            let position = |c: &Component| c.id == selector[0];
            let index = frame.components.iter().position(position).ok_or(Odd)?;
            // In the frame's order, each once (T.81, B.2.3).
            if components
                .last()
                .is_some_and(|&(before, _, _)| before >= index)
            {
                return Err(Odd);
            }
            let (dc, ac) = (selector[1] >> 4, selector[1] & 15);
            components.push((index, usize::from(dc), usize::from(ac)));
        }
        if components.is_empty() {
            return Err(Odd);
        }
        Ok(Scan {
            components,
            band: (usize::from(first), usize::from(last)),
            high: u32::from(approximation >> 4),
            low: u32::from(approximation & 15),
        })
    }

    /// The present quantisation table of the component at `index`.
    pub(super) fn quantisation_of(&self, index: usize) -> Result<&[u16; 64], Odd> {
        let component = self.frame.as_ref().and_then(|f| f.components.get(index));
        let table = component.and_then(|c| self.quantisation.get(c.table));
        table.and_then(Option::as_ref).ok_or(Odd)
    }

    /// The DC table of this number, ready for use.
    pub(super) fn dc_table(&self, number: usize) -> Result<Huffman, Odd> {
        let specification = self.dc.get(number).and_then(Option::as_ref).ok_or(Odd)?;
        Huffman::new(specification, Class::Dc)
    }

    /// The AC table of this number, ready for use.
    pub(super) fn ac_table(&self, number: usize, class: Class) -> Result<Huffman, Odd> {
        let specification = self.ac.get(number).and_then(Option::as_ref).ok_or(Odd)?;
        Huffman::new(specification, class)
    }

    /// The colours as the decoder of whole pictures sees them: from Adobe's marker and the names R,
    /// G and B.
    pub(super) fn colours(&self) -> Result<Colours, Odd> {
        let components = &self.frame.as_ref().ok_or(Odd)?.components;
        if components.len() == 1 {
            return match self.adobe_transform {
                None | Some(0) => Ok(Colours::Grey),
                _ => Err(Odd),
            };
        }
        let named = components.iter().map(|c| c.id).eq(*b"RGB");
        match (self.adobe_transform, named) {
            (None | Some(0), true) | (Some(0), false) => Ok(Colours::Rgb),
            (None | Some(1), false) => Ok(Colours::YCbCr),
            _ => Err(Odd),
        }
    }
}
