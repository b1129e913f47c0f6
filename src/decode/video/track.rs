//! Finds the first key frame of a video in its container (ISO/IEC 14496-12, and QuickTime, from which
//! it comes).

use image::metadata::Orientation;

use super::boxes::{part, parts};
use super::fragments;
use crate::decode::numbers::{u16_at, u32_at};

/// How the colours of a track are stored (`colr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colours {
    /// H.273 colour primaries.
    pub(super) primaries: u16,
    /// H.273 transfer characteristics.
    pub(super) transfer: u16,
    /// H.273 matrix coefficients.
    pub(super) matrix: u16,
    /// Whether samples use the full range, if the container says so.
    pub(super) full_range: Option<bool>,
}

/// The first key frame of a track of pictures.
#[derive(Debug)]
pub(super) struct KeyFrame<'a> {
    /// The codec, four characters.
    pub(super) codec: [u8; 4],
    /// Width and height in pixels, as the container says.
    pub(super) size: (u32, u32),
    pub(super) orientation: Orientation,
    pub(super) colours: Option<Colours>,
    /// The codec's configuration (`avcC`, `hvcC`, `av1C`); empty if there is none.
    pub(super) configuration: &'a [u8],
    /// The frame as stored.
    pub(super) sample: &'a [u8],
}

/// Tracks of pictures that are looked at. Each may mean a walk through the whole file.
const MOST_TRACKS: usize = 8;
/// The bytes of a sample entry before its boxes.
const SAMPLE_ENTRY_BYTES: usize = 78;
/// The boxes with a codec's configuration.
const CONFIGURATIONS: [&[u8; 4]; 3] = [b"avcC", b"hvcC", b"av1C"];

/// The first key frames of the file's tracks of pictures, in the file's order.
pub(super) fn key_frames(file: &[u8]) -> impl Iterator<Item = KeyFrame<'_>> {
    let movie = part(file, b"moov").unwrap_or_default();
    let tracks = parts(movie).filter(|(name, track)| name == b"trak" && is_of_pictures(track));
    let tracks = tracks.take(MOST_TRACKS);
    tracks.filter_map(move |(_, track)| key_frame(file, movie, track))
}

fn is_of_pictures(track: &[u8]) -> bool {
    let handler = part(track, b"mdia").and_then(|media| part(media, b"hdlr"));
    handler.and_then(|handler| handler.get(8..12)) == Some(b"vide")
}

fn key_frame<'a>(file: &'a [u8], movie: &'a [u8], track: &'a [u8]) -> Option<KeyFrame<'a>> {
    let media = part(track, b"mdia")?;
    let table = part(part(media, b"minf")?, b"stbl")?;
    let (codec, entry) = parts(part(table, b"stsd")?.get(8..)?).next()?;
    let size = (u16_at(entry, 24)?, u16_at(entry, 26)?);
    let inside = || parts(entry.get(SAMPLE_ENTRY_BYTES..).unwrap_or_default());
    let configuration = inside().find(|(name, _)| CONFIGURATIONS.contains(&name));
    let header = part(track, b"tkhd");
    let in_fragment = || {
        // The times before the number are longer in later versions.
        let number = match header?.first()? {
            0 => u32_at(header?, 12)?,
            _ => u32_at(header?, 20)?,
        };
        fragments::first_key_frame(file, movie, number)
    };
    Some(KeyFrame {
        codec,
        size: (u32::from(size.0), u32::from(size.1)),
        orientation: header.map_or(Orientation::NoTransforms, orientation),
        colours: inside().find_map(|(name, content)| match &name {
            b"colr" => colours(content),
            _ => None,
        }),
        configuration: configuration.map_or(&[], |(_, content)| content),
        sample: Samples::of(table).bytes(file).or_else(in_fragment)?,
    })
}

