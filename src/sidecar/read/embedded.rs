//! The XMP packet and the IPTC keywords inside a photo, which some programs leave out of account
//! as soon as there is a sidecar.
//!
//! Only what leads there is read: segments, chunks and directories are skipped by their lengths,
//! and nothing is larger in memory than the limits below. Damage means that there is nothing to
//! take over, not that the photo cannot have a sidecar.

use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::ZlibDecoder;

use crate::sidecar::read::iptc;
use crate::sidecar::read::keywords::{Values, read_values};
use crate::sidecar::read::open;
use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

/// Segments, chunks, boxes or directory entries that are looked at.
const MAX_PARTS: usize = 100_000;
/// Photoshop resources and IPTC data; usually a few kilobytes.
const MAX_IPTC_BYTES: u64 = 1 << 20;

/// What is in a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embedded {
    /// The XMP packet, as it is.
    pub xmp: Option<Vec<u8>>,
    /// The IPTC keywords.
    pub iptc: Vec<String>,
}

impl Embedded {
    /// Looks into a JPEG, PNG, WebP, TIFF file, a raw file built like one (CR2, NEF, ARW, DNG, PEF,
    /// ORF, RW2), CR3 or RAF. Other files have nothing that is looked at.
    ///
    /// # Errors
    /// Where the photo cannot be read at all.
    pub fn read(photo: &Path) -> io::Result<Self> {
        match open::open_photo(photo)? {
            Some(file) => Self::of(&mut BufReader::new(file)),
            None => Ok(Self::default()),
        }
    }

    /// Looks into a photo's bytes, as [`Embedded::read`] into its file.
    pub fn of_bytes(photo: &[u8]) -> Self {
        // Reading from memory fails only where it ends.
        Self::of(&mut io::Cursor::new(photo)).unwrap_or_default()
    }

    fn of(reader: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut found = Self::default();
        match found.look_into(reader) {
            // The file ends before what it promises.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) if error.kind() == ErrorKind::InvalidInput => {}
            other => other?,
        }
        Ok(found)
    }

    /// The values of the XMP properties, and the flat names that only stand elsewhere.
    pub(crate) fn values(&self) -> (Values, Vec<String>) {
        let values = self.xmp.as_deref().and_then(|xmp| read_values(xmp).ok());
        (values.unwrap_or_default(), self.iptc.clone())
    }

    fn look_into(&mut self, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        let start: [u8; 12] = read(reader)?;
        match &start {
            [0xff, 0xd8, ..] => self.jpeg(reader, 2),
            [0x89, b'P', b'N', b'G', ..] => self.png(reader),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => self.webp(reader),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => self.boxes(reader),
            [b'I', b'I', ..] | [b'M', b'M', ..] => self.tiff(reader, &start),
            _ if start.starts_with(b"FUJIFILMCCD") => {
                reader.seek(SeekFrom::Start(84))?;
                let offset = u64::from(u32::from_be_bytes(read(reader)?));
                self.jpeg(reader, offset + 2)
            }
            _ => Ok(()),
        }
    }

    /// JPEG (ITU T.81, B.1.1): markers with lengths up to the picture itself.
    fn jpeg(&mut self, reader: &mut (impl Read + Seek), start: u64) -> io::Result<()> {
        const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
        const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
        reader.seek(SeekFrom::Start(start))?;
        let mut resources = Vec::new();
        for _ in 0..MAX_PARTS {
            let [mark, marker] = read(reader)?;
            if mark != 0xff {
                break;
            }
            match marker {
                // Padding before a marker.
                0xff => {
                    reader.seek_relative(-1)?;
                    continue;
                }
                // Restart markers and TEM have no length.
                0x01 | 0xd0..=0xd8 => continue,
                // The picture, or the end.
                0xd9 | 0xda => break,
                _ => {}
            }
            let length = u16::from_be_bytes(read(reader)?);
            let Some(length) = length.checked_sub(2) else {
                break;
            };
            if !matches!(marker, 0xe1 | 0xed) {
                reader.seek_relative(i64::from(length))?;
                continue;
            }
            let segment = read_bytes(reader, u64::from(length))?;
            if let Some(packet) = segment.strip_prefix(XMP)
                && self.xmp.is_none()
            {
                self.xmp = Some(packet.to_vec());
            } else if let Some(part) = segment.strip_prefix(PHOTOSHOP)
                && ((resources.len() + part.len()) as u64) < MAX_IPTC_BYTES
            {
                // A block that is too long for a segment goes on in the next.
                resources.extend_from_slice(part);
            }
        }
        self.take_photoshop(&resources);
        Ok(())
    }

    fn take_photoshop(&mut self, resources: &[u8]) {
        if let Some(data) = iptc::in_photoshop(resources) {
            self.iptc.extend(iptc::keywords(data));
        }
    }

    /// PNG: an iTXt chunk (XMP specification part 3, section 1.1.5).
    fn png(&mut self, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        reader.seek(SeekFrom::Start(8))?;
        for _ in 0..MAX_PARTS {
            let length = u32::from_be_bytes(read(reader)?);
            let kind: [u8; 4] = read(reader)?;
            if &kind == b"iTXt" && u64::from(length) <= MAX_SIDECAR_BYTES {
                let chunk = read_bytes(reader, u64::from(length))?;
                if let Some(packet) = itxt(&chunk) {
                    self.xmp = Some(packet);
                    return Ok(());
                }
                reader.seek_relative(4)?;
            } else if &kind == b"IEND" {
                break;
            } else {
                reader.seek_relative(i64::from(length) + 4)?;
            }
        }
        Ok(())
    }

