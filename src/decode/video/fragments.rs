//! Finds the first key frame of a fragmented video, whose samples are described piece by piece beside
//! them (`moof`) instead of in the movie's tables (ISO/IEC 14496-12, 8.8).

use heifer::heifer_isobmff::BoxIter;

use super::boxes::{part, parts};
use crate::decode::numbers::u32_at;

/// Parts of a file, and samples in them, that are looked at. The first sample is nearly always a key frame.
const MOST_PARTS: usize = 10_000;
const MOST_SAMPLES: usize = 100_000;

/// Flags of a sample: it is no key frame.
const NO_KEY_FRAME: u32 = 0x1_0000;

/// Flags of `tfhd`: the fields it has.
const HAS_BASE: u32 = 0x1;
const HAS_DESCRIPTION: u32 = 0x2;
const HAS_DURATION: u32 = 0x8;
const HAS_SIZE: u32 = 0x10;
const HAS_FLAGS: u32 = 0x20;

/// Flags of `trun`: the fields it has, and those that each of its samples has.
const HAS_OFFSET: u32 = 0x1;
const HAS_FIRST_FLAGS: u32 = 0x4;
const EACH_DURATION: u32 = 0x100;
const EACH_SIZE: u32 = 0x200;
const EACH_FLAGS: u32 = 0x400;
const EACH_SHIFT: u32 = 0x800;

/// What holds for samples that do not say otherwise.
#[derive(Clone, Copy, Default)]
struct Defaults {
    size: u32,
    flags: u32,
}

/// The bytes of the first key frame of a track, by the track's number.
pub(super) fn first_key_frame<'a>(file: &'a [u8], movie: &[u8], track: u32) -> Option<&'a [u8]> {
    let defaults = of_movie(movie, track);
    let mut left = MOST_SAMPLES;
    let boxes = BoxIter::new(file).map_while(Result::ok).take(MOST_PARTS);
    let mut fragments = boxes.filter(|part| part.header.box_type.0 == *b"moof");
    let (start, end) = fragments.find_map(|fragment| {
        let mut tracks = parts(fragment.content).filter(|(name, _)| name == b"traf");
        tracks.find_map(|(_, content)| {
            let place = u64::try_from(fragment.offset).ok()?;
            of_fragment(content, place, track, defaults, &mut left)
        })
    })?;
    // Of a file that is cut off, what is there.
    let end = usize::try_from(end).ok()?.min(file.len());
    file.get(usize::try_from(start).ok()?..end)
}

/// A movie's defaults for a track (`trex`).
fn of_movie(movie: &[u8], track: u32) -> Defaults {
    let extended = part(movie, b"mvex").unwrap_or_default();
    let is_it = |content: &&[u8]| u32_at(content, 4) == Some(track);
    let mut found = parts(extended).filter(|(name, _)| name == b"trex");
    let found = found.find_map(|(_, content)| Some(content).filter(is_it));
    found.map_or(Defaults::default(), |content| Defaults {
        size: u32_at(content, 16).unwrap_or_default(),
        flags: u32_at(content, 20).unwrap_or_default(),
    })
}

/// Where the first key frame in a fragment of the track begins and ends.
fn of_fragment(
    fragment: &[u8],
    place: u64,
    track: u32,
    mut defaults: Defaults,
    left: &mut usize,
) -> Option<(u64, u64)> {
    let header = part(fragment, b"tfhd")?;
    let has = u32_at(header, 0)?;
    if u32_at(header, 4)? != track {
        return None;
    }
    let mut fields = Fields {
        bytes: header,
        at: 8,
    };
    // Without a base of its own, what a fragment points to counts from its start. Files whose second
    // tracks count from the end of the first are as good as extinct.
    let base = match has & HAS_BASE {
        0 => place,
        _ => u64::from(fields.next(true)?) << 32 | u64::from(fields.next(true)?),
    };
    fields.next(has & HAS_DESCRIPTION != 0)?;
    fields.next(has & HAS_DURATION != 0)?;
    let size = fields.next(has & HAS_SIZE != 0)?;
    let flags = fields.next(has & HAS_FLAGS != 0)?;
    if has & HAS_SIZE != 0 {
        defaults.size = size;
    }
    if has & HAS_FLAGS != 0 {
        defaults.flags = flags;
    }
    let mut at = base;
    for (_, run) in parts(fragment).filter(|(name, _)| name == b"trun") {
        match of_run(run, base, at, defaults, left)? {
            Found::KeyFrame(start, end) => return Some((start, end)),
            Found::End(end) => at = end,
        }
    }
    None
}

enum Found {
    /// A key frame between two places.
    KeyFrame(u64, u64),
    /// None up to this place.
    End(u64),
}

/// Looks through a run of samples, which follow one another from `base` and its own offset, or from
/// `at`. `None` if it is damaged or there were too many.
fn of_run(run: &[u8], base: u64, at: u64, defaults: Defaults, left: &mut usize) -> Option<Found> {
    let has = u32_at(run, 0)?;
    let count = u32_at(run, 4)?;
    let mut fields = Fields { bytes: run, at: 8 };
    let mut at = match has & HAS_OFFSET {
        0 => at,
        _ => base.checked_add_signed(i64::from(fields.next(true)? as i32))?,
    };
    let first_flags = fields.next(has & HAS_FIRST_FLAGS != 0)?;
    for number in 0..count {
        *left = left.checked_sub(1)?;
        fields.next(has & EACH_DURATION != 0)?;
        let own_size = fields.next(has & EACH_SIZE != 0)?;
        let own_flags = fields.next(has & EACH_FLAGS != 0)?;
        fields.next(has & EACH_SHIFT != 0)?;
        let size = match has & EACH_SIZE {
            0 => defaults.size,
            _ => own_size,
        };
        let flags = match (has & HAS_FIRST_FLAGS, has & EACH_FLAGS) {
            (1.., _) if number == 0 => first_flags,
            (_, 0) => defaults.flags,
            _ => own_flags,
        };
        let end = at.checked_add(u64::from(size))?;
        if flags & NO_KEY_FRAME == 0 && size > 0 {
            return Some(Found::KeyFrame(at, end));
        }
        at = end;
    }
    Some(Found::End(at))
}

/// Fields of four bytes, one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Fields<'_> {
    /// The next field; 0 if it `is_there` not. `None` where the bytes end before it.
    fn next(&mut self, is_there: bool) -> Option<u32> {
        if !is_there {
            return Some(0);
        }
        let field = u32_at(self.bytes, self.at)?;
        self.at += 4;
        Some(field)
    }
}
