//! Identifies a file's format by its content.

use std::path::Path;

use crate::decode::error::Fault;
use crate::decode::raw;

/// A supported format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Bmp,
    Gif,
    /// HEIC and AVIF.
    Heif,
    Jpeg,
    /// JPEG XL.
    Jxl,
    Png,
    /// With its relatives PBM, PGM, PPM and PAM.
    Pnm,
    /// A camera's raw file, read through its embedded JPEG.
    Raw,
    Tiff,
    /// MP4, MOV, M4V.
    Video,
    WebP,
}

/// Supported formats, by their first bytes.
const READ: &[(&[u8], Format)] = &[
    (b"\xff\xd8\xff", Format::Jpeg),
    (b"\x89PNG\r\n\x1a\n", Format::Png),
    (b"GIF87a", Format::Gif),
    (b"GIF89a", Format::Gif),
    (b"II*\0", Format::Tiff),
    (b"MM\0*", Format::Tiff),
    (b"II+\0", Format::Tiff),
    (b"MM\0+", Format::Tiff),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Format::Jxl),
    (b"\xff\x0a", Format::Jxl),
    (b"BM", Format::Bmp),
    (b"P1", Format::Pnm),
    (b"P2", Format::Pnm),
    (b"P3", Format::Pnm),
    (b"P4", Format::Pnm),
    (b"P5", Format::Pnm),
    (b"P6", Format::Pnm),
    (b"P7", Format::Pnm),
];

/// Brands of pictures in ISO base media containers (`ftyp` at byte 4).
const HEIF_BRANDS: &[&[u8; 4]] = &[
    b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2",
    b"msf1", b"miaf",
];
/// How much of the box that lists brands is read.
const MOST_BRAND_BYTES: usize = 256;

/// The boxes that an older QuickTime file begins with.
const VIDEO_BOXES: [&[u8; 4]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];

/// Common formats that Taglens does not read, by their first bytes.
const UNREAD: &[(&[u8], &str)] = &[
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "Photoshop (PSD)"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG"),
    (b"gimp xcf", "GIMP (XCF)"),
    // Pictures of games, film and icons, not photographs.
    (b"DDS ", "DirectDraw (DDS)"),
    (b"v/1\x01", "OpenEXR"),
    (b"farbfeld", "farbfeld"),
    (b"#?RADIANCE", "Radiance (HDR)"),
    (b"#?RGBE", "Radiance (HDR)"),
    (b"qoif", "QOI"),
    (b"\0\0\x01\0", "an icon (ICO)"),
];

/// The format of a file. The name only matters for raw files that look like any TIFF file.
pub(super) fn identify(bytes: &[u8], name: &Path) -> Result<Format, Fault> {
    if raw::is_raw(bytes, name) {
        return Ok(Format::Raw);
    }
    if is_heif(bytes) {
        return Ok(Format::Heif);
    }
    if let Some(name) = unread(bytes) {
        return Err(Fault::Unsupported {
            format: name.to_owned(),
        });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::WebP);
    }
    if is_video(bytes) {
        return Ok(Format::Video);
    }
    let read = READ.iter().find(|(mark, _)| bytes.starts_with(mark));
    read.map(|&(_, format)| format).ok_or(Fault::Unknown)
}

fn unread(bytes: &[u8]) -> Option<&'static str> {
    let by_start = UNREAD.iter().find(|(mark, _)| bytes.starts_with(mark));
    if let Some((_, name)) = by_start {
        return Some(name);
    }
    None
}

/// Whether the file is an ISO or QuickTime container, other than of pictures. QuickTime's oldest have no
/// box that says so.
pub(super) fn is_video(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return false;
    };
    let fits = |name: &&[u8; 4]| rest.starts_with(*name);
    let sound = u32::from_be_bytes(*length) >= 8 || length == &[0, 0, 0, 1];
    let is_picture = is_heif(bytes) || rest.starts_with(b"ftypcrx ");
    rest.starts_with(b"ftyp") && !is_picture || sound && VIDEO_BOXES.iter().any(fits)
}

/// Whether the major brand or a compatible one is of pictures.
fn is_heif(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return false;
    };
    if !rest.starts_with(b"ftyp") {
        return false;
    }
    let length = (u32::from_be_bytes(*length) as usize).clamp(12, MOST_BRAND_BYTES);
    let brands = bytes.get(8..length.min(bytes.len())).unwrap_or_default();
    let (brands, _) = brands.as_chunks::<4>();
    brands.iter().any(|brand| HEIF_BRANDS.contains(&brand))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Format::Png),
            (b"RIFF\0\0\0\0WEBPVP8 ", Format::WebP),
            (b"P7\nWIDTH 1", Format::Pnm),
            (b"\xff\x0a\x01", Format::Jxl),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Format::Heif),
            (b"\0\0\0\x1cftypavif\0\0\0\0", Format::Heif),
            (b"\0\0\0\x18ftypMSNV\0\0\0\0mif1heic", Format::Heif),
            (b"\0\0\0\x1cftypisom\0\0\0\0", Format::Video),
            (b"\0\0\x02\0moov\0\0\0\0", Format::Video),
        ] {
            let found = identify(bytes, Path::new("a.jpg")).unwrap();
            assert_eq!(found, expected);
        }
        for bytes in [&b"Dear diary"[..], b"RIFF\0\0\0\0WAVE", b""] {
            assert!(matches!(
                identify(bytes, Path::new("a.jpg")),
                Err(Fault::Unknown)
            ));
        }
    }

    #[test]
    fn unread_formats_are_named() {
        let cases: &[(&[u8], &str)] = &[
            (b"\0\0\0\x0cjP  \r\n\x87\n\0\0", "JPEG 2000"),
            (b"qoif\0\0", "QOI"),
        ];
        for (bytes, name) in cases {
            let message = identify(bytes, Path::new("a.jpg")).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.contains("export"), "{message}");
        }
    }
}
