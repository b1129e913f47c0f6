//! Converts bytes to text and back, so that every unedited byte survives.
//!
//! A sidecar is nearly always UTF-8; the XMP specification (part 1, section 7.1) also allows UTF-16
//! of either order. ISO-8859-1 and ASCII cost nothing and keep old files writable. Every other
//! encoding is refused by name.

use std::fmt::Write as _;

use crate::sidecar::read::error::Fault;

/// A sidecar's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// UTF-8.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// One byte per character, the first 256 of Unicode.
    Latin1,
    /// Seven bits.
    Ascii,
}

/// Text with all that is needed to write it back.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The text without the byte order mark.
    pub(crate) text: String,
    /// Its encoding.
    pub(crate) scheme: Scheme,
    /// Whether a byte order mark comes first.
    pub(crate) mark: bool,
}

const MARK: char = '\u{FEFF}';

impl Decoded {
    /// Reads the bytes of a whole file.
    ///
    /// # Errors
    /// [`Fault::Encoding`] for other encodings, [`Fault::Malformed`] for bytes that are not text.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let utf32 = bytes.starts_with(b"\xff\xfe\0\0")
            || bytes.starts_with(b"\0\0\xfe\xff")
            || bytes.starts_with(b"<\0\0\0")
            || bytes.starts_with(b"\0\0\0<");
        if utf32 {
            return Err(unread("UTF-32"));
        }
        let (scheme, mark) = match bytes {
            [0xff, 0xfe, ..] => (Scheme::Utf16Le, true),
            [0xfe, 0xff, ..] => (Scheme::Utf16Be, true),
            [b'<' | b' ' | b'\n' | b'\r' | b'\t', 0, ..] => (Scheme::Utf16Le, false),
            [0, b'<' | b' ' | b'\n' | b'\r' | b'\t', ..] => (Scheme::Utf16Be, false),
            [0xef, 0xbb, 0xbf, ..] => (Scheme::Utf8, true),
            _ => return Self::read_bytewise(bytes),
        };
        let text = match scheme {
            Scheme::Utf8 => utf8(&bytes[3..])?.to_owned(),
            _ => utf16(bytes.get(if mark { 2 } else { 0 }..).unwrap_or(&[]), scheme)?,
        };
        if let Some(declared) = declared(&text) {
            let fits = match scheme {
                Scheme::Utf8 => declared.eq_ignore_ascii_case("utf-8"),
                Scheme::Utf16Le => is_one_of(declared, &["utf-16", "utf-16le"]),
                _ => is_one_of(declared, &["utf-16", "utf-16be"]),
            };
            if !fits {
                return Err(contradiction(&text, declared, scheme));
            }
        }
        Ok(Self { text, scheme, mark })
    }

    /// Reads text without a mark, at least a byte per character; the declaration names the
    /// encoding.
    fn read_bytewise(bytes: &[u8]) -> Result<Self, Fault> {
        // The declaration itself is ASCII in all of these encodings.
        let head = &bytes[..bytes.len().min(256)];
        let head: String = head.iter().map(|&b| char::from(b)).collect();
        let name = declared(&head).unwrap_or("UTF-8");
        let scheme = if is_one_of(name, &["utf-8", "utf8"]) {
            Scheme::Utf8
        } else if is_one_of(name, &["iso-8859-1", "latin1"]) {
            Scheme::Latin1
        } else if is_one_of(name, &["us-ascii", "ascii"]) {
            Scheme::Ascii
        } else if is_one_of(name, &["utf-16", "utf-16le", "utf-16be"]) {
            return Err(contradiction(&head, name, Scheme::Utf8));
        } else {
            return Err(unread(name));
        };
        let text = match scheme {
            Scheme::Latin1 => bytes.iter().map(|&b| char::from(b)).collect(),
            _ => utf8(bytes)?.to_owned(),
        };
        if scheme == Scheme::Ascii
            && let Some(at) = text.find(|c: char| !c.is_ascii())
        {
            return Err(Fault::malformed(&text, at, "a character that is not ASCII"));
        }
        Ok(Self {
            text,
            scheme,
            mark: false,
        })
    }

    /// Encodes `text` for this file. It has no characters that the encoding cannot hold, because
    /// [`Decoded::representable`] replaced them with references.
    pub(crate) fn write(&self, text: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 3);
        let marked = self.mark.then_some(MARK);
        match self.scheme {
            Scheme::Utf8 | Scheme::Ascii => {
                let mut buffer = [0; 4];
                if let Some(mark) = marked {
                    out.extend(mark.encode_utf8(&mut buffer).as_bytes());
                }
                out.extend(text.as_bytes());
            }
            Scheme::Utf16Le | Scheme::Utf16Be => {
                let mut buffer = [0; 2];
                for c in marked.into_iter().chain(text.chars()) {
                    for unit in c.encode_utf16(&mut buffer) {
                        out.extend(match self.scheme {
                            Scheme::Utf16Le => unit.to_le_bytes(),
                            _ => unit.to_be_bytes(),
                        });
                    }
                }
            }
            Scheme::Latin1 => out.extend(text.chars().map(|c| c as u8)),
        }
        out
    }

    /// Replaces characters that the encoding cannot hold with references.
    pub(crate) fn representable(&self, escaped: &str) -> String {
        let limit = match self.scheme {
            Scheme::Latin1 => 0xff,
            Scheme::Ascii => 0x7f,
            _ => return escaped.to_owned(),
        };
        let mut out = String::with_capacity(escaped.len());
        for c in escaped.chars() {
            if u32::from(c) <= limit {
                out.push(c);
            } else {
                // Writing into a String cannot fail.
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
        }
        out
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

fn unread(encoding: &str) -> Fault {
    Fault::Encoding {
        encoding: encoding.chars().take(40).collect(),
    }
}

fn contradiction(text: &str, declared: &str, scheme: Scheme) -> Fault {
    let declared: String = declared.chars().take(40).collect();
    Fault::malformed(
        text,
        0,
        format!("it says that its encoding is {declared}, but it is {scheme:?}"),
    )
}

/// The encoding that an XML declaration names.
fn declared(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("<?xml")?;
    let declaration = &rest[..rest.find("?>")?];
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name)
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Fault::malformed(&good, good.len(), "bytes that are not UTF-8")
    })
}

