//! The one TIFF tag that the decoder does not hand on.

use super::colour::Alpha;

/// ExtraSamples (TIFF 6.0, section 18).
const EXTRA_SAMPLES: u16 = 338;
const ASSOCIATED: u16 = 1;

/// Whether the first picture's colours are multiplied by their alpha, as Photoshop writes them.
pub(super) fn alpha(bytes: &[u8]) -> Alpha {
    match first_extra_sample(bytes) {
        Some(ASSOCIATED) => Alpha::Associated,
        _ => Alpha::Straight,
    }
}

/// The tag's value where it fits into the entry, which is up to two samples.
fn first_extra_sample(bytes: &[u8]) -> Option<u16> {
    let little = match bytes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let pair: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let word: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
    let directory = if little {
        u32::from_le_bytes(word)
    } else {
        u32::from_be_bytes(word)
    } as usize;
    let entries = usize::from(u16_at(directory)?);
    (0..entries)
        .map(|index| directory + 2 + index * 12)
        .find(|&entry| u16_at(entry) == Some(EXTRA_SAMPLES))
        .and_then(|entry| u16_at(entry + 8))
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
        assert_eq!(alpha(&tiff(1)), Alpha::Associated);
        assert_eq!(alpha(&tiff(2)), Alpha::Straight);
        assert_eq!(alpha(b"II*\0\xff\xff\xff\xff"), Alpha::Straight);
        for cut in 0..tiff(1).len() - 4 {
            assert_eq!(alpha(&tiff(1)[..cut]), Alpha::Straight, "cut at {cut}");
        }
    }
}
