//! HEIC and AVIF: metadata are items of the container (ISO/IEC 23008-12, annex A).

use std::io::{self, Read, Seek, SeekFrom};

use heifer::heifer_isobmff::boxes::ConstructionMethod;
use heifer::heifer_isobmff::{HeifFile, Item};

use crate::core::item_places;
use crate::core::panics::contained;
use crate::sidecar::read::embedded::bytes::read_bytes;
use crate::sidecar::read::embedded::contents::Embedded;
use crate::sidecar::read::embedded::tiff;

/// The box that describes items takes some kilobytes. A larger one may have so many items that
/// assembling them takes too long.
const MOST_DESCRIPTION_BYTES: usize = 1 << 20;

/// Reads the metadata items described by `description`, the content of a `meta` box. Files that are
/// not pictures are left alone.
pub(super) fn read_items(
    found: &mut Embedded,
    description: &[u8],
    reader: &mut (impl Read + Seek),
) -> io::Result<()> {
    if description.len() > MOST_DESCRIPTION_BYTES || !item_places::are_there(description) {
        return Ok(());
    }
    // The parser expects a file.
    let length = u32::try_from(description.len() + 8).unwrap_or_default();
    let head = [
        b"\0\0\0\x10ftypmif1\0\0\0\0",
        &length.to_be_bytes()[..],
        b"meta",
    ];
    let container = [&head.concat(), description].concat();
    let Ok(Ok(file)) = contained(|| HeifFile::parse(&container)) else {
        return Ok(());
    };
    for item in &file.items {
        let is_exif = item.item_type.0 == *b"Exif";
        let is_xmp = item.content_type.as_deref() == Some("application/rdf+xml");
        if !is_exif && !is_xmp {
            continue;
        }
        let Some(data) = content(&file, item, reader)? else {
            continue;
        };
        match is_xmp {
            true => found.take_xmp(data),
            // The item starts with the offset of its EXIF block.
            false => {
                let Some((offset, rest)) = data.split_first_chunk::<4>() else {
                    continue;
                };
                let offset = u32::from_be_bytes(*offset) as usize;
                if let Some(exif) = rest.get(offset..) {
                    tiff::read_exif(found, exif);
                }
            }
        }
    }
    Ok(())
}

/// An item's data; `None` if the file does not contain it.
fn content(
    file: &HeifFile<'_>,
    item: &Item,
    reader: &mut (impl Read + Seek),
) -> io::Result<Option<Vec<u8>>> {
    let Some(location) = &item.location else {
        return Ok(None);
    };
    if location.construction_method != ConstructionMethod::File {
        let data = contained(|| file.item_data(item.id).map(|data| data.into_owned()));
        return Ok(data.ok().and_then(Result::ok));
    }
    let mut data = Vec::new();
    for extent in &location.extents {
        reader.seek(SeekFrom::Start(extent.offset))?;
        data.extend(read_bytes(reader, extent.length)?);
    }
    Ok(Some(data))
}
