//! The orientation of a picture.

use image::ImageDecoder;
use image::metadata::Orientation;

use crate::core::pixels::Pixels;
use crate::decode::numbers;

/// The orientation in metadata: EXIF first, then XMP, like Pillow.
///
/// If the metadata is damaged, the picture stays as stored.
pub(super) fn of_metadata(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> Orientation {
    exif.and_then(of_exif)
        .or_else(|| of_xmp(xmp?))
        .unwrap_or(Orientation::NoTransforms)
}

/// Like [`of_metadata`], with the metadata from a decoder.
pub(super) fn of_decoder(decoder: &mut impl ImageDecoder) -> Orientation {
    let exif = decoder.exif_metadata().ok().flatten();
    if let Some(found) = exif.as_deref().and_then(of_exif) {
        return found;
    }
    let xmp = decoder.xmp_metadata().ok().flatten();
    of_metadata(None, xmp.as_deref())
}

/// DNGVersion (DNG specification): only DNG files have it.
pub(super) const DNG_VERSION: u32 = 50_706;
const ORIENTATION: u32 = 274;

/// The tag Orientation of a block's first directory (TIFF 6.0, section 2), in any integer type and
/// with any number of values, of which the first counts: not all writers follow the standard, which
/// has one SHORT.
///
/// Some writers of WebP and PNG wrongly keep the JPEG segment's prefix.
pub(super) fn of_exif(block: &[u8]) -> Option<Orientation> {
    let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let directory = Directory::first(block)?;
    let entry = directory.entry(ORIENTATION)?;
    let number = |at, length| directory.number(at, length);
    let (length, values) = match number(entry + 2, 2)? {
        1 | 6 => (1, number(entry + 4, 4)?),
        3 | 8 => (2, number(entry + 4, 4)?),
        4 | 9 => (4, number(entry + 4, 4)?),
        _ => return None,
    };
    // Values of more than four bytes are stored elsewhere.
    let at = match u64::from(values) * length as u64 {
        0 => return None,
        1..=4 => entry + 8,
        _ => number(entry + 8, 4)? as usize,
    };
    Orientation::from_exif(u8::try_from(number(at, length)?).ok()?)
}

/// The orientation in a CR3 file, which has a TIFF file in a box of this name.
pub(super) fn of_cr3(file: &[u8]) -> Option<Orientation> {
    let head = file.get(..file.len().min(1 << 16))?;
    let at = memchr::memmem::find(head, b"CMT1")?;
    of_exif(file.get(at + 4..)?)
}

/// Whether the first directory of a TIFF file has this tag.
pub(super) fn has_tag(tiff: &[u8], tag: u32) -> bool {
    Directory::first(tiff).is_some_and(|directory| directory.entry(tag).is_some())
}

/// The first directory of a TIFF file or of a related format, which has another magic number.
struct Directory<'a> {
    bytes: &'a [u8],
    little: bool,
    at: usize,
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut directory = Self {
            bytes,
            little,
            at: 0,
        };
        directory.at = directory.number(4, 4)? as usize;
        Some(directory)
    }

    /// The unsigned number of `length` bytes at `at`.
    fn number(&self, at: usize, length: usize) -> Option<u32> {
        u32::try_from(numbers::number(self.bytes, self.little, at, length)?).ok()
    }

    /// The position of this tag's entry.
    fn entry(&self, tag: u32) -> Option<usize> {
        let count = self.number(self.at, 2)? as usize;
        (0..count)
            .map(|entry| self.at + 2 + 12 * entry)
            .take_while(|&at| at < self.bytes.len())
            .find(|&at| self.number(at, 2) == Some(tag))
    }
}

