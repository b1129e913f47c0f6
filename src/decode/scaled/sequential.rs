//! Baseline and extended sequential pictures: one scan, each block complete.

use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::Bits;
use crate::decode::scaled::header::{Scan, State};
use crate::decode::scaled::huffman::{Class, Huffman};
use crate::decode::scaled::idct;
use crate::decode::scaled::layout::Layout;
use crate::decode::scaled::picture::Picture;
use crate::decode::scaled::restart::Restarts;

/// What decoding a component's blocks takes.
struct Decoder {
    dc: Huffman,
    ac: Huffman,
    steps: [f32; 64],
    prediction: i32,
}

/// Decodes the scan whose data is at `at` into `picture`, and gives the position of the marker
/// behind it. It has to be of all components.
pub(super) fn decode(
    bytes: &[u8],
    at: usize,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    picture: &mut Picture<'_>,
) -> Result<usize, Odd> {
    if scan.components.len() != layout.parts.len()
        || scan.band != (0, 63)
        || (scan.high, scan.low) != (0, 0)
    {
        return Err(Odd);
    }
    let mut decoders = Vec::with_capacity(3);
    for &(index, dc, ac) in &scan.components {
        decoders.push(Decoder {
            dc: state.dc_table(dc)?,
            ac: state.ac_table(ac, Class::Ac)?,
            steps: idct::steps(state.quantisation_of(index)?),
            prediction: 0,
        });
    }
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
            for (index, (decoder, part)) in decoders.iter_mut().zip(&layout.parts).enumerate() {
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
    bits.end()
}

impl Decoder {
    /// The next block's coefficients up to `last`, in the file's order. Those behind are passed
    /// over, and what is left of `coefficients` there means nothing. Gives whether the zeroth is
    /// the only one.
    #[inline(always)]
    fn block(
        &mut self,
        bits: &mut Bits<'_>,
        last: usize,
        coefficients: &mut [i16; 64],
    ) -> Result<bool, Odd> {
        // A few bytes more than needed, as a length that is known is cleared at once.
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