/// How the track's matrix turns its pictures; those that do more than turn leave them as they are.
fn orientation(header: &[u8]) -> Orientation {
    let at = match header.first() {
        Some(0) => 40,
        _ => 52,
    };
    let sign = |index: usize| u32_at(header, at + index * 4).map_or(0, |v| (v as i32).signum());
    match [sign(0), sign(1), sign(3), sign(4)] {
        [0, 1, -1, 0] => Orientation::Rotate90,
        [-1, 0, 0, -1] => Orientation::Rotate180,
        [0, -1, 1, 0] => Orientation::Rotate270,
        [-1, 0, 0, 1] => Orientation::FlipHorizontal,
        [1, 0, 0, -1] => Orientation::FlipVertical,
        [0, 1, 1, 0] => Orientation::Rotate90FlipH,
        [0, -1, -1, 0] => Orientation::Rotate270FlipH,
        _ => Orientation::NoTransforms,
    }
}

fn colours(content: &[u8]) -> Option<Colours> {
    let kind = content.get(..4)?;
    if kind != b"nclx" && kind != b"nclc" {
        return None;
    }
    Some(Colours {
        primaries: u16_at(content, 4)?,
        transfer: u16_at(content, 6)?,
        matrix: u16_at(content, 8)?,
        full_range: content.get(10).map(|flags| flags & 0x80 != 0),
    })
}

/// The tables of a track that say where its samples are. They are read where they lie.
struct Samples<'a> {
    /// The number of the first key frame, from 0.
    first: u32,
    /// Sizes: one for all, or a table.
    sizes: &'a [u8],
    /// How many samples each chunk has.
    runs: &'a [u8],
    /// The positions of the chunks, and the bytes of each.
    chunks: (&'a [u8], usize),
}

impl<'a> Samples<'a> {
    fn of(table: &'a [u8]) -> Self {
        let find = |name| part(table, name).unwrap_or_default();
        // Without a list of key frames, all are.
        let first = u32_at(find(b"stss"), 8).map_or(0, |number| number.saturating_sub(1));
        let chunks = match part(table, b"co64") {
            Some(chunks) => (chunks, 8),
            None => (find(b"stco"), 4),
        };
        Self {
            first,
            sizes: find(b"stsz"),
            runs: find(b"stsc"),
            chunks,
        }
    }

    fn size(&self, number: u32) -> Option<u64> {
        match u32_at(self.sizes, 4)? {
            0 => u32_at(self.sizes, 12 + 4 * number as usize).map(u64::from),
            same => Some(u64::from(same)),
        }
    }

    /// The chunk with the key frame, and the first sample in it, both counted from 0.
    fn chunk(&self) -> Option<(u32, u32)> {
        let count = u32_at(self.runs, 4)?;
        let mut passed = 0_u64;
        for run in 0..count as usize {
            let at = 8 + run * 12;
            let start = u32_at(self.runs, at)?.checked_sub(1)?;
            let each = u32_at(self.runs, at + 4)?;
            if each == 0 {
                return None;
            }
            let after = u64::from(self.first) - passed;
            let chunk = after / u64::from(each);
            let next = match run + 1 == count as usize {
                true => u32::MAX,
                false => u32_at(self.runs, at + 12)?.checked_sub(1)?,
            };
            let chunks = u64::from(next.checked_sub(start)?);
            if chunk < chunks {
                let first = passed + chunk * u64::from(each);
                return Some((start.checked_add(chunk as u32)?, first as u32));
            }
            passed += chunks * u64::from(each);
        }
        None
    }

    fn bytes(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let (chunk, first) = self.chunk()?;
        let (table, width) = self.chunks;
        let at = 8 + chunk as usize * width;
        let mut start = match width {
            8 => u64::from(u32_at(table, at)?) << 32 | u64::from(u32_at(table, at + 4)?),
            _ => u64::from(u32_at(table, at)?),
        };
        start = match u32_at(self.sizes, 4)? {
            0 => {
                let before = (first..self.first).map(|number| self.size(number));
                start.checked_add(before.sum::<Option<u64>>()?)?
            }
            same => start.checked_add(u64::from(same) * u64::from(self.first - first))?,
        };
        let end = start.checked_add(self.size(self.first)?)?;
        // Of a file that is cut off, what is there.
        let end = usize::try_from(end).ok()?.min(file.len());
        file.get(usize::try_from(start).ok()?..end)
    }
}
