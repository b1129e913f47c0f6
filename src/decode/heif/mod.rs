//! HEIC, HEIF and AVIF (ISO/IEC 23008-12): the photos of phones.
//!
//! The container determines how a picture is turned (`irot`, `imir`), whatever its EXIF says.
//! Pictures are coded by HEVC, which `heifer` decodes, or by AV1 (`av1`).

#[cfg(feature = "avif")]
pub(super) mod av1;
pub(super) mod chroma;
mod fault;
mod item;

use heifer::heifer_isobmff::boxes::{ColorInfo, Property};
use heifer::heifer_isobmff::{BoxIter, HeifFile, ItemId};
use image::ColorType;

use crate::core::item_places;
use crate::core::pixels::Pixels;
use crate::decode::budget::PICTURES;
use crate::decode::colour::{self, Alpha};
use crate::decode::error::Fault;
use crate::decode::heif::fault::container_fault;
use crate::decode::icc;
use crate::decode::limits::{Cost, Limits};
use crate::decode::raster::Loaded;

/// Bytes per pixel that decoding takes besides the RGBA result: planes, reference planes, a row of
/// tiles, and colour samples for every pixel.
const DECODER_BYTES: u64 = 5 + chroma::BYTES;
/// The sides of coded pictures are multiples of this.
const BLOCK: u64 = 64;
/// See [`parse`].
const MOST_DESCRIPTION_BYTES: usize = 1 << 20;
/// H.273 colour primaries: those of Display P3.
pub(super) const P3_PRIMARIES: u16 = 12;
/// H.273 transfer characteristics PQ and HLG, which are not converted.
pub(super) const HDR_TRANSFERS: [u16; 2] = [16, 18];
/// A thumbnail with other proportions shows something else. Sides are rounded to whole pixels,
/// often to even numbers.
const PROPORTION_TOLERANCE: f64 = 0.02;

/// Decodes the primary picture.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let file = parse(bytes)?;
    let (width, height) = size(&file, file.primary_id)?;
    limits.admit_size(width, height)?;
    let pixels = u64::from(width) * u64::from(height);
    let cost = Cost {
        file: 0,
        samples: pixels * 4,
        decoder: pixels * DECODER_BYTES,
        turned: true,
    };
    let peak = limits.admit(width, height, cost)?;
    let share = PICTURES.take(peak, limits.max_bytes);
    let pixels = picture(&file, file.primary_id, (width, height))?;
    Ok(Loaded::new(pixels, true, share))
}

/// Returns the smallest thumbnail of the primary picture with at least so many pixels on its
/// shorter side, and the upright size of the primary picture.
pub(super) fn thumbnail(bytes: &[u8], shorter_side: u32) -> Option<(Pixels, (u32, u32))> {
    let file = parse(bytes).ok()?;
    let whole = size(&file, file.primary_id).ok()?;
    let thumbnails = file.referencing_items(file.primary_id, b"thmb");
    let fitting = thumbnails.into_iter().filter_map(|id| {
        let (width, height) = size(&file, id).ok()?;
        let large = width.min(height) >= shorter_side;
        let smaller = width <= whole.0 && height <= whole.1;
        (large && smaller).then_some((u64::from(width) * u64::from(height), id, (width, height)))
    });
    let (_, id, size) = fitting.min()?;
    let pixels = picture(&file, id, size).ok()?;
    let turned = file.item_properties(file.primary_id).ok()?;
    let quarters: u8 = turned
        .map(|property| match property {
            Property::Rotation(quarters) => *quarters,
            _ => 0,
        })
        .sum();
    let upright = match quarters % 2 {
        0 => whole,
        _ => (whole.1, whole.0),
    };
    let proportion = |(width, height): (u32, u32)| f64::from(width) / f64::from(height);
    let ratio = proportion((pixels.width(), pixels.height())) / proportion(upright);
    ((ratio - 1.0).abs() <= PROPORTION_TOLERANCE).then_some((pixels, upright))
}

