//! Progressive pictures: T.81, annex G.
//!
//! Coefficients come in bands and bit by bit, and have to be kept until the last scan. Only those
//! are kept that the scaled picture needs. Of the others, the refinements' coding depends on which
//! are zero: one bit each, in a word for every block. Scans that neither bring a needed
//! coefficient nor are needed to read one that does, are not read at all.

use crate::decode::jpeg;
use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::Bits;
use crate::decode::scaled::header::{Frame, Next, Scan, State};
use crate::decode::scaled::huffman::{Class, Huffman};
use crate::decode::scaled::idct;
use crate::decode::scaled::layout::{Layout, Part};
use crate::decode::scaled::picture::Picture;
use crate::decode::scaled::restart::Restarts;

/// What is kept of a component.
struct Kept {
    /// Blocks in a row, filled up to whole units.
    blocks_across: usize,
    /// Coefficients of a block: the first so many in the file's order.
    length: usize,
    /// `length` a block.
    coefficients: Vec<i16>,
    /// A block's coefficients that are not zero, the first in the lowest bit.
    nonzero: Vec<u64>,
    /// The bits still missing of each coefficient, once there was a scan of it.
    missing: [Option<u32>; 64],
    steps: Option<[f32; 64]>,
}

/// Bytes that are kept until the last scan.
pub(super) fn bytes_kept(layout: &Layout) -> u64 {
    let units = layout.units_across as u64 * layout.units_down as u64;
    let of_unit = |part: &Part| (part.across * part.down * ((part.last + 1) * 2 + 8)) as u64;
    units * layout.parts.iter().map(of_unit).sum::<u64>()
}

/// Decodes the picture whose first scan's data is at `at`.
pub(super) fn decode(
    bytes: &[u8],
    at: usize,
    scan: Scan,
    state: &mut State,
    frame: &Frame,
    layout: &Layout,
    picture: &mut Picture<'_>,
) -> Result<(), Odd> {
    let mut needed = needed(bytes, at, &scan, frame, layout)?.into_iter();
    let mut kept = Vec::with_capacity(3);
    for part in &layout.parts {
        kept.push(Kept::new(layout, part)?);
    }
    let (mut at, mut scan) = (at, scan);
    loop {
        for &(index, _, _) in &scan.components {
            kept[index].begin(&scan)?;
            if kept[index].steps.is_none() {
                kept[index].steps = Some(idct::steps(state.quantisation_of(index)?));
            }
        }
        let end = if needed.next().ok_or(Odd)? {
            read(bytes, at, &scan, state, layout, &mut kept)?
        } else {
            jpeg::next_marker(bytes, at).ok_or(Odd)?.1 - 2
        };
        match state.read(bytes, end)? {
            Next::Scan(next, data) => (scan, at) = (next, data),
            Next::End => break,
        }
    }
    for row in 0..layout.units_down {
        for (index, (kept, part)) in kept.iter().zip(&layout.parts).enumerate() {
            let steps = kept.steps.as_ref().ok_or(Odd)?;
            if kept.missing[0].is_none() {
                return Err(Odd);
            }
            let mut coefficients = [0; 64];
            for down in 0..part.down {
                let first = (row * part.down + down) * kept.blocks_across;
                let blocks = kept.coefficients.chunks_exact(kept.length).skip(first);
                for (column, block) in blocks.take(kept.blocks_across).enumerate() {
                    coefficients[..block.len()].copy_from_slice(block);
                    let out = picture.block(index, column, down);
                    let flat = block.iter().skip(1).all(|&coefficient| coefficient == 0);
                    let run = if flat { part.flat } else { part.transform };
                    run(&coefficients, steps, out, layout.stride);
                }
            }
        }
        picture.finish_row();
    }
    Ok(())
}

