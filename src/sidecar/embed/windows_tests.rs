//! Windows' keywords in EXIF data, of photos that have no XMP: the new packet comes right behind the
//! place to which the list grows.

use crate::sidecar::embed::tests::{exif, jpeg, keywords, picture, there_and_back, without_jfif};
use crate::sidecar::read::embedded::Embedded;
use image::ImageFormat;

/// The EXIF segment of a JPEG: where it starts, and its bytes with its marker.
fn exif_segment(bytes: &[u8]) -> &[u8] {
    let at = memchr::memmem::find(bytes, b"Exif\0\0").unwrap() - 4;
    let length = u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]);
    &bytes[at..at + 2 + usize::from(length)]
}

#[test]
fn a_jpeg_with_windows_keywords_and_no_xmp_gets_a_packet() {
    for list in ["old", "old; words", "old; words; ä 日本"] {
        let old = without_jfif(&jpeg(&[exif(list)]));
        let new = there_and_back("Windows", &old).unwrap();
        let found = Embedded::of_bytes(&new);
        let mut expected: Vec<&str> = list.split("; ").collect();
        expected.extend(["Ünique döggy & co", "flat one"]);
        assert_eq!(found.windows, expected);
        // Programs that find keywords in XMP ignore those elsewhere.
        assert!(keywords(&new).contains(&"old".to_owned()));
        let text = String::from_utf8(found.xmp.unwrap()).unwrap();
        assert!(text.contains("<rdf:li>old</rdf:li>"), "{text}");
        // The list has grown at the end of its own segment, and behind it comes XMP.
        let (before, after) = (exif_segment(&old), exif_segment(&new));
        let units = |text: &str| text.encode_utf16().count() * 2;
        assert!(after.len() >= before.len() + units(&expected.join(";")));
        let end = after.as_ptr() as usize - new.as_ptr() as usize + after.len();
        assert!(new[end..].starts_with(b"\xff\xe1"));
        assert!(new[end + 4..].starts_with(super::jpeg::XMP));
        // Everything else is the old file.
        let length = u16::from_be_bytes([new[end + 2], new[end + 3]]);
        let behind = &new[end + 2 + usize::from(length)..];
        assert_eq!(behind, &old[2 + before.len()..]);
    }
}

#[test]
fn other_formats_with_windows_keywords_and_no_xmp_get_a_packet() {
    let (_, content) = exif("old; words");
    let block = &content[6..];
    let mut chunk = (block.len() as u32).to_be_bytes().to_vec();
    chunk.extend(b"eXIf");
    chunk.extend(block);
    let mut crc = flate2::Crc::new();
    crc.update(&chunk[4..]);
    chunk.extend(crc.sum().to_be_bytes());
    let mut png = picture(ImageFormat::Png);
    let data = memchr::memmem::find(&png, b"IDAT").unwrap() - 4;
    png.splice(data..data, chunk);

    let simple = picture(ImageFormat::WebP);
    let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x18\0\0\0".to_vec();
    webp.extend([18, 0, 0, 12, 0, 0]);
    let first = simple.windows(4).position(|kind| kind == b"VP8L").unwrap();
    webp.extend(&simple[first..]);
    webp.extend(b"EXIF");
    webp.extend((block.len() as u32).to_le_bytes());
    webp.extend(block);
    webp.resize(webp.len().next_multiple_of(2), 0);
    let size = (webp.len() as u32 - 8).to_le_bytes();
    webp[4..8].copy_from_slice(&size);

    for (name, old) in [("PNG", png), ("WebP", webp)] {
        let new = there_and_back(name, &old).unwrap();
        let expected = ["old", "words", "Ünique döggy & co", "flat one"];
        assert_eq!(Embedded::of_bytes(&new).windows, expected, "{name}");
    }
}
