//! Camera raw files: finds the largest JPEG that the camera embedded.
//!
//! Cameras store it in many places: a directory of the TIFF, a box of Canon's CR3, a maker's note,
//! or a separate section. All of them are complete JPEG files, so searching for their first bytes
//! finds each of them, even in undocumented formats. The sensor's data does not match: [`Job`] does
//! not read lossless JPEG frames, and anything that looks like a JPEG by chance has no valid
//! header.

use std::path::Path;

use image::metadata::Orientation;

use crate::decode::scaled::Job;
use crate::decode::{jpeg, orientation};

/// Extensions of raw files that begin like any TIFF file.
const TIFF_NAMES: &[&str] = &[
    "3fr", "arw", "cr2", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos", "nef", "nrw",
    "orf", "pef", "raw", "rw2", "rwl", "sr2", "srf", "srw",
];
/// First bytes of other raw files.
const MARKS: &[&[u8]] = &[
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\0",
    b"II*\0\x10\0\0\0CR",
    b"FOVb",
    b"\0MRM",
    b"IIII",
    b"MMMM",
];
/// The most starts to check: no camera's file has more.
const MOST_STARTS: usize = 4096;

/// Whether a file of these bytes and this name is a camera's raw file.
pub(super) fn is_raw(bytes: &[u8], name: &Path) -> bool {
    if MARKS.iter().any(|mark| bytes.starts_with(mark)) || bytes.get(4..12) == Some(b"ftypcrx ") {
        return true;
    }
    let tiff = bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*");
    let named = |name: &str| TIFF_NAMES.iter().any(|raw| raw.eq_ignore_ascii_case(name));
    let extension = name.extension().and_then(|e| e.to_str());
    tiff && (extension.is_some_and(named) || orientation::has_tag(bytes, orientation::DNG_VERSION))
}

/// Returns the JPEG with the most pixels, up to the end of the file, and the raw file's
/// orientation: cameras turn neither the sensor's data nor the JPEG.
pub(super) fn preview(bytes: &[u8]) -> Option<(&[u8], Orientation)> {
    let starts = memchr::memmem::find_iter(bytes, b"\xff\xd8\xff").take(MOST_STARTS);
    let candidates = starts.filter_map(|at| {
        let file = bytes.get(at..)?;
        let (width, height) = Job::new(file).ok()?.size();
        Some((u64::from(width) * u64::from(height), file))
    });
    // Of two of equal size, the first.
    let largest = candidates.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, file) = largest?;
    let facts = jpeg::inspect(file).ok()?;
    let of_file = orientation::of_exif(bytes).or_else(|| orientation::of_cr3(bytes));
    let of_preview = || orientation::of_metadata(facts.exif, facts.xmp);
    Some((file, of_file.unwrap_or_else(of_preview)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let samples = vec![90; (width * height) as usize];
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
        let colour = image::ExtendedColorType::L8;
        encoder.encode(&samples, width, height, colour).unwrap();
        bytes
    }

    fn tiff(mark: &[u8; 4]) -> Vec<u8> {
        let mut bytes = mark.to_vec();
        bytes.extend([
            8, 0, 0, 0, 1, 0, 18, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
        ]);
        bytes
    }

    #[test]
    fn the_largest_jpeg_is_the_preview_and_the_raw_turns_it() {
        for mark in [b"II*\0", b"IIRO", b"IIU\0"] {
            let (small, large) = (jpeg(16, 16), jpeg(64, 40));
            // A lossless frame, like that of sensor data, claims more pixels than any other.
            let mut lossless = jpeg(8, 8);
            let frame = lossless.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
            lossless[frame + 1] = 0xC3;
            lossless[frame + 5..frame + 9].fill(0x7F);
            let noise = b"\xff\xd8\xff\xd8\xff\xff\xff\xd8\xff\xc0\0\x0b";
            let file = [&tiff(mark)[..], &small, noise, &large, &lossless].concat();
            let (found, orientation) = preview(&file).unwrap();
            assert!(found.starts_with(&large));
            assert_eq!(orientation, Orientation::Rotate90);
            assert!(is_raw(&file, Path::new("IMG.DNG")));
            for cut in 0..file.len() {
                preview(&file[..cut]);
            }
        }
        assert!(preview(b"\xff\xd8\xff").is_none());
    }

    #[test]
    fn a_tiff_is_raw_by_name_or_by_its_dng_version() {
        let plain = tiff(b"II*\0");
        assert!(!is_raw(&plain, Path::new("a.tif")));
        assert!(is_raw(&plain, Path::new("a.NeF")));
        let mut dng = plain;
        dng[10..12].copy_from_slice(&50_706_u16.to_le_bytes());
        assert!(is_raw(&dng, Path::new("a.tif")));
        assert!(is_raw(b"\0\0\0\x18ftypcrx \0\0\0\x01", Path::new("a")));
    }
}
