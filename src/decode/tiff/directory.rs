//! The first directory of a TIFF file (TIFF 6.0, section 2) or a BigTIFF file.

use crate::decode::numbers::number;

/// A directory, read where it lies.
pub(super) struct Directory<'a> {
    file: &'a [u8],
    pub(super) little_endian: bool,
    big: bool,
    /// The position of the first entry.
    at: usize,
    count: usize,
}

/// A tag's values.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    bytes: &'a [u8],
    kind: u16,
    little_endian: bool,
}

impl<'a> Directory<'a> {
    /// `None` if this is no TIFF file or it has no directory.
    pub(super) fn first(file: &'a [u8]) -> Option<Self> {
        let little_endian = match file.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let number = |at, length| number(file, little_endian, at, length);
        let (big, start, count_bytes) = match number(2, 2)? {
            42 => (false, number(4, 4)?, 2),
            43 => (true, number(8, 8)?, 8),
            _ => return None,
        };
        let start = usize::try_from(start).ok()?;
        Some(Self {
            file,
            little_endian,
            big,
            at: start.checked_add(count_bytes)?,
            count: usize::try_from(number(start, count_bytes)?).ok()?,
        })
    }

    /// The values of a tag; `None` if it is missing, or lies beyond the end of the file.
    pub(super) fn get(&self, tag: u16) -> Option<Values<'a>> {
        let number = |at, length| number(self.file, self.little_endian, at, length);
        let (entry_bytes, value_bytes) = if self.big { (20, 8) } else { (12, 4) };
        let entries = (0..self.count).map(|entry| self.at.saturating_add(entry_bytes * entry));
        let mut entries = entries.take_while(|&at| at < self.file.len());
        let entry = entries.find(|&at| number(at, 2) == Some(u64::from(tag)))?;
        let kind = number(entry + 2, 2)? as u16;
        let count = usize::try_from(number(entry + 4, value_bytes)?).ok()?;
        let length = count.checked_mul(size(kind)?)?;
        let value = entry + 4 + value_bytes;
        let start = match length <= value_bytes {
            true => value,
            false => usize::try_from(number(value, value_bytes)?).ok()?,
        };
        Some(Values {
            bytes: self.file.get(start..start.checked_add(length)?)?,
            kind,
            little_endian: self.little_endian,
        })
    }

    /// The first value of a tag.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.get(tag)?.numbers().next()
    }
}

impl<'a> Values<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The values as whole numbers. Signed ones are not used by any tag that is read.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> + use<'a> {
        let (length, little_endian) = (size(self.kind).unwrap_or(1), self.little_endian);
        let parts = self.bytes.chunks_exact(length);
        parts.filter_map(move |part| number(part, little_endian, 0, length.min(8)))
    }

    /// The values as numbers with fractions.
    pub(super) fn fractions(&self) -> Vec<f64> {
        let (bytes, _) = self.bytes.as_chunks::<8>();
        let half = |part: &[u8], at| number(part, self.little_endian, at, 4).unwrap_or(0) as f64;
        match self.kind {
            5 | 10 => bytes
                .iter()
                .map(|part| half(part, 0) / half(part, 4))
                .collect(),
            // Some writers use whole numbers.
            _ => self.numbers().map(|value| value as f64).collect(),
        }
    }
}

/// The bytes of a value of a type.
fn size(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => return None,
    })
}
