//! TIFF (6.0), BigTIFF and the raw files built like them (DNG, CR2, NEF, ARW, PEF, ORF): of each
//! directory the tags that say how to decode its picture, and the content of its strips, tiles and
//! JPEGs, wherever they lie.

use image::metadata::Orientation;

use crate::decode::numbers::number;
use crate::decode::picture_hash::parts::{PROFILE, Parts};

/// More pages than any scanner writes into a file.
const MOST_DIRECTORIES: usize = 20_000;
/// Of all directories together.
const MOST_ENTRIES: usize = 1 << 20;
/// Of a tag; one that lists strips has a few thousand.
const MOST_NUMBERS: usize = 1 << 20;

const ORIENTATION: u16 = 274;
const SUB_DIRECTORIES: u16 = 330;
const ICC_PROFILE: u16 = 34_675;
/// Tags with positions, each with the tag that has the lengths: strips, tiles, a JPEG.
const DATA: [(u16, u16); 3] = [(273, 279), (324, 325), (513, 514)];

/// Whether a tag says how samples become a picture (TIFF 6.0 with its supplements, TIFF/EP, DNG).
fn counts(tag: u16) -> bool {
    matches!(tag,
        // Subfile, sides, bits, compression, colours, thresholds, order of bits.
        254..=259 | 262..=266
        // Samples, rows of a strip, planes, fax options, prediction, white, primaries, palette.
        | 277 | 278 | 284 | 292 | 293 | 317..=320
        // Sides of tiles, inks, extra samples, their format and range, tables of JPEG.
        | 322 | 323 | 332 | 334 | 338..=341 | 347
        // Old JPEG's kind, YCbCr, colour filters.
        | 512 | 529..=532 | 33_421 | 33_422
        // DNG: the sensor's layout, black, white, crop, colours, corrections.
        | 50_710..=50_734 | 50_829 | 50_830 | 51_008 | 51_009 | 51_022)
}

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    let tiff = Tiff::of(file)?;
    let mut open = vec![tiff.first()?];
    let mut turned = None;
    let (mut directories, mut all_entries, mut any) = (0, 0, false);
    while let Some(at) = open.pop() {
        let (entries, next) = tiff.directory(at)?;
        open.extend(next);
        directories += 1;
        all_entries += entries.len();
        if directories + open.len() > MOST_DIRECTORIES || all_entries > MOST_ENTRIES {
            return None;
        }
        for entry in &entries {
            match entry.tag {
                ICC_PROFILE => parts.add(&PROFILE, entry.bytes?)?,
                SUB_DIRECTORIES if open.len() <= MOST_DIRECTORIES => {
                    let start = open.len();
                    open.extend(tiff.numbers(entry)?);
                    open[start..].reverse();
                }
                ORIENTATION if directories == 1 => turned = tiff.numbers(entry)?.next(),
                tag if counts(tag) => {
                    let [high, low] = tag.to_be_bytes();
                    parts.add(&[b't', entry.kind as u8, high, low], entry.bytes?)?;
                }
                _ => {}
            }
        }
        for (positions, lengths) in DATA {
            any |= tiff.add_data(parts, &entries, positions, lengths)?;
        }
    }
    if !any {
        return None;
    }
    let turned = turned.and_then(|n| Orientation::from_exif(u8::try_from(n).ok()?));
    parts.add_orientation(turned.unwrap_or(Orientation::NoTransforms))
}

/// A file with directories.
struct Tiff<'a> {
    file: &'a [u8],
    little_endian: bool,
    big: bool,
}

/// A tag. Its values are `None` if they lie beyond the end of the file.
struct Entry<'a> {
    tag: u16,
    kind: u16,
    bytes: Option<&'a [u8]>,
}

impl<'a> Tiff<'a> {
    fn of(file: &'a [u8]) -> Option<Self> {
        let little_endian = file.starts_with(b"II");
        let big = match file.get(2..4)? {
            // TIFF, and Olympus.
            b"*\0" | b"\0*" | b"RO" | b"RS" | b"OR" => false,
            b"+\0" | b"\0+" => true,
            _ => return None,
        };
        Some(Self {
            file,
            little_endian,
            big,
        })
    }

    fn number(&self, at: usize, bytes: usize) -> Option<u64> {
        number(self.file, self.little_endian, at, bytes)
    }

    /// The position of the first directory.
    fn first(&self) -> Option<u64> {
        match self.big {
            true => self.number(8, 8),
            false => self.number(4, 4),
        }
    }

    /// The entries of a directory, and the position of the next.
    fn directory(&self, at: u64) -> Option<(Vec<Entry<'a>>, Option<u64>)> {
        let at = usize::try_from(at).ok()?;
        let (count_bytes, entry_bytes, value_bytes) = match self.big {
            true => (8, 20, 8),
            false => (2, 12, 4),
        };
        let count = usize::try_from(self.number(at, count_bytes)?).ok()?;
        let start = at.checked_add(count_bytes)?;
        let end = start.checked_add(count.checked_mul(entry_bytes)?)?;
        let table = self.file.get(start..end)?;
        let entries = (start..end).step_by(entry_bytes).map(|at| {
            let (tag, kind) = (self.number(at, 2)? as u16, self.number(at + 2, 2)? as u16);
            let bytes = self.values(at + 4, kind, value_bytes);
            Some(Entry { tag, kind, bytes })
        });
        let entries: Option<Vec<_>> = entries.collect();
        // Some writers end the file after the last directory.
        let next = self.number(start + table.len(), value_bytes);
        Some((entries?, next.filter(|next| *next != 0)))
    }

    /// The values of an entry, whose count is at `at`.
    fn values(&self, at: usize, kind: u16, value_bytes: usize) -> Option<&'a [u8]> {
        let size: usize = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return None,
        };
        let count = usize::try_from(self.number(at, value_bytes)?).ok()?;
        let length = count.checked_mul(size)?;
        let value = at + value_bytes;
        let start = match length <= value_bytes {
            true => value,
            false => usize::try_from(self.number(value, value_bytes)?).ok()?,
        };
        self.file.get(start..start.checked_add(length)?)
    }

    fn numbers(&self, entry: &Entry<'a>) -> Option<impl Iterator<Item = u64> + use<'a>> {
        let size = match entry.kind {
            1 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return None,
        };
        let (values, little_endian) = (entry.bytes?.chunks_exact(size), self.little_endian);
        let numbers = values.filter_map(move |value| number(value, little_endian, 0, size));
        Some(numbers.take(MOST_NUMBERS))
    }

    /// Adds the data that one tag has the positions of, and another the lengths. Returns whether
    /// there is any; `None` if it is not all there.
    fn add_data(
        &self,
        parts: &mut Parts,
        entries: &[Entry<'a>],
        positions: u16,
        lengths: u16,
    ) -> Option<bool> {
        let entry = |tag| entries.iter().find(|entry| entry.tag == tag);
        let (Some(positions), Some(lengths)) = (entry(positions), entry(lengths)) else {
            return Some(false);
        };
        let mut lengths = self.numbers(lengths)?;
        let piece = |position: u64| {
            let end = usize::try_from(position.checked_add(lengths.next()?)?).ok()?;
            self.file.get(usize::try_from(position).ok()?..end)
        };
        let pieces: Option<Vec<&[u8]>> = self.numbers(positions)?.map(piece).collect();
        let pieces = pieces?;
        let any = pieces.iter().any(|piece| !piece.is_empty());
        parts.add_pieces(b"data", pieces)?;
        Some(any)
    }
}