/// Which of the scans have to be read, from the first on.
fn needed(
    bytes: &[u8],
    at: usize,
    first: &Scan,
    frame: &Frame,
    layout: &Layout,
) -> Result<Vec<bool>, Odd> {
    let mut scans = vec![first.clone()];
    let mut ahead = State::of_frame(frame.clone());
    let mut at = at;
    loop {
        let (_, body) = jpeg::next_marker(bytes, at).ok_or(Odd)?;
        match ahead.read(bytes, body - 2)? {
            Next::Scan(scan, data) => {
                scans.push(scan);
                at = data;
            }
            Next::End => break,
        }
        if scans.len() > jpeg::MAX_SCANS {
            return Err(Odd);
        }
    }
    let mut wanted: Vec<u64> = layout.parts.iter().map(|p| band(0, p.last)).collect();
    let mut needed: Vec<bool> = scans
        .iter()
        .rev()
        .map(|scan| {
            let band = band(scan.band.0, scan.band.1.min(63));
            let mut any = false;
            for &(index, _, _) in &scan.components {
                if wanted[index] & band != 0 {
                    any = true;
                    if scan.high > 0 {
                        wanted[index] |= band;
                    }
                }
            }
            any
        })
        .collect();
    needed.reverse();
    Ok(needed)
}

/// The bits of the coefficients from `first` to `last` (0..=63).
fn band(first: usize, last: usize) -> u64 {
    let upto_last = u64::MAX >> (63 - last.min(63));
    upto_last & u64::MAX.checked_shl(first as u32).unwrap_or(0)
}

impl Kept {
    fn new(layout: &Layout, part: &Part) -> Result<Self, Odd> {
        let blocks_across = layout.units_across * part.across;
        let blocks = blocks_across * layout.units_down * part.down;
        let length = part.last + 1;
        Ok(Self {
            blocks_across,
            length,
            coefficients: zeros(blocks * length)?,
            nonzero: zeros(blocks)?,
            missing: [None; 64],
            steps: None,
        })
    }

    /// Holds a scan to the order of refinements: each goes on where the one before ended.
    fn begin(&mut self, scan: &Scan) -> Result<(), Odd> {
        let (first, last) = scan.band;
        let alone = scan.components.len() == 1;
        if first > last || last > 63 || (first == 0 && last > 0) || (first > 0 && !alone) {
            return Err(Odd);
        }
        if scan.low > 13 {
            return Err(Odd);
        }
        for missing in &mut self.missing[first..=last] {
            let fits = match *missing {
                None => scan.high == 0,
                Some(missing) => scan.high == missing && scan.low + 1 == missing,
            };
            if !fits {
                return Err(Odd);
            }
            *missing = Some(scan.low);
        }
        Ok(())
    }
}

fn zeros<T: Clone + Default>(length: usize) -> Result<Vec<T>, Odd> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| Odd)?;
    values.resize(length, T::default());
    Ok(values)
}

/// Reads one scan, and gives the position of the marker behind it.
fn read(
    bytes: &[u8],
    at: usize,
    scan: &Scan,
    state: &State,
    layout: &Layout,
    kept: &mut [Kept],
) -> Result<usize, Odd> {
    let mut bits = Bits::new(bytes, at);
    let mut restarts = Restarts::new(state.restart_interval);
    if scan.band.0 == 0 {
        dc_scan(&mut bits, bytes, &mut restarts, scan, state, layout, kept)?;
        return bits.end();
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
    bits.end()
}

/// First bits, or one more bit, of the zeroth coefficients: of one component or of several.
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
    let (units_across, units_down) = match decoders.as_slice() {
        &[(index, _, _)] => {
            let part = &layout.parts[index];
            (part.blocks_across, part.blocks_down)
        }
        _ => (layout.units_across, layout.units_down),
    };
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
                // A component alone comes block by block.
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
    }
    Ok(())
}

/// A scan over a band of one component.
struct AcPass {
    table: Huffman,
    first: u32,
    last: u32,
    low: u32,
    /// Blocks to come that are at their end already.
    ended: u32,
}

impl AcPass {
    /// The first bits of a block's band: T.81, G.1.2.2.
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

    /// One more bit of a block's band: T.81, G.1.2.3.
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
                // The new coefficient's place is behind `run` zeros.
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

    /// A bit for each of the coefficients from `k` to `end`, exclusive, that is not zero.
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
        // The others' are of no interest.
        let mut rest = coded.count_ones();
        while rest > 0 {
            bits.refill();
            let now = rest.min(32);
            bits.skip(now);
            rest -= now;
        }
    }
}
