//! The codings of fax machines: ITU-T T.4 in one and two dimensions, T.6, and TIFF's own form of the
//! first (TIFF 6.0, sections 10 and 11).

use std::convert::Infallible;

use fax::BitReader;
use fax::maps::{Mode, black, mode, white};

/// A coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// T.4 in one dimension without marks between lines, which start at a multiple of so many bits.
    Rows { aligned_to: usize },
    /// T.4. A bit after each mark says in how many dimensions the line is coded if that may be two.
    Group3 { two_dimensions: bool },
    /// T.6.
    Group4,
}

/// Decodes lines of `width` pixels into `lines`, of whole bytes each, with 0 for white; returns how many
/// are there.
pub(super) fn decode(data: &[u8], coding: Coding, width: usize, lines: &mut [u8]) -> usize {
    let mut bits = Bits { data, at: 0 };
    let mut reference: Vec<usize> = Vec::new();
    let mut current = Vec::new();
    let row_bytes = width.div_ceil(8);
    if row_bytes == 0 {
        return 0;
    }
    let mut done = 0;
    for line in lines.chunks_exact_mut(row_bytes) {
        let two_dimensions = match coding {
            Coding::Rows { aligned_to } => {
                bits.at = bits.at.next_multiple_of(aligned_to);
                false
            }
            Coding::Group3 { two_dimensions } => {
                let marked = bits.skip_mark();
                two_dimensions && marked && !bits.take_bit()
            }
            Coding::Group4 => true,
        };
        if bits.at >= data.len() * 8 {
            break;
        }
        current.clear();
        let sound = match two_dimensions {
            true => two_dimensional(&mut bits, &reference, width, &mut current),
            false => one_dimensional(&mut bits, width, &mut current),
        };
        if sound.is_none() && (coding == Coding::Group4 || current.is_empty()) {
            break;
        }
        drop_empty_runs(&mut current);
        fill(line, &current, width);
        std::mem::swap(&mut reference, &mut current);
        done += 1;
    }
    done
}

/// Drops runs without pixels, which are no changes for the line below.
fn drop_empty_runs(changes: &mut Vec<usize>) {
    let mut kept = 0;
    for index in 0..changes.len() {
        let change = changes[index];
        if kept > 0 && changes[kept - 1] == change {
            kept -= 1;
        } else {
            changes[kept] = change;
            kept += 1;
        }
    }
    changes.truncate(kept);
}

/// Blackens the pixels between the first and the second change, the third and the fourth, and so on.
fn fill(line: &mut [u8], changes: &[usize], width: usize) {
    for pair in changes.chunks(2) {
        let [from, to] = match *pair {
            [from, to] => [from, to],
            [from] => [from, width],
            _ => continue,
        };
        for at in from..to.min(width) {
            if let Some(byte) = line.get_mut(at / 8) {
                *byte |= 0x80 >> (at % 8);
            }
        }
    }
}

/// Reads where colours change, from white on. `None` if the line is damaged.
fn one_dimensional(bits: &mut Bits<'_>, width: usize, changes: &mut Vec<usize>) -> Option<()> {
    let (mut at, mut is_black) = (0, false);
    while at < width {
        at += run(bits, is_black)?;
        changes.push(at.min(width));
        is_black = !is_black;
    }
    Some(())
}

fn two_dimensional(
    bits: &mut Bits<'_>,
    reference: &[usize],
    width: usize,
    changes: &mut Vec<usize>,
) -> Option<()> {
    let (mut at, mut is_black, mut first) = (0_usize, false, true);
    // The first change above that lies to the right.
    let mut next = 0;
    while at < width {
        let beyond = |change: usize| change > at || first && change == at;
        while reference.get(next).is_some_and(|&change| !beyond(change)) {
            next += 1;
        }
        // Even ones change from white to black.
        let above = if (next % 2 == 1) == is_black {
            next
        } else {
            next + 1
        };
        let change = |index: usize| reference.get(index).copied().unwrap_or(width);
        match mode::decode(bits)? {
            Mode::Pass => at = change(above + 1),
            Mode::Horizontal => {
                let start = at;
                let one = start.checked_add(run(bits, is_black)?)?;
                let two = one.checked_add(run(bits, !is_black)?)?;
                changes.extend([one.min(width), two.min(width)]);
                at = two;
            }
            Mode::Vertical(delta) => {
                let to = change(above).checked_add_signed(isize::from(delta))?;
                if to < at {
                    return None;
                }
                changes.push(to.min(width));
                at = to;
                is_black = !is_black;
            }
            Mode::Extension | Mode::EOF => return None,
        }
        first = false;
    }
    Some(())
}

/// The length of a run, which consists of any number of long codes and a short one.
fn run(bits: &mut Bits<'_>, is_black: bool) -> Option<usize> {
    let mut sum = 0_usize;
    loop {
        let part = match is_black {
            true => black::decode(bits)?,
            false => white::decode(bits)?,
        };
        sum += usize::from(part);
        if part < 64 {
            return Some(sum);
        }
    }
}

struct Bits<'a> {
    data: &'a [u8],
    /// The position in bits.
    at: usize,
}

impl Bits<'_> {
    /// Skips the mark between lines, with the filling before it. Returns whether it was there.
    fn skip_mark(&mut self) -> bool {
        let start = self.at;
        let mut zeros = 0;
        while self.at < self.data.len() * 8 {
            match self.take_bit() {
                false => zeros += 1,
                true if zeros >= 11 => return true,
                true => break,
            }
        }
        self.at = start;
        false
    }

    fn take_bit(&mut self) -> bool {
        let bit = self.peek(1) == Some(1);
        self.at += 1;
        bit
    }
}

impl BitReader for Bits<'_> {
    type Error = Infallible;

    /// Zeros follow the end, so that the last codes can be looked up.
    fn peek(&self, bits: u8) -> Option<u16> {
        if self.at >= self.data.len() * 8 {
            return None;
        }
        let byte = |index: usize| u32::from(self.data.get(index).copied().unwrap_or(0));
        let first = self.at / 8;
        let word = byte(first) << 16 | byte(first + 1) << 8 | byte(first + 2);
        let shifted = word << (self.at % 8) & 0xFF_FFFF;
        Some((shifted >> (24 - u32::from(bits.min(16)))) as u16)
    }

    fn consume(&mut self, bits: u8) -> Result<(), Infallible> {
        self.at += usize::from(bits);
        Ok(())
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        (self.at.next_multiple_of(8) - self.at) as u8
    }
}
