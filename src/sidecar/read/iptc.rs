//! Keywords and dates of IPTC-IIM (version 4.2), which programs wrote into photos before XMP.

use std::collections::{HashMap, HashSet};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5,
    ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15,
    ISO_8859_16, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
    WINDOWS_1257, WINDOWS_1258, X_MAC_CYRILLIC,
};

use crate::core::capture::CaptureTime;
use crate::core::text::{clean, folded};

/// Number of the Photoshop resource that holds IPTC-IIM.
pub(crate) const RESOURCE: u16 = 0x0404;
/// Keywords: record 2, data set 25. Each was cut off at 64 bytes.
pub(crate) const KEYWORD: (u8, u8) = (2, 25);
pub(crate) const KEYWORD_BYTES: usize = 64;
/// Coded character set: record 1, data set 90.
const CHARSET: (u8, u8) = (1, 90);
/// When the content was created: record 2, data sets 55 (`20240506`) and 60 (`170809+0200`).
const DATE_CREATED: (u8, u8) = (2, 55);
const TIME_CREATED: (u8, u8) = (2, 60);
const MAX_KEYWORDS: usize = 10_000;

/// The code pages that programs used without declaring them, grouped by script. The order decides
/// only between pages that read the same bytes as the same keyword, so it decides nothing.
const PAGES: [&Encoding; 31] = [
    WINDOWS_1252,
    MACINTOSH,
    ISO_8859_15,
    WINDOWS_1250,
    ISO_8859_2,
    ISO_8859_16,
    WINDOWS_1251,
    KOI8_R,
    KOI8_U,
    IBM866,
    ISO_8859_5,
    X_MAC_CYRILLIC,
    WINDOWS_1253,
    ISO_8859_7,
    WINDOWS_1254,
    ISO_8859_3,
    WINDOWS_1255,
    ISO_8859_8,
    WINDOWS_1256,
    ISO_8859_6,
    WINDOWS_1257,
    ISO_8859_13,
    ISO_8859_4,
    ISO_8859_10,
    WINDOWS_1258,
    WINDOWS_874,
    SHIFT_JIS,
    EUC_JP,
    GBK,
    BIG5,
    EUC_KR,
];

/// The keywords of a photo's IPTC data, as bytes: their encoding depends on the rest of the photo's
/// metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Iptc {
    /// The escape sequence that names the character set; empty if none is declared.
    charset: Vec<u8>,
    keywords: Vec<Vec<u8>>,
    /// The date, and the time of day with its offset, as they are written.
    date: String,
    time: String,
}

impl Iptc {
    /// Reads the keywords of IPTC data, up to the first damage.
    pub(crate) fn read(mut data: &[u8]) -> Self {
        let mut iptc = Self::default();
        while let Some((key, value, rest)) = data_set(data) {
            match key {
                CHARSET => iptc.charset = value.to_vec(),
                DATE_CREATED => iptc.date = String::from_utf8_lossy(value).into_owned(),
                TIME_CREATED => iptc.time = String::from_utf8_lossy(value).into_owned(),
                KEYWORD if iptc.keywords.len() < MAX_KEYWORDS && !value.is_empty() => {
                    iptc.keywords.push(value.to_vec());
                }
                _ => {}
            }
            data = rest;
        }
        iptc
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keywords.is_empty()
    }

    /// When the content was created. Unknown parts of a date are zeros.
    pub(crate) fn taken(&self) -> Option<CaptureTime> {
        let part = |text: &str, range| text.get(range).map(str::to_owned);
        let [year, month, day] = [0..4, 4..6, 6..8].map(|range| part(&self.date, range));
        let date = format!("{}-{}-{}", year?, month?, day?);
        let time = || {
            let [hours, minutes, seconds] = [0..2, 2..4, 4..6].map(|r| part(&self.time, r));
            let offset = self.time.get(6..).unwrap_or_default();
            CaptureTime::parse(&format!(
                "{date}T{}:{}:{}{offset}",
                hours?, minutes?, seconds?
            ))
        };
        time().or_else(|| CaptureTime::parse(&date))
    }

