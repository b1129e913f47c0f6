//! Scans of progressive pictures: T.81, annex G.
//!
//! Coefficients come in bands and bit by bit.

use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::Bits;
use crate::decode::scaled::header::{Scan, State};
use crate::decode::scaled::huffman::{Class, Huffman};
use crate::decode::scaled::kept::{Kept, band};
use crate::decode::scaled::layout::Layout;
use crate::decode::scaled::restart::Restarts;

/// Reads one scan, and returns the position of the marker after it, if there is one.
pub(super) fn keep(
    bytes: &[u8],
    at: usize,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    kept: &mut [Kept],
) -> Result<Option<usize>, Odd> {
    let mut bits = Bits::new(bytes, at);
    let mut restarts = Restarts::new(state.restart_interval);
    if scan.band.0 == 0 {
        dc_scan(&mut bits, bytes, &mut restarts, scan, state, layout, kept)?;
        return Ok(bits.end().ok());
    }
    let &[(index, _, table)] = scan.components.as_slice() else {
        return Err(Odd);
    };
    let mut pass = AcPass {
        table: state.ac_table(table, Class::ProgressiveAc)?,
        first: scan.band.0 as u32,
        last: scan.band.1 as u32,
        low: scan.low,
        ended: 0,
    };
    let (part, kept) = (&layout.parts[index], &mut kept[index]);
    for row in 0..part.blocks_down {
        for column in 0..part.blocks_across {
            if restarts.due() {
                bits = restarts.pass(bits, bytes)?;
                pass.ended = 0;
            }
            let at = row * kept.blocks_across + column;
            let block = &mut kept.coefficients[at * kept.length..(at + 1) * kept.length];
            let nonzero = &mut kept.nonzero[at];
            if scan.high == 0 {
                pass.begin(&mut bits, block, nonzero)?;
            } else {
                pass.refine(&mut bits, block, nonzero)?;
            }
        }
        bits.check()?;
    }
    Ok(bits.end().ok())
}

/// Reads the first bits, or one more bit, of the zeroth coefficients of one or several components.
fn dc_scan<'a>(
    bits: &mut Bits<'a>,
    bytes: &'a [u8],
    restarts: &mut Restarts,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    kept: &mut [Kept],
) -> Result<(), Odd> {
    let alone = scan.components.len() == 1;
    let mut decoders = Vec::with_capacity(3);
    for &(index, table, _) in &scan.components {
        let table = (scan.high == 0)
            .then(|| state.dc_table(table))
            .transpose()?;
        decoders.push((index, table, 0_i32));
    }
    let (units_across, units_down) = layout.units_of(&scan.components);
    for row in 0..units_down {
        for column in 0..units_across {
            if restarts.due() {
                *bits = restarts.pass(*bits, bytes)?;
                for (_, _, prediction) in &mut decoders {
                    *prediction = 0;
                }
            }
            for (index, table, prediction) in &mut decoders {
                let (part, kept) = (&layout.parts[*index], &mut kept[*index]);
                // A single component comes block by block.
                let (across, down) = if alone {
                    (1, 1)
                } else {
                    (part.across, part.down)
                };
                for y in 0..down {
                    for x in 0..across {
                        let at = (row * down + y) * kept.blocks_across + column * across + x;
                        let coefficient = &mut kept.coefficients[at * kept.length];
                        bits.refill();
                        if let Some(table) = table {
                            *prediction += table.coded(bits)?.value;
                            let shifted = prediction.checked_shl(scan.low).ok_or(Odd)?;
                            *coefficient = i16::try_from(shifted).map_err(|_| Odd)?;
                        } else {
                            *coefficient |= (bits.take(1) as i16) << scan.low;
                        }
                    }
                }
            }
        }
        bits.check()?;
        for (index, table, _) in &decoders {
            if table.is_some() {
                kept[*index].rows = row + 1;
            }
        }
    }
    Ok(())
}

