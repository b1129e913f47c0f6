//! Restart markers: T.81, B.2.4.4 and E.2.4.

use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::Bits;

/// Counts the units of a scan.
pub(super) struct Restarts {
    interval: usize,
    left: usize,
    next: u8,
}

impl Restarts {
    /// With a marker after every `interval` units, or none if that is 0.
    pub(super) fn new(interval: usize) -> Self {
        Self {
            interval,
            left: interval,
            next: 0,
        }
    }

    /// Counts a unit that is about to be read. Returns whether a marker comes before it.
    #[inline(always)]
    pub(super) fn due(&mut self) -> bool {
        if self.interval == 0 {
            return false;
        }
        if self.left == 0 {
            self.left = self.interval - 1;
            return true;
        }
        self.left -= 1;
        false
    }

    /// Skips the marker, which must be the right one, and continues with the data after it.
    pub(super) fn pass<'a>(&mut self, bits: Bits<'_>, bytes: &'a [u8]) -> Result<Bits<'a>, Odd> {
        let marker = bits.end()?;
        if bytes.get(marker + 1) != Some(&(0xD0 + self.next)) {
            return Err(Odd);
        }
        self.next = (self.next + 1) % 8;
        Ok(Bits::new(bytes, marker + 2))
    }
}