    /// Returns the keywords that are not in `known`, which has the folded names of the photo's XMP.
    ///
    /// Bytes without a declared character set are read in the code page in which most of them are
    /// known names. If none are, the page is guessed from the letters, but only if there is no XMP:
    /// a guess must not stand beside a certainty.
    pub(crate) fn keywords_beside(&self, known: &HashSet<String>) -> Vec<String> {
        let certain = |bytes: &[u8]| -> Option<String> {
            match self.declared() {
                Some(page) => read_as(page, bytes).or_else(|| cut_off(page, bytes)),
                // If all of it is valid UTF-8, it is UTF-8.
                None => read_as(UTF_8, bytes),
            }
        };
        let page = self.page_by(known, certain);
        let mut found: Vec<String> = Vec::new();
        for bytes in &self.keywords {
            if PAGES
                .iter()
                .any(|page| read_as(page, bytes).is_some_and(|t| is_known(&t, bytes, known)))
            {
                continue;
            }
            let text = certain(bytes).or_else(|| page.and_then(|page| read_as(page, bytes)));
            let Some(text) = text.filter(|text| !text.is_empty()) else {
                continue;
            };
            if !is_known(&text, bytes, known) && !found.contains(&text) {
                found.push(text);
            }
        }
        found
    }

    /// Determines an undeclared code page.
    fn page_by(
        &self,
        known: &HashSet<String>,
        certain: impl Fn(&[u8]) -> Option<String>,
    ) -> Option<&'static Encoding> {
        let unsure = || {
            self.keywords
                .iter()
                .filter(|bytes| certain(bytes).is_none())
        };
        if known.is_empty() {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            for bytes in unsure() {
                detector.feed(bytes, false);
                detector.feed(b" ", false);
            }
            detector.feed(b"", true);
            return Some(detector.guess(None, Utf8Detection::Deny));
        }
        let mut hits: HashMap<&'static str, usize> = HashMap::new();
        for bytes in unsure() {
            for page in PAGES {
                if read_as(page, bytes).is_some_and(|text| is_known(&text, bytes, known)) {
                    *hits.entry(page.name()).or_default() += 1;
                }
            }
        }
        let hits_of = |page: &'static Encoding| hits.get(page.name()).copied().unwrap_or(0);
        let best = PAGES.into_iter().rev().max_by_key(|page| hits_of(page))?;
        (hits_of(best) > 0).then_some(best)
    }

    /// The declared character set, as ISO 2022 escape sequences; UTF-8 is the usual one.
    pub(crate) fn declared(&self) -> Option<&'static Encoding> {
        let [0x1b, rest @ ..] = self.charset.as_slice() else {
            return None;
        };
        match rest {
            b"%G" | b"%/G" | b"%/H" | b"%/I" => Some(UTF_8),
            [b'-' | b'.' | b'/', set] => match set {
                b'A' => Some(WINDOWS_1252),
                b'B' => Some(ISO_8859_2),
                b'C' => Some(ISO_8859_3),
                b'D' => Some(ISO_8859_4),
                b'L' => Some(ISO_8859_5),
                b'G' => Some(ISO_8859_6),
                b'F' => Some(ISO_8859_7),
                b'H' => Some(ISO_8859_8),
                b'M' => Some(WINDOWS_1254),
                b'V' => Some(ISO_8859_10),
                b'Y' => Some(ISO_8859_13),
                b'_' => Some(ISO_8859_14),
                b'b' => Some(ISO_8859_15),
                b'f' => Some(ISO_8859_16),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Decodes these bytes; `None` if they are invalid in this encoding. The cut at 64 bytes may split
/// a character.
fn read_as(page: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let (text, broken) = page.decode_without_bom_handling(bytes);
    match broken {
        false => Some(clean(&text)),
        true if bytes.len() + 4 > KEYWORD_BYTES => cut_off(page, bytes),
        true => None,
    }
}

/// Decodes text without half a character at its end.
fn cut_off(page: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let (text, _) = page.decode_without_bom_handling(bytes);
    let whole = text.trim_end_matches('\u{FFFD}');
    let is_sound = !whole.is_empty() && !whole.contains('\u{FFFD}');
    is_sound.then(|| clean(whole))
}

/// Whether it is the name of a keyword in XMP, or the start of one if it fills all 64 bytes.
fn is_known(text: &str, bytes: &[u8], known: &HashSet<String>) -> bool {
    let text = folded(text);
    let is_cut = bytes.len() + 4 > KEYWORD_BYTES && !text.is_empty();
    known.contains(&text) || is_cut && known.iter().any(|name| name.starts_with(&text))
}

/// Finds the IPTC data in a block of Photoshop resources.
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

/// A data set: its record and number, its value, and the data after it.
pub(crate) type DataSet<'d> = ((u8, u8), &'d [u8], &'d [u8]);

/// Reads the first data set.
pub(crate) fn data_set(data: &[u8]) -> Option<DataSet<'_>> {
    let [0x1c, record, number, high, low, rest @ ..] = data else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    // For lengths over 32767, this gives the number of length bytes that follow.
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn data(keywords: &[&[u8]], charset: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut add = |record, number, value: &[u8]| {
            out.extend([0x1c, record, number]);
            out.extend((value.len() as u16).to_be_bytes());
            out.extend(value);
        };
        if !charset.is_empty() {
            add(1, 90, charset);
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

    pub(crate) const UTF8: &[u8] = b"\x1b%G";

    fn beside(keywords: &[&[u8]], charset: &[u8], xmp: &[&str]) -> Vec<String> {
        let known = xmp.iter().map(|name| folded(name)).collect();
        Iptc::read(&data(keywords, charset)).keywords_beside(&known)
    }

    #[test]
    fn reads_keywords_in_their_character_set() {
        assert_eq!(
            beside(&["café".as_bytes(), b" dog ", b""], UTF8, &[]),
            ["café", "dog"]
        );
        assert_eq!(beside(&["café".as_bytes()], b"", &[]), ["café"]);
        assert_eq!(
            beside(&[b"caf\xe9", b"\x93x\x94"], b"", &[]),
            ["café", "“x”"]
        );
        assert_eq!(beside(&[b"caf\xc3"], UTF8, &[]), ["caf"]);
        assert_eq!(beside(&[b"\xb3\xf3d\xbc"], b"\x1b-B", &[]), ["łódź"]);
    }

    #[test]
    fn undeclared_bytes_are_what_the_xmp_says_that_they_are() {
        let in_page = |page: &'static Encoding, text: &str| page.encode(text).0.into_owned();
        for (page, text) in [
            (WINDOWS_1251, "Москва"),
            (KOI8_R, "Москва"),
            (WINDOWS_1250, "Łódź"),
            (MACINTOSH, "Zürich"),
            (WINDOWS_1253, "Αθήνα"),
            (SHIFT_JIS, "東京"),
            (GBK, "北京"),
            (EUC_KR, "서울"),
        ] {
            let bytes = in_page(page, text);
            assert!(beside(&[&bytes], b"", &[text]).is_empty(), "{text}");
        }
        // The page of the known name is the page of the other.
        let (known, other) = (
            in_page(WINDOWS_1251, "Москва"),
            in_page(WINDOWS_1251, "лето"),
        );
        assert_eq!(beside(&[&known, &other], b"", &["Москва"]), ["лето"]);
        // A guess does not stand beside a certainty.
        assert!(beside(&[&other], b"", &["Moscow"]).is_empty());
        assert_eq!(beside(&[b"summer"], b"", &["Moscow"]), ["summer"]);
        let russian: Vec<Vec<u8>> = ["Москва", "лето", "собака"]
            .map(|text| in_page(WINDOWS_1251, text))
            .to_vec();
        let russian: Vec<&[u8]> = russian.iter().map(Vec::as_slice).collect();
        assert_eq!(beside(&russian, b"", &[]), ["Москва", "лето", "собака"]);
    }

    #[test]
    fn the_start_of_a_known_keyword_is_no_keyword() {
        let long = "Государственный Эрмитаж, Санкт-Петербург";
        for cut in 61..=64 {
            assert!(
                beside(&[&long.as_bytes()[..cut]], UTF8, &[long]).is_empty(),
                "{cut}"
            );
            assert!(
                beside(&[&long.as_bytes()[..cut]], b"", &[long]).is_empty(),
                "{cut}"
            );
        }
        assert_eq!(beside(&[b"new"], UTF8, &["new york"]), ["new"]);
    }

    #[test]
    fn damage_ends_the_list() {
        let data = data(&[b"dog", b"cat"], UTF8);
        for cut in 0..data.len() {
            assert!(Iptc::read(&data[..cut]).keywords.len() <= 1 + usize::from(cut > 25));
        }
        assert!(Iptc::read(b"\x1c\x02\x19\xff\xff").is_empty());
        let block = photoshop(&data);
        assert_eq!(in_photoshop(&block), Some(&data[..]));
        for cut in 0..block.len() {
            assert_eq!(in_photoshop(&block[..cut]), None);
        }
        assert_eq!(in_photoshop(b"8BIM\0\0\0\0\xff\xff\xff\xff"), None);
    }
}
