//! Decodes a file's bytes.

use std::str;

use crate::tagging::vocabulary::error::Problem;

const UTF16_LE: [u8; 2] = [0xFF, 0xFE];
const UTF16_BE: [u8; 2] = [0xFE, 0xFF];

/// Decodes UTF-8, or UTF-16 with a byte order mark. Other encodings would have to be guessed, and a
/// wrong guess would end up in sidecars, so they are refused, with the first line that shows them.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Problem> {
    if let Some(rest) = bytes.strip_prefix(&UTF16_LE) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&UTF16_BE) {
        return utf16(rest, u16::from_be_bytes);
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + sound.iter().filter(|&&b| b == b'\n').count();
        Problem::at(line, "the line is not UTF-8; save the file as UTF-8 text")
    })?;
    if let Some((before, _)) = text.split_once('\0') {
        let line = 1 + before.matches('\n').count();
        return Err(Problem::at(
            line,
            "the line has a zero byte: this is no text, or UTF-16 without its mark; save the file as UTF-8 text",
        ));
    }
    Ok(text.to_owned())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problem> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut line = 1;
    for c in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err(broken(line)),
        }
        if text.ends_with('\n') {
            line += 1;
        }
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(broken(line))
    }
}

fn broken(line: usize) -> Problem {
    Problem::at(
        line,
        "the line is not sound UTF-16; save the file as UTF-8 text",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{FEFF}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    }

    #[test]
    fn reads_utf8_and_marked_utf16() {
        let text = "Übung\r\n\t猫 🐈\r\n";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(&utf16_bytes(text, u16::to_le_bytes)).unwrap(), text);
        assert_eq!(decode(&utf16_bytes(text, u16::to_be_bytes)).unwrap(), text);
    }

    #[test]
    fn names_the_line_of_other_bytes() {
        let mut lone = utf16_bytes("a\nb\n", u16::to_le_bytes);
        lone.extend([0x00, 0xD8]);
        let mut odd = utf16_bytes("a\nb", u16::to_le_bytes);
        odd.push(0);
        for (bytes, line) in [
            (b"dog\ncaf\xe9\n".to_vec(), 2),
            (b"\xff\n".to_vec(), 1),
            (b"a\0\nb\0".to_vec(), 1),
            (b"a\nb\nc\0".to_vec(), 3),
            (lone, 3),
            (odd, 2),
        ] {
            assert_eq!(decode(&bytes).unwrap_err().line, Some(line), "{bytes:?}");
        }
    }
}
