//! The one TIFF tag that the decoder does not hand on.

use std::io::{self, Read, Seek, SeekFrom};

use crate::decode::colour::Alpha;

/// ExtraSamples (TIFF 6.0, section 18).
const EXTRA_SAMPLES: u16 = 338;
const ASSOCIATED: u16 = 1;

/// Whether the first picture's colours are multiplied by their alpha, as Photoshop writes them.
/// The reader is left anywhere.
pub(super) fn alpha(reader: &mut (impl Read + Seek)) -> Alpha {
    match first_extra_sample(reader) {
        Ok(Some(ASSOCIATED)) => Alpha::Associated,
        _ => Alpha::Straight,
    }
}

/// The tag's value where it fits into the entry, which is up to two samples.
fn first_extra_sample(reader: &mut (impl Read + Seek)) -> io::Result<Option<u16>> {
    let [m0, m1, m2, m3, offset @ ..] = read::<8>(reader)?;
    let little = match &[m0, m1, m2, m3] {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return Ok(None),
    };
    let number = |pair: [u8; 2]| {
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    };
    let directory = if little {
        u32::from_le_bytes(offset)
    } else {
        u32::from_be_bytes(offset)
    };
    reader.seek(SeekFrom::Start(u64::from(directory)))?;
    for _ in 0..number(read(reader)?) {
        let [t0, t1, _, _, _, _, _, _, v0, v1, _, _] = read::<12>(reader)?;
        if number([t0, t1]) == EXTRA_SAMPLES {
            return Ok(Some(number([v0, v1])));
        }
    }
    Ok(None)
}

fn read<const BYTES: usize>(reader: &mut impl Read) -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

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
