//! Baseline and extended sequential pictures: each block complete, in one scan or in several.

use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::Bits;
use crate::decode::scaled::header::{Scan, State};
use crate::decode::scaled::huffman::{Class, Huffman};
use crate::decode::scaled::idct;
use crate::decode::scaled::kept::Kept;
use crate::decode::scaled::layout::Layout;
use crate::decode::scaled::picture::Picture;
use crate::decode::scaled::restart::Restarts;

/// The tables for decoding a component's blocks.
struct Decoder {
    /// Its index in the frame.
    index: usize,
    dc: Huffman,
    ac: Huffman,
    steps: [f32; 64],
    prediction: i32,
}

/// Decodes the scan with its data at `at` into `picture`, and returns the position of the marker
/// after it, if there is one. The scan must have all components.
///
/// After an error, `picture` has what was complete before.
pub(super) fn decode(
    bytes: &[u8],
    at: usize,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    picture: &mut Picture<'_>,
) -> Result<Option<usize>, Odd> {
    if scan.components.len() != layout.parts.len()
        || scan.band != (0, 63)
        || (scan.high, scan.low) != (0, 0)
    {
        return Err(Odd);
    }
    let mut decoders = decoders(scan, state)?;
    let mut bits = Bits::new(bytes, at);
    let mut restarts = Restarts::new(state.restart_interval);
    let mut coefficients = [0; 64];
    for _ in 0..layout.units_down {
        for unit in 0..layout.units_across {
            if restarts.due() {
                bits = restarts.pass(bits, bytes)?;
                for decoder in &mut decoders {
                    decoder.prediction = 0;
                }
            }
            for (decoder, part) in decoders.iter_mut().zip(&layout.parts) {
                let index = decoder.index;
                for row in 0..part.down {
                    for column in 0..part.across {
                        let flat = decoder.block(&mut bits, part.last, &mut coefficients)?;
                        let out = picture.block(index, unit * part.across + column, row);
                        let run = if flat { part.flat } else { part.transform };
                        run(&coefficients, &decoder.steps, out, layout.stride);
                    }
                }
            }
        }
        bits.check()?;
        picture.finish_row();
    }
    Ok(bits.end().ok())
}

/// The tables of the scan's components, with their indices in the frame.
fn decoders(scan: &Scan, state: &State) -> Result<Vec<Decoder>, Odd> {
    let decoder = |&(index, dc, ac): &(usize, usize, usize)| {
        Ok(Decoder {
            index,
            dc: state.dc_table(dc)?,
            ac: state.ac_table(ac, Class::Ac)?,
            steps: idct::steps(state.quantisation_of(index)?),
            prediction: 0,
        })
    };
    scan.components.iter().map(decoder).collect()
}

/// Reads a scan of any components into their kept coefficients, and returns the position of the
/// marker after it, if there is one.
pub(super) fn keep(
    bytes: &[u8],
    at: usize,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    kept: &mut [Kept],
) -> Result<Option<usize>, Odd> {
    let mut decoders = decoders(scan, state)?;
    let alone = decoders.len() == 1;
    let (units_across, units_down) = layout.units_of(&scan.components);
    let mut bits = Bits::new(bytes, at);
    let mut restarts = Restarts::new(state.restart_interval);
    let mut coefficients = [0; 64];
    for row in 0..units_down {
        for unit in 0..units_across {
            if restarts.due() {
                bits = restarts.pass(bits, bytes)?;
                for decoder in &mut decoders {
                    decoder.prediction = 0;
                }
            }
            for decoder in &mut decoders {
                let (part, kept) = (&layout.parts[decoder.index], &mut kept[decoder.index]);
                // A single component comes block by block.
                let (across, down) = if alone {
                    (1, 1)
                } else {
                    (part.across, part.down)
                };
                for y in 0..down {
                    for x in 0..across {
                        decoder.block(&mut bits, part.last, &mut coefficients)?;
                        kept.set(unit * across + x, row * down + y, &coefficients);
                    }
                }
            }
        }
        bits.check()?;
        for decoder in &decoders {
            kept[decoder.index].rows = row + 1;
        }
    }
    Ok(bits.end().ok())
}

impl Decoder {
    /// Reads the next block's coefficients up to `last`, in the file's order, and skips those after
    /// it; the rest of `coefficients` is undefined. Returns whether only the zeroth is nonzero.
    #[inline(always)]
    fn block(
        &mut self,
        bits: &mut Bits<'_>,
        last: usize,
        coefficients: &mut [i16; 64],
    ) -> Result<bool, Odd> {
        // A few bytes more than needed, because a known length is cleared at once.
        match last {
            ..8 => coefficients[..8].fill(0),
            8..32 => coefficients[..32].fill(0),
            _ => coefficients.fill(0),
        }
        let mut here = *bits;
        here.refill();
        self.prediction += self.dc.coded(&mut here)?.value;
        coefficients[0] = i16::try_from(self.prediction).map_err(|_| Odd)?;
        let mut k = 1;
        let mut flat = true;
        while k <= last {
            here.refill();
            let coded = self.ac.coded(&mut here)?;
            k += coded.run as usize;
            flat &= k > last;
            if let Some(coefficient) = coefficients.get_mut(k) {
                *coefficient = coded.value as i16;
            } else if coded.ends_block() {
                *bits = here;
                return Ok(flat);
            } else {
                return Err(Odd);
            }
            k += 1;
        }
        if k < 64 {
            self.ac.skip_block(&mut here, k as u32)?;
        }
        *bits = here;
        Ok(flat)
    }
}
