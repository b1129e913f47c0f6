//! From a file's bytes to its text and back, without losing any.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::parse::encoding;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16_LE_MARK: &[u8] = b"\xFF\xFE";
const UTF16_BE_MARK: &[u8] = b"\xFE\xFF";

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
}

/// The text without its mark.
pub(super) fn decode(bytes: &[u8]) -> Result<(Encoding, String), Problem> {
    if let Some(rest) = bytes.strip_prefix(UTF8_MARK) {
        return Ok((Encoding::Utf8Marked, encoding::decode(rest)?));
    }
    let encoding = match bytes {
        _ if bytes.starts_with(UTF16_LE_MARK) => Encoding::Utf16Le,
        _ if bytes.starts_with(UTF16_BE_MARK) => Encoding::Utf16Be,
        _ => Encoding::Utf8,
    };
    Ok((encoding, encoding::decode(bytes)?))
}

pub(super) fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let mut out = mark.to_vec();
        out.extend(text.encode_utf16().flat_map(bytes));
        out
    };
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Marked => [UTF8_MARK, text.as_bytes()].concat(),
        Encoding::Utf16Le => wide(UTF16_LE_MARK, u16::to_le_bytes),
        Encoding::Utf16Be => wide(UTF16_BE_MARK, u16::to_be_bytes),
    }
}
