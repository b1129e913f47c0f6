//! Reads entropy-coded data bit by bit.

use crate::decode::scaled::Odd;

/// Bits from the highest of `window` down, without byte stuffing (FF 00).
///
/// A copy is a position: hot loops work on their own copy, which the compiler keeps in registers,
/// and write it back. After the end of the data come zero bits, which [`Bits::check`] reports, so
/// that no read can fail.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    window: u64,
    count: u32,
    /// How many bits in the window so far were not from the file.
    invented: u32,
}

impl<'a> Bits<'a> {
    /// At `at`, after a scan's header or a restart marker.
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self {
            data,
            at,
            window: 0,
            count: 0,
            invented: 0,
        }
    }

    /// Provides at least 56 bits.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if let Some(bytes) = self.data.get(self.at..).and_then(|d| d.first_chunk::<8>()) {
            let next = u64::from_be_bytes(*bytes);
            if !has_ff(next) {
                // Bits below `count` are the start of a byte that comes again, unchanged.
                self.window |= next >> self.count;
                self.at += ((63 - self.count) >> 3) as usize;
                self.count |= 56;
                return;
            }
        }
        *self = self.refilled_bytewise();
    }

    #[cold]
    #[inline(never)]
    fn refilled_bytewise(mut self) -> Self {
        while self.count < 56 {
            let byte = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF), _) | (None, _) => {
                    self.invented = self.invented.saturating_add(8);
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next `BITS` bits, without taking them.
    #[inline(always)]
    pub(super) fn peek<const BITS: u32>(&self) -> usize {
        (self.window >> (64 - BITS)) as usize
    }

    /// Takes bits that a refill has provided: 56 in total between two refills.
    #[inline(always)]
    pub(super) fn skip(&mut self, bits: u32) {
        self.window <<= bits;
        self.count = self.count.wrapping_sub(bits);
    }

    /// The next `bits` (0..=16) bits as a number.
    #[inline(always)]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        // In two steps, because a shift by 64 is undefined.
        let value = (self.window >> 32) as u32;
        self.skip(bits);
        value.checked_shr(32 - bits).unwrap_or(0)
    }

    /// The next `size` (0..=15) bits as a coefficient: T.81, F.2.2.1, EXTEND.
    #[inline(always)]
    pub(super) fn signed(&mut self, size: u32) -> i32 {
        let value = self.take(size) as i32;
        extend(value, size)
    }

    /// Checks that everything read so far was in the file.
    pub(super) fn check(&self) -> Result<(), Odd> {
        if self.invented > self.count {
            return Err(Odd);
        }
        Ok(())
    }

    /// The position of the marker that ends the data here, if only the last byte's fill bits are
    /// left before it.
    pub(super) fn end(mut self) -> Result<usize, Odd> {
        self.check()?;
        if self.count - self.invented >= 8 || self.data.get(self.at) != Some(&0xFF) {
            return Err(Odd);
        }
        // T.81, B.1.1.2: any number of FF may come before a marker.
        while self.data.get(self.at + 1) == Some(&0xFF) {
            self.at += 1;
        }
        match self.data.get(self.at + 1) {
            None | Some(0) => Err(Odd),
            Some(_) => Ok(self.at),
        }
    }
}

/// Half of the numbers of `size` bits represent negative values.
#[inline(always)]
pub(super) fn extend(value: i32, size: u32) -> i32 {
    if size > 0 && value < 1 << (size - 1) {
        value - (1 << size) + 1
    } else {
        value
    }
}

/// A byte is FF if its complement is zero: the usual test for a zero byte.
#[inline(always)]
fn has_ff(word: u64) -> bool {
    (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_is_taken_out_and_the_end_found() {
        let mut data: Vec<u8> = (0..40).collect();
        data[3] = 0xFF;
        data.insert(4, 0);
        data.extend([0xFF, 0xFF, 0xD9]);
        for width in 1..=16_u32 {
            let mut bits = Bits::new(&data, 0);
            let mut read = 0_u32;
            let mut value = 0_u64;
            while read < 40 * 8 {
                let now = width.min(40 * 8 - read);
                bits.refill();
                for bit in (0..now).rev() {
                    let one = u64::from(bits.take(1));
                    value |= one << bit;
                }
                let expected = (read..read + now).fold(0, |all, bit| {
                    let byte = if bit / 8 == 3 { 0xFF } else { bit / 8 };
                    (all << 1) | u64::from(byte >> (7 - bit % 8) & 1)
                });
                assert_eq!(value, expected, "{now} bits at {read}");
                value = 0;
                read += now;
            }
            assert!(bits.end() == Ok(42));
            bits.refill();
            bits.skip(1);
            assert!(bits.check().is_err());
        }
    }

    #[test]
    fn bytes_left_over_are_odd() {
        let data = [1, 2, 0xFF, 0xD9];
        let mut bits = Bits::new(&data, 0);
        bits.refill();
        bits.skip(8);
        assert!(bits.end().is_err());
        bits.skip(1);
        assert!(bits.end() == Ok(2));
    }

    #[test]
    fn ff_anywhere_in_a_word() {
        for byte in 0..8 {
            assert!(has_ff(0xFF << (8 * byte)));
            assert!(has_ff(0x8080_8080_8080_8080 | 0xFF << (8 * byte)));
        }
        assert!(!has_ff(0xFE01_7F80_00FE_FE0F));
    }

    #[test]
    fn halves_are_negative() {
        let all: Vec<i32> = (0..8).map(|v| extend(v, 3)).collect();
        assert_eq!(all, [-7, -6, -5, -4, 4, 5, 6, 7]);
        assert_eq!(extend(0, 0), 0);
    }
}