/// Parses the container. The description of its items takes some kilobytes; a much larger one may
/// have so many items that assembling them takes too long.
fn parse(bytes: &[u8]) -> Result<HeifFile<'_>, Fault> {
    for part in BoxIter::new(bytes) {
        let part = part.map_err(container_fault)?;
        if part.header.box_type.0 != *b"meta" {
            continue;
        }
        if part.content.len() > MOST_DESCRIPTION_BYTES {
            return Err(Fault::damaged("it describes more than a picture has"));
        }
        if !item_places::are_there(part.content) {
            return Err(Fault::damaged(
                "it describes pieces of items that are not there",
            ));
        }
    }
    HeifFile::parse(bytes).map_err(container_fault)
}

/// Decodes a picture of the file, upright, in sRGB. `size` is the container's.
fn picture(file: &HeifFile<'_>, id: ItemId, size: (u32, u32)) -> Result<Pixels, Fault> {
    let blocks = |side: u32| u64::from(side).next_multiple_of(BLOCK);
    // A stream larger than the container's size is refused.
    let max_pixels = blocks(size.0) * blocks(size.1);
    let image = item::decode(file, id, max_pixels)?;
    let alpha = match file.referenced_items(id, b"prem") {
        [] => Alpha::Straight,
        _ => Alpha::Associated,
    };
    let mut rgb = colour::to_rgb(image.data, ColorType::Rgba8, alpha)?;
    match colours(file, id) {
        Colours::Profile(profile) => icc::to_srgb(&mut rgb, profile),
        Colours::DisplayP3 => icc::display_p3_to_srgb(&mut rgb),
        Colours::Srgb => {}
    }
    Pixels::new(image.width, image.height, rgb)
        .ok_or_else(|| Fault::damaged("the number of its samples is wrong"))
}

/// The colour space of a picture.
enum Colours<'a> {
    Srgb,
    DisplayP3,
    Profile(&'a [u8]),
}

fn colours<'a>(file: &'a HeifFile<'_>, id: ItemId) -> Colours<'a> {
    // Tiles have the colours if their grid does not give any, and a thumbnail has those of its
    // picture.
    let tile = file.referenced_items(id, b"dimg").first().copied();
    for id in [Some(id), tile, Some(file.primary_id)]
        .into_iter()
        .flatten()
    {
        if let Ok(Some(profile)) = file.icc_profile(id) {
            return Colours::Profile(profile);
        }
        let Ok(properties) = file.item_properties(id) else {
            continue;
        };
        for property in properties {
            let &Property::Color(ColorInfo::Nclx {
                primaries,
                transfer,
                ..
            }) = property
            else {
                continue;
            };
            return match primaries == P3_PRIMARIES && !HDR_TRANSFERS.contains(&transfer) {
                true => Colours::DisplayP3,
                false => Colours::Srgb,
            };
        }
    }
    Colours::Srgb
}

fn size(file: &HeifFile<'_>, id: ItemId) -> Result<(u32, u32), Fault> {
    file.image_size(id)
        .ok()
        .flatten()
        .filter(|&(width, height)| width > 0 && height > 0)
        .ok_or_else(|| Fault::damaged("it does not say how large its picture is"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::test_boxes::boxed;

    /// The parser would reserve 6 GB for these 24 KB.
    #[test]
    fn pieces_that_are_not_there_are_refused_before_they_cost_memory() {
        let items = [
            &[0, 0, 0, 0, 0, 0, 0x0f, 0xff][..],
            &[0, 7, 0, 0, 0xff, 0xff].repeat(4095),
        ];
        let meta = [&[0; 4], &boxed(b"iloc", &[&items.concat()])[..]].concat();
        let file = [boxed(b"ftyp", &[b"heic\0\0\0\0"]), boxed(b"meta", &[&meta])].concat();
        let refused = parse(&file).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("not there"), "{refused}");
    }
}
