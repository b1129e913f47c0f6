//! The metadata inside a photo: XMP, IPTC keywords and Windows' EXIF keywords.
//!
//! Only what leads there is read: segments, chunks and directories are skipped by their lengths,
//! and nothing is larger in memory than the limits below. Damage means that there is nothing to
//! read, not that the photo cannot have a sidecar.

mod bytes;
mod gif;
mod jpeg;
mod media_boxes;
mod png;
mod tiff;
mod webp;

use std::collections::HashSet;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::core::text::folded;
use crate::sidecar::read::embedded::bytes::read;
use crate::sidecar::read::iptc::{self, Iptc};
use crate::sidecar::read::keywords::{Keywords, Values, read_values};
use crate::sidecar::read::open;

/// Segments, chunks, boxes or directory entries that are looked at.
const MAX_PARTS: usize = 100_000;

/// What is in a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// The XMP packet, as it is.
    pub(crate) xmp: Option<Vec<u8>>,
    /// What did not fit into a JPEG's one segment for XMP: a packet of its own.
    pub(crate) extended_xmp: Option<Vec<u8>>,
    /// The IPTC keywords.
    pub(crate) iptc: Iptc,
    /// The keywords that Windows writes into EXIF (`XPKeywords`).
    pub(crate) windows: Vec<String>,
}

impl Embedded {
    /// Looks into a JPEG, PNG, GIF, WebP, TIFF file, a raw file built like one (CR2, NEF, ARW, DNG,
    /// PEF, ORF, RW2), CR3, JPEG XL, JPEG 2000 or RAF. Other files have nothing that is looked at.
    ///
    /// # Errors
    /// Where the photo cannot be read at all.
    pub(crate) fn read(photo: &Path) -> io::Result<Self> {
        match open::open_photo(photo)? {
            Some(file) => Self::of(&mut BufReader::new(file)),
            None => Ok(Self::default()),
        }
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

    /// Takes a packet, unless there is one already.
    fn take_xmp(&mut self, packet: Vec<u8>) {
        if self.xmp.is_none() {
            self.xmp = Some(packet);
        }
    }

    /// Takes IPTC data, as it is or inside Photoshop's resources, unless there is some already.
    fn take_iptc(&mut self, data: &[u8]) {
        let data = match data.starts_with(b"8BIM") {
            true => iptc::in_photoshop(data),
            false => Some(data),
        };
        if let Some(data) = data
            && self.iptc.is_empty()
        {
            self.iptc = Iptc::read(data);
        }
    }

    /// Takes EXIF data, with or without the six letters before it.
    fn take_exif(&mut self, data: &[u8]) {
        let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
        // Damage ends it; what was found before counts.
        let _ = tiff::read_tiff(self, &mut io::Cursor::new(data));
    }

    /// The values of the XMP properties, and the flat names that only stand elsewhere.
    ///
    /// XMP is the newer and says more: what IPTC and EXIF have besides counts only if it is no
    /// other spelling of a keyword in XMP, cut off or in another code page.
    pub(crate) fn values(&self) -> (Values, Vec<String>) {
        let packets = [&self.xmp, &self.extended_xmp];
        let read =
            |packet: &Option<Vec<u8>>| packet.as_deref().and_then(|xmp| read_values(xmp).ok());
        let mut values = Values::default();
        for packet in packets.into_iter().filter_map(read) {
            for (all, more) in values.iter_mut().zip(packet) {
                all.extend(more);
            }
        }
        let known: HashSet<String> = Keywords::of(&values).names();
        let mut plain = self.iptc.keywords_beside(&known);
        let named: HashSet<String> = plain.iter().map(|name| folded(name)).collect();
        let is_new = |name: &&String| {
            let name = folded(name);
            !known.contains(&name) && !named.contains(&name)
        };
        plain.extend(self.windows.iter().filter(is_new).cloned());
        (values, plain)
    }
}
