//! Finds a photo's EXIF, which some formats split into blocks.

use std::io::{self, BufRead, Read, Seek};

use exif::{Context, Exif, Field, In, Rational, Reader, SRational, Tag, Value};

use crate::decode::notes::{Directory, Space};
use crate::decode::plain_text::plain_text;

/// Raw files have their EXIF within so many bytes.
const HEAD_BYTES: u64 = 1 << 20;

/// The EXIF of a photo.
#[derive(Default)]
pub(super) struct ExifBlocks {
    blocks: Vec<Block>,
}

struct Block {
    exif: Exif,
    /// The context of the block's tags, if its first directory is not the photo's.
    only: Option<Context>,
}

/// Whether the parser does not know the format of a file that begins like this.
fn is_unknown_to_parser(start: &[u8]) -> bool {
    const STARTS: [&[u8]; 6] = [
        b"IIR",
        b"IIU",
        b"MMO",
        b"FUJIFILMCCD",
        b"\0MRM",
        b"\0\0\0\x0cJXL ",
    ];
    let is_cr3 = start.get(4..12) == Some(b"ftypcrx ");
    is_cr3 || STARTS.iter().any(|mark| start.starts_with(mark))
}

impl ExifBlocks {
    /// Reads all EXIF that is undamaged.
    pub(super) fn read(reader: &mut (impl BufRead + Seek)) -> Self {
        Self::find(reader).unwrap_or_default()
    }

    fn find(reader: &mut (impl BufRead + Seek)) -> io::Result<Self> {
        if !is_unknown_to_parser(reader.fill_buf()?) {
            let mut parser = Reader::new();
            parser.continue_on_error(true);
            let whole = parser.read_from_container(reader);
            return Ok(Self::of([(whole, None)]));
        }
        let mut head = Vec::new();
        reader.take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(Self::of_raw(head))
    }

    /// Reads formats that the parser does not know.
    fn of_raw(mut head: Vec<u8>) -> Self {
        let raw = |block: Vec<u8>| {
            let mut parser = Reader::new();
            parser.continue_on_error(true);
            parser.read_raw(block)
        };
        // Olympus and Panasonic have other numbers in place of TIFF's 42.
        if let [b'I', b'I', a, b, ..] | [b'M', b'M', b, a, ..] = &mut head[..] {
            (*a, *b) = (42, 0);
            return Self::of([(raw(head), None)]);
        }
        // Canon's CR3 has a box with a TIFF file for each directory.
        let boxes = [
            (b"CMT1", Context::Tiff),
            (b"CMT2", Context::Exif),
            (b"CMT4", Context::Gps),
        ];
        let boxes: Vec<_> = boxes
            .iter()
            .filter_map(|(name, context)| {
                let at = memchr::memmem::find(&head, *name)?;
                let length = head.get(at.checked_sub(4)?..at)?.try_into().ok()?;
                let end = (at - 4).checked_add(u32::from_be_bytes(length) as usize)?;
                Some((raw(head.get(at + 4..end)?.to_vec()), Some(*context)))
            })
            .collect();
        if !boxes.is_empty() {
            return Self::of(boxes);
        }
        // JPEG XL has EXIF in a box, Fujifilm in a JPEG, and Minolta in a block with a TIFF file.
        let inside = [(&b"Exif\0\0\0\0"[..], 8), (b"Exif\0\0", 6), (b"\0TTW", 8)];
        let found = inside.iter().find_map(|(mark, length)| {
            let at = memchr::memmem::find(&head, mark)?;
            head.get(at + length..).map(<[u8]>::to_vec)
        });
        Self::of(found.map(|block| (raw(block), None)))
    }

    fn of(read: impl IntoIterator<Item = (Result<Exif, exif::Error>, Option<Context>)>) -> Self {
        let blocks = read.into_iter().filter_map(|(exif, only)| {
            let exif = exif
                .or_else(|error| error.distill_partial_result(|_| ()))
                .ok()?;
            Some(Block { exif, only })
        });
        Self {
            blocks: blocks.collect(),
        }
    }

    /// The photo's field with this tag.
    pub(super) fn field(&self, tag: Tag) -> Option<&Field> {
        self.found(tag).map(|(_, field)| field)
    }

    fn found(&self, tag: Tag) -> Option<(&Exif, &Field)> {
        self.blocks.iter().find_map(|block| {
            let exif = &block.exif;
            let field = match block.only {
                None => exif.get_field(tag, In::PRIMARY),
                Some(context) if context == tag.context() => {
                    let there = Tag(Context::Tiff, tag.number());
                    exif.get_field(there, In::PRIMARY)
                }
                Some(_) => None,
            };
            Some((exif, field?))
        })
    }

    /// A field's text.
    pub(super) fn text(&self, tag: Tag) -> Option<String> {
        match &self.field(tag)?.value {
            Value::Ascii(parts) => plain_text(parts.first()?),
            _ => None,
        }
    }

    /// A field's fractions. Some phones write all of them with a sign.
    pub(super) fn rationals(&self, tag: Tag) -> Option<Vec<f64>> {
        match &self.field(tag)?.value {
            Value::Rational(values) => Some(values.iter().map(Rational::to_f64).collect()),
            Value::SRational(values) => Some(values.iter().map(SRational::to_f64).collect()),
            _ => None,
        }
    }

    /// A field's bytes.
    pub(super) fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match &self.field(tag)?.value {
            Value::Byte(bytes) | Value::Undefined(bytes, _) => Some(bytes),
            _ => None,
        }
    }

    /// The maker's own notes: what their places count from, where in it they are, and their length.
    pub(super) fn maker_notes(&self) -> Option<(Space<'_>, usize, usize)> {
        let (exif, field) = self.found(Tag::MakerNote)?;
        let Value::Undefined(notes, place) = &field.value else {
            return None;
        };
        Some((space(exif), *place as usize, notes.len()))
    }

    /// The directory that a photo's TIFF header leads to; `None` if there is a file for each directory.
    pub(super) fn first_directory(&self) -> Option<Directory<'_>> {
        let block = self.blocks.iter().find(|block| block.only.is_none())?;
        space(&block.exif).first_directory()
    }
}

fn space(exif: &Exif) -> Space<'_> {
    Space {
        bytes: exif.buf(),
        first: 0,
        little_endian: exif.little_endian(),
    }
}
