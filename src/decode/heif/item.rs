//! Decodes a picture of the container: a coded one or a grid of these, with its alpha.

use heifer::Image;
use heifer::color::{ColorParams, frame_to_rgba_sized};
#[cfg(feature = "heic")]
use heifer::heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer::heifer_hevc_dec::recon::Frame;
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};
use heifer::heifer_isobmff::{HeifFile, ItemId};

use crate::decode::error::Fault;
#[cfg(feature = "avif")]
use crate::decode::heif::av1;
use crate::decode::heif::chroma;
use crate::decode::heif::fault::container_fault;

/// The kinds of auxiliary pictures that hold alpha.
const ALPHA_KINDS: [&str; 2] = [
    "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    "urn:mpeg:hevc:2015:auxid:1",
];
/// No camera nests grids.
const MOST_LEVELS: u32 = 2;

/// Decodes a picture of at most `max_pixels`, upright.
pub(super) fn decode(file: &HeifFile<'_>, id: ItemId, max_pixels: u64) -> Result<Image<u8>, Fault> {
    transformed(file, id, max_pixels, 0)
}

fn transformed(
    file: &HeifFile<'_>,
    id: ItemId,
    max_pixels: u64,
    level: u32,
) -> Result<Image<u8>, Fault> {
    let mut image = decode_untransformed(file, id, max_pixels, level)?;
    if let Some(alpha) = alpha_item(file, id)? {
        let alpha = decode_untransformed(file, alpha, max_pixels, level)?;
        attach_alpha(&mut image, &alpha)?;
    }
    let properties: Vec<_> = file.item_properties(id).map_err(container_fault)?.collect();
    // In this order, whatever the order of the properties (MIAF, ISO/IEC 23000-22, 7.3.6.7).
    for property in &properties {
        if let Property::CleanAperture {
            width,
            height,
            horiz_offset,
            vert_offset,
        } = **property
        {
            image = crop(&image, [width, height], [horiz_offset, vert_offset])?;
        }
    }
    for property in &properties {
        if let Property::Rotation(quarters @ 1..) = **property {
            image = image.rotate_ccw(quarters);
        }
    }
    for property in &properties {
        if let Property::Mirror(top_bottom) = **property {
            image = image.mirror(top_bottom);
        }
    }
    Ok(image)
}

/// The picture as coded, with opaque alpha.
fn decode_untransformed(
    file: &HeifFile<'_>,
    id: ItemId,
    max_pixels: u64,
    level: u32,
) -> Result<Image<u8>, Fault> {
    let inner = match &file.item(id).map_err(container_fault)?.item_type.0 {
        #[cfg(feature = "heic")]
        b"hvc1" | b"hev1" => {
            let stream = file.hevc_bitstream(id).map_err(container_fault)?;
            let options = DecodeOptions {
                max_pixels,
                ..DecodeOptions::default()
            };
            let frame = decode_picture(&stream, options);
            return coded(file, id, frame.map_err(|e| Fault::damaged(&e.to_string()))?);
        }
        #[cfg(feature = "avif")]
        b"av01" => {
            let stream = file.item_data(id).map_err(container_fault)?;
            return coded(file, id, av1::decode(stream.into_owned(), max_pixels)?);
        }
        b"grid" if level < MOST_LEVELS => return decode_grid(file, id, max_pixels, level),
        b"iden" if level < MOST_LEVELS => file.referenced_items(id, b"dimg"),
        kind => {
            return Err(Fault::Unsupported {
                format: format!("HEIF with a picture of the kind {}", kind.escape_ascii()),
            });
        }
    };
    match *inner {
        [inner] => transformed(file, inner, max_pixels, level + 1),
        _ => Err(Fault::damaged(
            "it does not say what its picture consists of",
        )),
    }
}

/// Converts a frame to its colours. The container gives its size; coded pixels beyond that fill up
/// blocks.
fn coded(file: &HeifFile<'_>, id: ItemId, frame: Frame) -> Result<Image<u8>, Fault> {
    let size = file.image_size(id).map_err(container_fault)?;
    let (width, height) = size.unwrap_or((frame.widths[0], frame.heights[0]));
    let of_stream = || ColorParams::from_frame(&frame);
    let parameters = parameters(file, id).unwrap_or_else(of_stream);
    let frame = chroma::at_every_pixel(frame);
    Ok(frame_to_rgba_sized(&frame, parameters, width, height))
}