/// `tiff:Orientation` as attribute or element (XMP part 2, TIFF namespace).
fn of_xmp(packet: &[u8]) -> Option<Orientation> {
    const NAME: &[u8] = b"tiff:Orientation";
    let value = |at: usize| {
        let rest = packet.get(at + NAME.len()..)?.trim_ascii_start();
        let value = match rest.split_first()? {
            (b'=', rest) => rest.trim_ascii_start().get(1..)?,
            (b'>', rest) => rest,
            _ => return None,
        };
        let digit = value.trim_ascii_start().first()?;
        Orientation::from_exif(digit.wrapping_sub(b'0'))
    };
    memchr::memmem::find_iter(packet, NAME).find_map(value)
}

/// Whether width and height are exchanged, which takes a second picture.
pub(super) fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Turns a picture of `width`×`height` RGB samples upright; `None` if their number is wrong.
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

/// Whether the stored axes, across and down, run against the upright axes that they become.
pub(super) fn mirrored(orientation: Orientation) -> (bool, bool) {
    match orientation {
        Orientation::NoTransforms | Orientation::Rotate90FlipH => (false, false),
        Orientation::FlipHorizontal | Orientation::Rotate270 => (true, false),
        Orientation::FlipVertical | Orientation::Rotate90 => (false, true),
        Orientation::Rotate180 | Orientation::Rotate270FlipH => (true, true),
    }
}

/// Turns columns into rows, in tiles: a whole column at a time would miss the cache at every pixel
/// of a large photo.
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

    /// A 3×2 picture of letters, one per pixel.
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
    fn exif_in_every_integer_type() {
        let block = |kind: u8, count: u8, value: [u8; 4]| {
            let mut block = b"MM\0*\0\0\0\x08\0\x02\x01\0\0\x03\0\0\0\x01\0\x09\0\0".to_vec();
            block.extend([1, 18, 0, kind, 0, 0, 0, count]);
            block.extend(value);
            block.extend([0, 0, 0, 6]);
            block
        };
        let long = 10 + 24;
        for (kind, count, value, expected) in [
            (1, 1, [6, 0, 0, 0], Some(6)),
            (3, 1, [0, 6, 0, 0], Some(6)),
            (3, 2, [0, 6, 0, 6], Some(6)),
            (8, 1, [0, 6, 0, 0], Some(6)),
            (4, 1, [0, 0, 0, 6], Some(6)),
            (9, 1, [0, 0, 0, 6], Some(6)),
            (4, 2, [0, 0, 0, long], Some(6)),
            (3, 0, [0, 6, 0, 0], None),
            (3, 1, [0, 9, 0, 0], None),
            (2, 1, [6, 0, 0, 0], None),
            (4, 200, [255, 255, 255, 255], None),
        ] {
            let block = block(kind, count, value);
            let found = of_exif(&block).map(Orientation::to_exif);
            assert_eq!(found, expected, "type {kind}, {count} values");
            for cut in 0..block.len() - 4 {
                of_exif(&block[..cut]);
            }
        }
        let prefixed = [b"Exif\0\0", &block(3, 1, [0, 6, 0, 0])[..]].concat();
        assert_eq!(of_exif(&prefixed), Some(Orientation::Rotate90));
    }

    #[test]
    fn xmp_in_both_forms() {
        let cases: &[(&[u8], Option<u8>)] = &[
            (b"<rdf:D tiff:Orientation=\"6\"/>", Some(6)),
            (b"<rdf:D tiff:Orientation = '3'/>", Some(3)),
            (b"<tiff:Orientation>\n 8 </tiff:Orientation>", Some(8)),
            (b"<tiff:Orientation>8</tiff:Orientation>", Some(8)),
            (b"<tiff:Orientation>x</tiff:Orientation>", None),
            (b"tiff:Orientation", None),
            (b"", None),
        ];
        for (packet, expected) in cases {
            assert_eq!(of_xmp(packet).map(Orientation::to_exif), *expected);
        }
    }

    #[test]
    fn a_wrong_length_is_no_picture() {
        assert!(upright(3, 2, vec![0; 17], Orientation::Rotate90).is_none());
        assert!(upright(0, 0, Vec::new(), Orientation::NoTransforms).is_none());
    }
}
