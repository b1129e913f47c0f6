//! Which way up a picture is.

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat};

use crate::core::pixels::Pixels;

/// The orientation that the file asks for: EXIF first, then XMP, as Pillow reads them.
///
/// Damaged metadata does not keep a picture from being read: it then stays as it is stored.
pub(super) fn orientation(decoder: &mut impl ImageDecoder, format: ImageFormat) -> Orientation {
    if format == ImageFormat::Tiff {
        return decoder.orientation().unwrap_or(Orientation::NoTransforms);
    }
    let exif = decoder.exif_metadata().ok().flatten();
    exif.as_deref()
        .and_then(from_exif)
        .or_else(|| from_xmp(&decoder.xmp_metadata().ok().flatten()?))
        .unwrap_or(Orientation::NoTransforms)
}

/// As [`orientation`], of a JPEG's metadata.
pub(super) fn of_metadata(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> Orientation {
    exif.and_then(from_exif)
        .or_else(|| from_xmp(xmp?))
        .unwrap_or(Orientation::NoTransforms)
}

/// Some writers of WebP and PNG keep the JPEG segment's prefix, which does not belong there.
fn from_exif(chunk: &[u8]) -> Option<Orientation> {
    let bare = chunk.strip_prefix(b"Exif\0\0").unwrap_or(chunk);
    Orientation::from_exif_chunk(bare)
}

/// `tiff:Orientation` as attribute or element (XMP part 2, TIFF namespace).
fn from_xmp(packet: &[u8]) -> Option<Orientation> {
    const NAME: &[u8] = b"tiff:Orientation";
    let at = packet.windows(NAME.len()).position(|w| w == NAME)?;
    let rest = packet.get(at + NAME.len()..)?;
    let digit = match rest {
        [b'=', b'"' | b'\'', digit, ..] | [b'>', digit, ..] => digit,
        _ => return None,
    };
    Orientation::from_exif(digit.wrapping_sub(b'0'))
}

/// Whether width and height change places, which takes a second picture.
pub(super) fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The picture of `width`×`height` RGB samples, turned upright; `None` where their number is
/// wrong.
pub(super) fn upright(
    width: u32,
    height: u32,
    mut rgb: Vec<u8>,
    orientation: Orientation,
) -> Option<Pixels> {
    let (w, h) = (width as usize, height as usize);
    let pixels = rgb.as_chunks_mut::<3>().0;
    if w.checked_mul(h)? != pixels.len() || w == 0 {
        return None;
    }
    match orientation {
        Orientation::NoTransforms => {}
        Orientation::Rotate180 => pixels.reverse(),
        Orientation::FlipHorizontal => pixels.chunks_exact_mut(w).for_each(<[_]>::reverse),
        Orientation::FlipVertical => {
            pixels.reverse();
            pixels.chunks_exact_mut(w).for_each(<[_]>::reverse);
        }
        _ => {
            let turned = transpose(pixels, w, h, orientation);
            return Pixels::new(height, width, turned);
        }
    }
    Pixels::new(width, height, rgb)
}

/// Which of the stored picture's axes run against those of the upright one that they become:
/// across, and down.
pub(super) fn mirrored(orientation: Orientation) -> (bool, bool) {
    match orientation {
        Orientation::NoTransforms | Orientation::Rotate90FlipH => (false, false),
        Orientation::FlipHorizontal | Orientation::Rotate270 => (true, false),
        Orientation::FlipVertical | Orientation::Rotate90 => (false, true),
        Orientation::Rotate180 | Orientation::Rotate270FlipH => (true, true),
    }
}

/// Columns become rows. In tiles, because a whole column at a time would miss the cache at every
/// pixel of a large photo.
fn transpose(pixels: &[[u8; 3]], w: usize, h: usize, orientation: Orientation) -> Vec<u8> {
    const TILE: usize = 32;
    let from_right = matches!(
        orientation,
        Orientation::Rotate270 | Orientation::Rotate270FlipH
    );
    let from_below = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270FlipH
    );
    let mut turned = vec![0; pixels.len() * 3];
    let out = turned.as_chunks_mut::<3>().0;
    for top in (0..w).step_by(TILE) {
        for left in (0..h).step_by(TILE) {
            for y in top..(top + TILE).min(w) {
                let column = if from_right { w - 1 - y } else { y };
                for x in left..(left + TILE).min(h) {
                    let row = if from_below { h - 1 - x } else { x };
                    out[y * h + x] = pixels[row * w + column];
                }
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters of a 3×2 picture, each a pixel.
    fn turned(orientation: u8) -> (u32, u32, String) {
        let rgb = b"ABCDEF".iter().flat_map(|&v| [v; 3]).collect();
        let orientation = Orientation::from_exif(orientation).unwrap();
        let pixels = upright(3, 2, rgb, orientation).unwrap();
        let letters = pixels.data().chunks(3).map(|p| char::from(p[0])).collect();
        (pixels.width(), pixels.height(), letters)
    }

    #[test]
    fn all_eight() {
        let cases = [
            (1, 3, 2, "ABCDEF"),
            (2, 3, 2, "CBAFED"),
            (3, 3, 2, "FEDCBA"),
            (4, 3, 2, "DEFABC"),
            (5, 2, 3, "ADBECF"),
            (6, 2, 3, "DAEBFC"),
            (7, 2, 3, "FCEBDA"),
            (8, 2, 3, "CFBEAD"),
        ];
        for (orientation, width, height, letters) in cases {
            assert_eq!(
                turned(orientation),
                (width, height, letters.to_owned()),
                "orientation {orientation}"
            );
        }
    }

    #[test]
    fn mirrored_axes_are_those_that_turning_reverses() {
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let (_, _, letters) = turned(exif);
            let (a, b, d) = (letters.find('A'), letters.find('B'), letters.find('D'));
            assert_eq!(mirrored(orientation), (b < a, d < a), "orientation {exif}");
        }
    }

    #[test]
    fn larger_than_a_tile() {
        let (w, h) = (70_usize, 45_usize);
        let rgb: Vec<u8> = (0..w * h)
            .flat_map(|i| [i as u8, (i >> 8) as u8, 1])
            .collect();
        let there = upright(70, 45, rgb.clone(), Orientation::Rotate90).unwrap();
        let back = upright(45, 70, there.into_data(), Orientation::Rotate270).unwrap();
        assert!(back.data() == rgb);
    }

    #[test]
    fn xmp_in_both_forms() {
        let cases: &[(&[u8], Option<u8>)] = &[
            (b"<rdf:D tiff:Orientation=\"6\"/>", Some(6)),
            (b"<tiff:Orientation>8</tiff:Orientation>", Some(8)),
            (b"<tiff:Orientation>x</tiff:Orientation>", None),
            (b"tiff:Orientation", None),
            (b"", None),
        ];
        for (packet, expected) in cases {
            assert_eq!(from_xmp(packet).map(Orientation::to_exif), *expected);
        }
    }

    #[test]
    fn a_wrong_length_is_no_picture() {
        assert!(upright(3, 2, vec![0; 17], Orientation::Rotate90).is_none());
        assert!(upright(0, 0, Vec::new(), Orientation::NoTransforms).is_none());
    }
}