fn decode_grid(
    file: &HeifFile<'_>,
    id: ItemId,
    max_pixels: u64,
    level: u32,
) -> Result<Image<u8>, Fault> {
    let grid = file.grid(id).map_err(container_fault)?;
    let (width, height) = (grid.output_width, grid.output_height);
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(Fault::damaged(
            "its tiles make a larger picture than it says",
        ));
    }
    let tiles = file.referenced_items(id, b"dimg");
    let columns = usize::from(grid.columns);
    if tiles.len() != usize::from(grid.rows) * columns {
        return Err(Fault::damaged("it has too few or too many tiles"));
    }
    let mut canvas = Image::filled_samples(width, height, 8, [0, 0, 0, 255]);
    let mut first = None;
    for (at, &tile) in tiles.iter().enumerate() {
        let tile = decode_untransformed(file, tile, max_pixels, level + 1)?;
        let size = (tile.width as usize, tile.height as usize);
        let &mut (tile_width, tile_height) = first.get_or_insert(size);
        if size != (tile_width, tile_height) {
            return Err(Fault::damaged("its tiles have several sizes"));
        }
        place(
            &mut canvas,
            &tile,
            at % columns * tile_width,
            at / columns * tile_height,
        );
    }
    Ok(canvas)
}

/// Copies the part of the tile that is on the canvas.
fn place(canvas: &mut Image<u8>, tile: &Image<u8>, x: usize, y: usize) {
    const CHANNELS: usize = 4;
    let stride = canvas.width as usize * CHANNELS;
    let tile_stride = tile.width as usize * CHANNELS;
    if stride == 0 || tile_stride == 0 {
        return;
    }
    let rows = canvas.data.chunks_exact_mut(stride).skip(y);
    for (row, from) in rows.zip(tile.data.chunks_exact(tile_stride)) {
        if let Some(row) = row.get_mut(x * CHANNELS..) {
            let shared = row.len().min(tile_stride);
            row[..shared].copy_from_slice(&from[..shared]);
        }
    }
}

fn alpha_item(file: &HeifFile<'_>, id: ItemId) -> Result<Option<ItemId>, Fault> {
    for auxiliary in file.referencing_items(id, b"auxl") {
        let mut properties = file.item_properties(auxiliary).map_err(container_fault)?;
        let is_alpha = |property: &Property| match property {
            Property::AuxiliaryType(kind) => ALPHA_KINDS.contains(&kind.as_str()),
            _ => false,
        };
        if properties.any(is_alpha) {
            return Ok(Some(auxiliary));
        }
    }
    Ok(None)
}

/// Makes the grey of one picture the opacity of the other.
fn attach_alpha(image: &mut Image<u8>, alpha: &Image<u8>) -> Result<(), Fault> {
    if (alpha.width, alpha.height) != (image.width, image.height) {
        return Err(Fault::damaged(
            "its alpha has another size than its picture",
        ));
    }
    for (pixel, alpha) in image
        .data
        .chunks_exact_mut(4)
        .zip(alpha.data.chunks_exact(4))
    {
        if let ([.., opacity], [grey, ..]) = (pixel, alpha) {
            *opacity = *grey;
        }
    }
    Ok(())
}

/// The arguments are numerators and denominators: the sides, and the offset of the centre from the
/// picture's.
fn crop(
    image: &Image<u8>,
    sides: [(u32, u32); 2],
    offsets: [(i32, u32); 2],
) -> Result<Image<u8>, Fault> {
    let wrong = || Fault::damaged("the visible part of its picture is not valid");
    if sides.iter().any(|side| side.1 == 0) || offsets.iter().any(|offset| offset.1 == 0) {
        return Err(wrong());
    }
    let span = |whole: u32, side: (u32, u32), offset: (i32, u32)| {
        let side = f64::from(side.0) / f64::from(side.1);
        let middle = f64::from(whole) / 2.0 + f64::from(offset.0) / f64::from(offset.1);
        let from = (middle - side / 2.0).round().max(0.0);
        (from as u32, side.round() as u32)
    };
    let (x, width) = span(image.width, sides[0], offsets[0]);
    let (y, height) = span(image.height, sides[1], offsets[1]);
    let cropped = image.crop(x, y, width, height);
    match cropped.width > 0 && cropped.height > 0 {
        true => Ok(cropped),
        false => Err(wrong()),
    }
}

/// The container's interpretation of samples, which overrides the stream's.
fn parameters(file: &HeifFile<'_>, id: ItemId) -> Option<ColorParams> {
    file.item_properties(id)
        .ok()?
        .find_map(|property| match *property {
            Property::Color(ColorInfo::Nclx {
                matrix, full_range, ..
            }) => Some(ColorParams { matrix, full_range }),
            _ => None,
        })
}