/// A scan over a band of one component.
struct AcPass {
    table: Huffman,
    first: u32,
    last: u32,
    low: u32,
    /// Blocks to come that have already ended.
    ended: u32,
}

impl AcPass {
    /// Reads the first bits of a block's band: T.81, G.1.2.2.
    #[inline(always)]
    fn begin(
        &mut self,
        bits: &mut Bits<'_>,
        block: &mut [i16],
        nonzero: &mut u64,
    ) -> Result<(), Odd> {
        if self.ended > 0 {
            self.ended -= 1;
            return Ok(());
        }
        let mut here = *bits;
        let mut found = *nonzero;
        let mut k = self.first;
        while k <= self.last {
            here.refill();
            let (run, value) = match self.table.value(&mut here) {
                Some(coded) => (coded.run, coded.value),
                None => {
                    let symbol = self.table.symbol(&mut here)?;
                    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
                    if size == 0 && run < 15 {
                        self.ended = (1 << run) - 1 + here.take(run);
                        break;
                    }
                    (run, here.signed(size))
                }
            };
            k += run;
            if k > self.last {
                return Err(Odd);
            }
            if value != 0 {
                found |= 1 << k;
                if let Some(coefficient) = block.get_mut(k as usize) {
                    let shifted = value << self.low;
                    *coefficient = i16::try_from(shifted).map_err(|_| Odd)?;
                }
            }
            k += 1;
        }
        *nonzero = found;
        *bits = here;
        Ok(())
    }

    /// Reads one more bit of a block's band: T.81, G.1.2.3.
    fn refine(
        &mut self,
        bits: &mut Bits<'_>,
        block: &mut [i16],
        nonzero: &mut u64,
    ) -> Result<(), Odd> {
        let before = *nonzero;
        let mut k = self.first;
        if self.ended == 0 {
            while k <= self.last {
                bits.refill();
                let symbol = self.table.symbol(bits)?;
                let (run, size) = (u32::from(symbol >> 4), symbol & 15);
                let value = match size {
                    0 if run < 15 => {
                        self.ended = (1 << run) + bits.take(run);
                        break;
                    }
                    0 => 0,
                    1 if bits.take(1) == 1 => 1_i16,
                    1 => -1,
                    _ => return Err(Odd),
                };
                // The new coefficient's place is after `run` zeros.
                let mut zeros = !before & band(k as usize, self.last as usize);
                for _ in 0..run {
                    zeros &= zeros.wrapping_sub(1);
                }
                let place = match zeros {
                    0 if value != 0 => return Err(Odd),
                    0 => self.last + 1,
                    _ => zeros.trailing_zeros(),
                };
                self.correct(bits, block, before, k, place);
                if value != 0 {
                    *nonzero |= 1 << place;
                    if let Some(coefficient) = block.get_mut(place as usize) {
                        *coefficient = value << self.low;
                    }
                }
                k = place + 1;
            }
        }
        if self.ended > 0 {
            self.ended -= 1;
            self.correct(bits, block, before, k, self.last + 1);
        }
        Ok(())
    }

    /// Reads a bit for each nonzero coefficient from `k` to `end`, exclusive.
    #[inline(always)]
    fn correct(&self, bits: &mut Bits<'_>, block: &mut [i16], nonzero: u64, k: u32, end: u32) {
        if k >= end {
            return;
        }
        let mut coded = nonzero & band(k as usize, end as usize - 1);
        while coded != 0 {
            let at = coded.trailing_zeros() as usize;
            let Some(coefficient) = block.get_mut(at) else {
                break;
            };
            bits.refill();
            if bits.take(1) == 1 {
                let step = coefficient.signum() << self.low;
                *coefficient = coefficient.saturating_add(step);
            }
            coded &= coded - 1;
        }
        // The others are not needed.
        let mut rest = coded.count_ones();
        while rest > 0 {
            bits.refill();
            let now = rest.min(32);
            bits.skip(now);
            rest -= now;
        }
    }
}
