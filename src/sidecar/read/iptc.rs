//! Keywords of IPTC-IIM (version 4.2): what programs wrote into photos before XMP.

use crate::sidecar::read::keyword::clean;

/// Number of the Photoshop resource that holds IPTC-IIM.
const RESOURCE: u16 = 0x0404;
/// Keywords: record 2, data set 25. Each may have 64 bytes and was cut off there.
const KEYWORD: (u8, u8) = (2, 25);
pub(crate) const KEYWORD_BYTES: usize = 64;
/// Coded character set: record 1, data set 90.
const CHARSET: (u8, u8) = (1, 90);
const UTF8: &[u8] = b"\x1b%G";
const MAX_KEYWORDS: usize = 10_000;

/// The IPTC data in a block of Photoshop resources.
pub(crate) fn in_photoshop(mut block: &[u8]) -> Option<&[u8]> {
    loop {
        let rest = block.strip_prefix(b"8BIM")?;
        let id = u16::from_be_bytes(*rest.first_chunk()?);
        let name = usize::from(*rest.get(2)?);
        // Name and data are each padded to an even length.
        let size_at = 2 + (1 + name).next_multiple_of(2);
        let size = u32::from_be_bytes(*rest.get(size_at..)?.first_chunk()?);
        let size = usize::try_from(size).ok()?;
        let data = rest.get(size_at + 4..)?;
        if id == RESOURCE {
            return data.get(..size);
        }
        block = data.get(size.checked_next_multiple_of(2)?..)?;
    }
}

/// The keywords of IPTC data, as far as it is sound.
pub(crate) fn keywords(mut data: &[u8]) -> Vec<String> {
    let mut utf8 = false;
    let mut found = Vec::new();
    while let Some((key, value, rest)) = data_set(data) {
        match key {
            CHARSET => utf8 = value == UTF8,
            KEYWORD if found.len() < MAX_KEYWORDS => found.push(value),
            _ => {}
        }
        data = rest;
    }
    let texts = found
        .into_iter()
        .map(|value| match std::str::from_utf8(value) {
            // Without a character set there is no rule; what is UTF-8 throughout is UTF-8.
            Ok(text) => clean(text),
            // A character may have been cut in two at the 64th byte.
            Err(error) if utf8 && error.error_len().is_none() => {
                clean(&String::from_utf8_lossy(&value[..error.valid_up_to()]))
            }
            Err(_) => clean(&windows_1252(value)),
        });
    texts.filter(|text| !text.is_empty()).collect()
}

type DataSet<'d> = ((u8, u8), &'d [u8], &'d [u8]);

fn data_set(data: &[u8]) -> Option<DataSet<'_>> {
    let [0x1c, record, number, high, low, rest @ ..] = data else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    // Lengths past 32767 are in the bytes that follow, as many as this one says.
    let (length, rest) = match length & 0x8000 {
        0 => (length, rest),
        _ => {
            let count = length & 0x7fff;
            let bytes = rest.get(..count).filter(|_| count <= 4)?;
            let long = bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (long, &rest[count..])
        }
    };
    Some(((*record, *number), rest.get(..length)?, &rest[length..]))
}

/// What most programs wrote that said nothing: Windows' Western European code page.
fn windows_1252(bytes: &[u8]) -> String {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let char_of = |&byte: &u8| match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    };
    bytes.iter().map(char_of).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn data(keywords: &[&[u8]], utf8: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let mut add = |record, number, value: &[u8]| {
            out.extend([0x1c, record, number]);
            out.extend((value.len() as u16).to_be_bytes());
            out.extend(value);
        };
        if utf8 {
            add(1, 90, UTF8);
        }
        add(2, 0, &[0, 4]);
        for keyword in keywords {
            add(2, 25, keyword);
        }
        out
    }

    pub(crate) fn photoshop(iptc: &[u8]) -> Vec<u8> {
        let mut out = b"8BIM\x04\x25\x00\x00\0\0\0\x01x\0".to_vec();
        out.extend(b"8BIM\x04\x04\x02ab\0");
        out.extend((iptc.len() as u32).to_be_bytes());
        out.extend(iptc);
        out
    }

    #[test]
    fn reads_keywords_in_their_character_set() {
        let utf8 = data(&["café".as_bytes(), b" dog ", b""], true);
        assert_eq!(keywords(&utf8), ["café", "dog"]);
        let western = data(&[b"caf\xe9", b"\x93x\x94"], false);
        assert_eq!(keywords(&western), ["café", "“x”"]);
        let cut = data(&[b"caf\xc3"], true);
        assert_eq!(keywords(&cut), ["caf"]);
    }

    #[test]
    fn damage_ends_the_list() {
        let data = data(&[b"dog", b"cat"], true);
        for cut in 0..data.len() {
            assert!(keywords(&data[..cut]).len() <= 1 + usize::from(cut > 25));
        }
        assert!(keywords(b"\x1c\x02\x19\xff\xff").is_empty());
        let block = photoshop(&data);
        assert_eq!(in_photoshop(&block), Some(&data[..]));
        for cut in 0..block.len() {
            assert_eq!(in_photoshop(&block[..cut]), None);
        }
        assert_eq!(in_photoshop(b"8BIM\0\0\0\0\xff\xff\xff\xff"), None);
    }
}
