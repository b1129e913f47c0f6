//! Coefficients kept until the last scan.
//!
//! Only those that the scaled picture needs are kept. Of the others, the refinements of progressive
//! pictures depend on which are zero: one bit each, in a word for every block.

use crate::decode::scaled::Odd;
use crate::decode::scaled::header::Scan;
use crate::decode::scaled::layout::{Layout, Part};

/// The kept coefficients of a component.
pub(super) struct Kept {
    /// Blocks in a row, rounded up to whole units.
    pub(crate) blocks_across: usize,
    /// The number of coefficients per block: the first ones in the file's order.
    pub(crate) length: usize,
    /// `length` per block.
    pub(crate) coefficients: Vec<i16>,
    /// Which coefficients of each block are not zero, the first in the lowest bit.
    pub(crate) nonzero: Vec<u64>,
    /// The missing bits of each coefficient, once a scan had it.
    pub(crate) missing: [Option<u32>; 64],
    /// Whether its first scan has only this component.
    alone: bool,
    /// Rows from its first scan: of its blocks if it was alone, else of units.
    pub(crate) rows: usize,
    /// The quantisation when its first scan began.
    pub(crate) steps: Option<[f32; 64]>,
}

/// Bytes that are kept until the last scan.
pub(super) fn bytes_kept(layout: &Layout) -> u64 {
    let units = layout.units_across as u64 * layout.units_down as u64;
    let of_unit = |part: &Part| (part.across * part.down * ((part.last + 1) * 2 + 8)) as u64;
    units * layout.parts.iter().map(of_unit).sum::<u64>()
}

impl Kept {
    pub(super) fn new(layout: &Layout, part: &Part) -> Result<Self, Odd> {
        let blocks_across = layout.units_across * part.across;
        let blocks = blocks_across * layout.units_down * part.down;
        let length = part.last + 1;
        Ok(Self {
            blocks_across,
            length,
            coefficients: zeros(blocks * length)?,
            nonzero: zeros(blocks)?,
            missing: [None; 64],
            alone: false,
            rows: 0,
            steps: None,
        })
    }

    /// Checks the order of refinements: each must continue where the last one ended.
    pub(super) fn begin(&mut self, scan: &Scan, progressive: bool) -> Result<(), Odd> {
        let (first, last) = scan.band;
        let alone = scan.components.len() == 1;
        if self.missing[0].is_none() {
            self.alone = alone;
        }
        if !progressive {
            let whole = scan.band == (0, 63) && (scan.high, scan.low) == (0, 0);
            if !whole || self.missing[0].is_some() {
                return Err(Odd);
            }
            self.missing = [Some(0); 64];
            return Ok(());
        }
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

    /// Keeps the needed part of a block.
    #[inline(always)]
    pub(super) fn set(&mut self, column: usize, row: usize, coefficients: &[i16; 64]) {
        let at = (row * self.blocks_across + column) * self.length;
        if let Some(block) = self.coefficients.get_mut(at..at + self.length) {
            block.copy_from_slice(&coefficients[..self.length]);
        }
    }

    /// Rows of units that the first scan has brought; `part` is the component's.
    pub(super) fn rows_of_units(&self, layout: &Layout, part: &Part) -> usize {
        match self.alone {
            true if self.rows >= part.blocks_down => layout.units_down,
            true => self.rows / part.down,
            false => self.rows,
        }
    }

    /// Whether the scans had every bit.
    pub(super) fn is_complete(&self) -> bool {
        self.missing.iter().all(|&missing| missing == Some(0))
    }
}

fn zeros<T: Clone + Default>(length: usize) -> Result<Vec<T>, Odd> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| Odd)?;
    values.resize(length, T::default());
    Ok(values)
}

/// The bits of the coefficients from `first` to `last` (0..=63).
pub(super) fn band(first: usize, last: usize) -> u64 {
    let upto_last = u64::MAX >> (63 - last.min(63));
    upto_last & u64::MAX.checked_shl(first as u32).unwrap_or(0)
}
