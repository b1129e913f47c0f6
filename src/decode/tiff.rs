//! TIFF tags that the decoder does not return.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::decode::colour::Alpha;

/// ExtraSamples (TIFF 6.0, section 18).
const EXTRA_SAMPLES: u16 = 338;
const ASSOCIATED: u16 = 1;
/// ICC.1, annex B.3.
const ICC_PROFILE: u16 = 34675;
const UNDEFINED: u16 = 7;

/// Whether the first picture's colours are multiplied by their alpha, as Photoshop writes them. The
/// reader's position is undefined afterwards.
pub(super) fn alpha(reader: &mut (impl Read + Seek)) -> Alpha {
    match first_extra_sample(reader) {
        Ok(Some(ASSOCIATED)) => Alpha::Associated,
        _ => Alpha::Straight,
    }
}

/// The first picture's ICC profile if its type is undefined, as the standard requires: the decoder
/// does not return all of those.
pub(super) fn profile(file: &[u8]) -> Option<&[u8]> {
    let entry = entry(&mut Cursor::new(file), ICC_PROFILE).ok()??;
    let start = usize::try_from(entry.long()).ok()?;
    let end = start.checked_add(usize::try_from(entry.count).ok()?)?;
    file.get(start..end).filter(|_| entry.kind == UNDEFINED)
}

/// The tag's value if it fits into the entry, which is up to two samples.
fn first_extra_sample(reader: &mut (impl Read + Seek)) -> io::Result<Option<u16>> {
    let entry = entry(reader, EXTRA_SAMPLES)?;
    Ok(entry.map(|entry| entry.short()))
}

/// A directory's entry for a tag.
struct Entry {
    little_endian: bool,
    kind: u16,
    count: u32,
    value: [u8; 4],
}

impl Entry {
    fn short(&self) -> u16 {
        let [a, b, _, _] = self.value;
        short(self.little_endian, [a, b])
    }

    fn long(&self) -> u32 {
        long(self.little_endian, self.value)
    }
}

/// Finds a tag in the first directory.
fn entry(reader: &mut (impl Read + Seek), tag: u16) -> io::Result<Option<Entry>> {
    let [m0, m1, m2, m3, directory @ ..] = read::<8>(reader)?;
    let little_endian = match &[m0, m1, m2, m3] {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return Ok(None),
    };
    let directory = long(little_endian, directory);
    reader.seek(SeekFrom::Start(u64::from(directory)))?;
    for _ in 0..short(little_endian, read(reader)?) {
        let [t0, t1, k0, k1, c0, c1, c2, c3, value @ ..] = read::<12>(reader)?;
        if short(little_endian, [t0, t1]) == tag {
            return Ok(Some(Entry {
                little_endian,
                kind: short(little_endian, [k0, k1]),
                count: long(little_endian, [c0, c1, c2, c3]),
                value,
            }));
        }
    }
    Ok(None)
}

fn short(little_endian: bool, bytes: [u8; 2]) -> u16 {
    match little_endian {
        true => u16::from_le_bytes(bytes),
        false => u16::from_be_bytes(bytes),
    }
}

fn long(little_endian: bool, bytes: [u8; 4]) -> u32 {
    match little_endian {
        true => u32::from_le_bytes(bytes),
        false => u32::from_be_bytes(bytes),
    }
}

fn read<const BYTES: usize>(reader: &mut impl Read) -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiff(value: u16) -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        bytes.extend([1, 0, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0]);
        bytes.extend([1, 82, 0, 3, 0, 0, 0, 1]);
        bytes.extend(value.to_be_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    #[test]
    fn the_tag_decides() {
        let alpha_of = |bytes: &[u8]| alpha(&mut Cursor::new(bytes));
        assert_eq!(alpha_of(&tiff(1)), Alpha::Associated);
        assert_eq!(alpha_of(&tiff(2)), Alpha::Straight);
        assert_eq!(alpha_of(b"II*\0\xff\xff\xff\xff"), Alpha::Straight);
        for cut in 0..tiff(1).len() {
            assert_eq!(alpha_of(&tiff(1)[..cut]), Alpha::Straight, "cut at {cut}");
        }
    }
}
