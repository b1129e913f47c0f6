//! A directory in the form of TIFF's, which makers' notes have too.

use crate::decode::numbers::number;
use crate::decode::plain_text::plain_text;

/// More entries than any camera writes.
const MOST_ENTRIES: usize = 1000;
/// More numbers than any entry read here has before the ones that count.
const MOST_NUMBERS: usize = 64;
const ENTRY_BYTES: usize = 12;

/// Bytes that places point into.
#[derive(Clone, Copy)]
pub(in crate::decode) struct Space<'a> {
    pub(in crate::decode) bytes: &'a [u8],
    /// The place of the first byte, which is not 0 where notes were copied without their surroundings.
    pub(in crate::decode) first: usize,
    pub(in crate::decode) little_endian: bool,
}

impl<'a> Space<'a> {
    fn number(&self, place: usize, length: usize) -> Option<usize> {
        let at = place.checked_sub(self.first)?;
        number(self.bytes, self.little_endian, at, length)?
            .try_into()
            .ok()
    }

    fn bytes(&self, place: usize, length: usize) -> Option<&'a [u8]> {
        let at = place.checked_sub(self.first)?;
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// The directory that a TIFF header in front leads to.
    pub(in crate::decode) fn first_directory(self) -> Option<Directory<'a>> {
        self.directory(self.number(4, 4)?)
    }

    /// The directory at a place.
    pub(in crate::decode) fn directory(self, place: usize) -> Option<Directory<'a>> {
        let count = self.number(place, 2)?.min(MOST_ENTRIES);
        Some(Directory {
            space: self,
            first_entry: place.checked_add(2)?,
            count,
        })
    }
}

/// A directory. Entries that lie outside their space are missing.
pub(in crate::decode) struct Directory<'a> {
    space: Space<'a>,
    first_entry: usize,
    count: usize,
}

impl<'a> Directory<'a> {
    /// The place of an entry with this tag.
    fn entry(&self, tag: usize) -> Option<usize> {
        let mut entries = (0..self.count).map(|i| self.first_entry + i * ENTRY_BYTES);
        entries.find(|entry| self.space.number(*entry, 2) == Some(tag))
    }

    /// An entry's kind and its value.
    fn value(&self, tag: usize) -> Option<(usize, &'a [u8])> {
        let entry = self.entry(tag)?;
        let kind = self.space.number(entry + 2, 2)?;
        let length = self
            .space
            .number(entry + 4, 4)?
            .checked_mul(bytes_of(kind)?)?;
        let place = match length {
            0..=4 => entry + 8,
            _ => self.space.number(entry + 8, 4)?,
        };
        Some((kind, self.space.bytes(place, length)?))
    }

    /// A text.
    pub(in crate::decode) fn text(&self, tag: usize) -> Option<String> {
        plain_text(self.bytes(tag)?)
    }

    /// A value's bytes.
    pub(in crate::decode) fn bytes(&self, tag: usize) -> Option<&'a [u8]> {
        self.value(tag).map(|(_, bytes)| bytes)
    }

    /// Numbers without a sign, of which fractions without a denominator are 0.
    pub(in crate::decode) fn numbers(&self, tag: usize) -> Option<Vec<f64>> {
        let (kind, bytes) = self.value(tag)?;
        let one = |bytes: &[u8]| number(bytes, self.space.little_endian, 0, bytes.len());
        let one = |bytes: &[u8]| match bytes.split_at_checked(4) {
            Some((above, below)) if below.len() == 4 => match (one(above)?, one(below)?) {
                (_, 0) => Some(0.0),
                (above, below) => Some(above as f64 / below as f64),
            },
            _ => one(bytes).map(|number| number as f64),
        };
        let each = bytes.chunks_exact(bytes_of(kind)?).take(MOST_NUMBERS);
        each.map(one).collect()
    }

    /// The first number.
    pub(in crate::decode) fn first_number(&self, tag: usize) -> Option<f64> {
        self.numbers(tag)?.first().copied()
    }

    /// The directory that an entry leads to.
    pub(in crate::decode) fn inner(&self, tag: usize) -> Option<Self> {
        let entry = self.entry(tag)?;
        let place = self.space.number(entry + 8, 4)?;
        self.space.directory(place)
    }

    /// The directories whose places an entry lists.
    pub(in crate::decode) fn listed(&self, tag: usize) -> impl Iterator<Item = Self> + use<'a> {
        let (space, places) = (self.space, self.numbers(tag).unwrap_or_default());
        places
            .into_iter()
            .filter_map(move |place| space.directory(place as usize))
    }
}

/// The bytes of a number of a kind.
fn bytes_of(kind: usize) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 13 => Some(4),
        5 | 10 => Some(8),
        _ => None,
    }
}