    /// WebP: a RIFF chunk.
    fn webp(&mut self, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        for _ in 0..MAX_PARTS {
            let kind: [u8; 4] = read(reader)?;
            let length = u64::from(u32::from_le_bytes(read(reader)?));
            if &kind == b"XMP " {
                self.xmp = Some(read_bytes(reader, length)?);
                break;
            }
            skip(reader, length.next_multiple_of(2))?;
        }
        Ok(())
    }

    /// ISO base media (CR3 and others): a box of its own kind at the top.
    fn boxes(&mut self, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        const XMP: [u8; 16] = [
            0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3,
            0xaf, 0xac,
        ];
        reader.seek(SeekFrom::Start(0))?;
        for _ in 0..MAX_PARTS {
            let length = u64::from(u32::from_be_bytes(read(reader)?));
            let kind: [u8; 4] = read(reader)?;
            let (length, head) = match length {
                // To the end of the file.
                0 => break,
                1 => (u64::from_be_bytes(read(reader)?), 16),
                _ => (length, 8),
            };
            let Some(content) = length.checked_sub(head) else {
                break;
            };
            if &kind == b"uuid" && content >= 16 {
                let uuid: [u8; 16] = read(reader)?;
                if uuid == XMP {
                    self.xmp = Some(read_bytes(reader, content - 16)?);
                    break;
                }
                skip(reader, content - 16)?;
            } else {
                skip(reader, content)?;
            }
        }
        Ok(())
    }

    /// TIFF 6.0: the tags of the first directory.
    fn tiff(&mut self, reader: &mut (impl Read + Seek), start: &[u8; 12]) -> io::Result<()> {
        const XMP: u16 = 700;
        const IPTC: u16 = 33723;
        const PHOTOSHOP: u16 = 34377;
        let little = start[0] == b'I';
        let short = |pair: [u8; 2]| match little {
            true => u16::from_le_bytes(pair),
            false => u16::from_be_bytes(pair),
        };
        let long = |four: [u8; 4]| match little {
            true => u32::from_le_bytes(four),
            false => u32::from_be_bytes(four),
        };
        // Olympus and Panasonic have numbers of their own in the place of 42.
        let known = [42, 0x4f52, 0x5352, 0x55];
        if !known.contains(&short([start[2], start[3]])) {
            return Ok(());
        }
        let directory = long([start[4], start[5], start[6], start[7]]);
        reader.seek(SeekFrom::Start(u64::from(directory)))?;
        let mut parts = Vec::new();
        for _ in 0..short(read(reader)?) {
            let [t0, t1, k0, k1, c0, c1, c2, c3, offset @ ..] = read::<12>(reader)?;
            let tag = short([t0, t1]);
            let unit = match short([k0, k1]) {
                1 | 2 | 6 | 7 => 1,
                4 | 9 | 13 => 4,
                _ => continue,
            };
            let length = u64::from(long([c0, c1, c2, c3])) * unit;
            let limit = match tag {
                XMP => MAX_SIDECAR_BYTES,
                IPTC | PHOTOSHOP => MAX_IPTC_BYTES,
                _ => continue,
            };
            // Four bytes are in the entry itself, and no such value is that short.
            if (5..=limit).contains(&length) && parts.len() < 8 {
                parts.push((tag, u64::from(long(offset)), length));
            }
        }
        for (tag, offset, length) in parts {
            reader.seek(SeekFrom::Start(offset))?;
            let bytes = read_bytes(reader, length)?;
            match tag {
                XMP => self.xmp = Some(bytes),
                IPTC => self.iptc.extend(iptc::keywords(&bytes)),
                _ if self.iptc.is_empty() => self.take_photoshop(&bytes),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The packet of an iTXt chunk, if it is one: keyword, compression, language, translation, text.
fn itxt(chunk: &[u8]) -> Option<Vec<u8>> {
    let rest = chunk.strip_prefix(b"XML:com.adobe.xmp\0")?;
    let [compressed, _, rest @ ..] = rest else {
        return None;
    };
    let after_zero = |bytes: &'_ [u8]| bytes.iter().position(|&b| b == 0).map(|i| i + 1);
    let rest = &rest[after_zero(rest)?..];
    let text = &rest[after_zero(rest)?..];
    if *compressed == 0 {
        return Some(text.to_vec());
    }
    let mut packet = Vec::new();
    let mut decoder = ZlibDecoder::new(text).take(MAX_SIDECAR_BYTES);
    decoder.read_to_end(&mut packet).ok()?;
    Some(packet)
}

fn read<const BYTES: usize>(reader: &mut impl Read) -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads what is there of `length` bytes; the memory grows with the file, not with its promises.
fn read_bytes(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    if length > MAX_SIDECAR_BYTES {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let mut bytes = Vec::new();
    reader.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn skip(reader: &mut impl Seek, length: u64) -> io::Result<()> {
    match i64::try_from(length) {
        Ok(length) => reader.seek_relative(length),
        Err(_) => Err(ErrorKind::UnexpectedEof.into()),
    }
}
