//! The metadata inside a photo: XMP, IPTC keywords and Windows' EXIF keywords.
//!
//! Segments, chunks and directories that do not lead there are skipped by their lengths, and the
//! limits below bound memory. A damaged photo counts as one without metadata; it can still have a
//! sidecar.

mod bytes;
mod contents;
mod gif;
mod heif_items;
pub(crate) mod jpeg;
mod media_boxes;
mod png;
mod tiff;
mod webp;

use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::sidecar::read::embedded::bytes::read;
use crate::sidecar::read::open;

pub(crate) use contents::Embedded;

impl Embedded {
    /// Reads a JPEG, PNG, GIF, WebP or TIFF file, a raw file built like one (CR2, NEF, ARW, DNG,
    /// PEF, ORF, RW2), HEIC, AVIF, CR3, JPEG XL, JPEG 2000 or RAF. Other files count as without
    /// metadata.
    ///
    /// # Errors
    /// If the photo cannot be read at all.
    pub(crate) fn read(photo: &Path) -> io::Result<Self> {
        match open::open_photo(photo)? {
            Some(file) => Self::of(&mut BufReader::new(file)),
            None => Ok(Self::default()),
        }
    }

    /// Like [`Embedded::read`], from memory.
    pub(crate) fn of_bytes(photo: &[u8]) -> Self {
        Self::of(&mut io::Cursor::new(photo)).unwrap_or_default()
    }

    fn of(reader: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut found = Self::default();
        match found.look_into(reader) {
            // The file ends before its promised length.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) if error.kind() == ErrorKind::InvalidInput => {}
            other => other?,
        }
        Ok(found)
    }

    fn look_into(&mut self, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        let start: [u8; 12] = read(reader)?;
        match &start {
            [0xff, 0xd8, ..] => jpeg::read_jpeg(self, reader, 2),
            [0x89, b'P', b'N', b'G', ..] => png::read_png(self, reader),
            [b'G', b'I', b'F', b'8', ..] => gif::read_gif(self, reader),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => {
                webp::read_webp(self, reader)
            }
            [_, _, _, _, b'f' | b'J' | b'j', b't' | b'X' | b'P', ..] => {
                media_boxes::read_boxes(self, reader)
            }
            [b'I', b'I', ..] | [b'M', b'M', ..] => tiff::read_tiff(self, reader),
            _ if start.starts_with(b"FUJIFILMCCD") => {
                reader.seek(SeekFrom::Start(84))?;
                let offset = u64::from(u32::from_be_bytes(read(reader)?));
                jpeg::read_jpeg(self, reader, offset + 2)
            }
            _ => Ok(()),
        }
    }
}
