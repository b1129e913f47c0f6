//! What a file is, by its content.

use std::path::Path;

use image::ImageFormat;

use crate::decode::error::Fault;

/// Containers of the ISO base media kind (`ftyp` at byte 4), by their major brand.
const BRANDS: &[(&[u8], &str)] = &[
    (b"avif", "AVIF"),
    (b"avis", "AVIF"),
    (b"heic", "HEIC"),
    (b"heix", "HEIC"),
    (b"heim", "HEIC"),
    (b"heis", "HEIC"),
    (b"hevc", "HEIC"),
    (b"hevx", "HEIC"),
    (b"mif1", "HEIF"),
    (b"msf1", "HEIF"),
    (b"crx ", "Canon raw (CR3)"),
];

/// Formats that people's photo folders have and that Taglens does not read, by their first bytes.
const UNREAD: &[(&[u8], &str)] = &[
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop (PSD)"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG"),
    (b"gimp xcf", "GIMP (XCF)"),
    (b"FUJIFILMCCD-RAW", "Fujifilm raw (RAF)"),
    (b"IIRO", "Olympus raw (ORF)"),
    (b"IIRS", "Olympus raw (ORF)"),
    (b"MMOR", "Olympus raw (ORF)"),
    (b"IIU\0", "Panasonic raw (RW2)"),
    (b"II*\0\x10\0\0\0CR", "Canon raw (CR2)"),
    (b"FOVb", "Sigma raw (X3F)"),
];

/// The format of a file that starts with `bytes`.
///
/// The name counts only for TGA, which has no mark of its own.
pub(super) fn identify(bytes: &[u8], path: &Path) -> Result<ImageFormat, Fault> {
    if let Some(name) = unread(bytes) {
        return Err(Fault::Unsupported {
            format: name.to_owned(),
        });
    }
    if let Ok(format) = image::guess_format(bytes) {
        return Ok(format);
    }
    // The Radiance library's own mark; image knows the longer one only.
    if bytes.starts_with(b"#?RGBE") {
        return Ok(ImageFormat::Hdr);
    }
    match ImageFormat::from_path(path) {
        Ok(ImageFormat::Tga) => Ok(ImageFormat::Tga),
        _ => Err(Fault::Unknown),
    }
}

fn unread(bytes: &[u8]) -> Option<&'static str> {
    let by_start = UNREAD.iter().find(|(mark, _)| bytes.starts_with(mark));
    if let Some((_, name)) = by_start {
        return Some(name);
    }
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let brand = bytes.get(8..12)?;
    let known = BRANDS.iter().find(|(mark, _)| *mark == brand);
    Some(known.map_or("a video or another media container", |(_, name)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        let png = b"\x89PNG\r\n\x1a\n....";
        assert_eq!(identify(png, Path::new("a.jpg")).unwrap(), ImageFormat::Png);
        assert_eq!(
            identify(b"\0\0\x02\0", Path::new("a.TGA")).unwrap(),
            ImageFormat::Tga
        );
        assert!(matches!(
            identify(b"Dear diary", Path::new("a.jpg")),
            Err(Fault::Unknown)
        ));
    }

    #[test]
    fn unread_formats_are_named() {
        let cases: &[(&[u8], &str)] = &[
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIF"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x1cftypisom\0\0\0\0", "video"),
            (b"\0\0\0\x0cjP  \r\n\x87\n\0\0", "JPEG 2000"),
            (b"\xff\x0a\x01", "JPEG XL"),
        ];
        for (bytes, name) in cases {
            let message = identify(bytes, Path::new("x")).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.contains("export"), "{message}");
        }
    }
}