fn utf16(bytes: &[u8], scheme: Scheme) -> Result<String, Fault> {
    let units = bytes.chunks_exact(2).map(|pair| match scheme {
        Scheme::Utf16Le => u16::from_le_bytes([pair[0], pair[1]]),
        _ => u16::from_be_bytes([pair[0], pair[1]]),
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err(Fault::malformed(&text, text.len(), "half a character")),
        }
    }
    if bytes.len() % 2 == 1 {
        return Err(Fault::malformed(&text, text.len(), "half a character"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, little: bool) -> Vec<u8> {
        let bytes = |u: u16| {
            if little {
                u.to_le_bytes()
            } else {
                u.to_be_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_comes_back_as_it_was() {
        let text = "<a>é😀日</a>";
        let files = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16_bytes(text, true),
            utf16_bytes(text, false),
            utf16_bytes(&format!("\u{FEFF}{text}"), true),
            utf16_bytes(&format!("\u{FEFF}{text}"), false),
        ];
        for file in files {
            let decoded = Decoded::read(&file).unwrap();
            assert_eq!(decoded.text, text);
            assert_eq!(decoded.write(&decoded.text), file);
        }
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
        let decoded = Decoded::read(latin).unwrap();
        assert!(decoded.text.ends_with("<a>é</a>"));
        assert_eq!(decoded.write(&decoded.text), latin);
        assert_eq!(decoded.representable("é日"), "é&#x65E5;");
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_place() {
        let error = Decoded::read(b"<a>\n\xff</a>").unwrap_err().to_string();
        assert!(error.starts_with("line 2, column 1: "), "{error}");
        for bytes in [
            &b"\xff\xfe<\0\0\xd8"[..],
            b"\xff\xfe<\0a",
            b"\xff\xfe\0\0<\0\0\0",
            b"<?xml version='1.0' encoding='koi8-r'?><a/>",
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            b"<?xml version='1.0' encoding='ascii'?><a>\xc3\xa9</a>",
            b"\xef\xbb\xbf<?xml version='1.0' encoding='latin1'?><a/>",
        ] {
            assert!(Decoded::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
