//! Compares scaled decodes with full ones, up to the encoder's square.

use std::path::PathBuf;

use crate::core::encoder::Fit;
use crate::decode::load;
use crate::decode::orientation;
use crate::decode::prepare::*;

fn source(name: &str) -> (PathBuf, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = folder.join(name);
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

fn prepared(bytes: &[u8], wanted: &Wanted<'_>) -> Prepared {
    prepare_photo(Path::new("a.jpg"), bytes, wanted, &Limits::default()).unwrap()
}

fn mean_difference(a: &Pixels, b: &Pixels) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let total: u64 = a
        .data()
        .iter()
        .zip(b.data())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    total as f64 / a.data().len() as f64
}

/// A JPEG with this EXIF orientation inserted after its first marker.
fn turned(bytes: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&bytes[..2], &[0xFF, 0xE1], &length, &exif, &bytes[2..]].concat()
}

#[test]
fn the_smallest_scale_that_is_enough() {
    let preprocessing = Preprocessing::clip(224);
    for (width, height, edge, expected) in [
        (4000, 3000, None, Some(2)),
        (4000, 3000, Some(384), Some(2)),
        (4000, 3000, Some(1000), Some(2)),
        (4000, 3000, Some(1001), Some(4)),
        (3584, 3584, None, Some(1)),
        (3583, 9000, None, Some(2)),
        (896, 896, None, Some(4)),
        (895, 5000, None, None),
        (1000, 1000, Some(1000), None),
        (1000, 1000, Some(5000), None),
        (u32::MAX, u32::MAX, Some(u32::MAX), None),
    ] {
        let wanted = Wanted {
            preprocessing: &preprocessing,
            thumbnail_edge: edge,
            scaling: Scaling::Allowed,
        };
        assert_eq!(
            eighths(width, height, &wanted),
            expected,
            "{width}×{height} {edge:?}"
        );
    }
}

#[test]
fn the_square_is_nearly_the_full_decodes_whichever_way_up() {
    let (_, upright) = source("scaled/444.jpg");
    for size in [8, 12, 24] {
        for orientation in 1..=8 {
            let bytes = turned(&upright, orientation);
            for fit in [Fit::CentreCrop, Fit::Squash] {
                let preprocessing = Preprocessing {
                    fit,
                    ..Preprocessing::clip(size)
                };
                let mut wanted = Wanted {
                    preprocessing: &preprocessing,
                    thumbnail_edge: Some(30),
                    scaling: Scaling::Never,
                };
                let full = prepared(&bytes, &wanted);
                wanted.scaling = Scaling::Allowed;
                let facts = jpeg::inspect(&bytes).unwrap();
                let ours = scaled(
                    &load::stored(Path::new("x.jpg"), &bytes, &Limits::default()).unwrap(),
                    &facts,
                    &wanted,
                    &Limits::default(),
                )
                .unwrap();
                assert_eq!((ours.width, ours.height), (full.width, full.height));
                let square = mean_difference(&ours.square, &full.square);
                let thumbnail = mean_difference(
                    ours.thumbnail.as_ref().unwrap(),
                    full.thumbnail.as_ref().unwrap(),
                );
                println!("{square:.2} {thumbnail:.2} at {size}, orientation {orientation}");
                // A shift by half a pixel makes the difference more than twice as large.
                assert!(
                    square < 2.5,
                    "{square} at {size}, orientation {orientation}"
                );
                assert!(
                    thumbnail < 2.5,
                    "{thumbnail} at {size}, orientation {orientation}"
                );
            }
        }
    }
}

#[test]
fn damaged_files_are_judged_as_before() {
    let (_, bytes) = source("scaled/420.jpg");
    let preprocessing = Preprocessing::clip(8);
    let limits = Limits::default();
    let judge = |bytes: &[u8], limits: &Limits| {
        prepare_bytes(Path::new("x.jpg"), bytes, &preprocessing, limits)
    };
    let cut = judge(&bytes[..bytes.len() / 4], &limits).unwrap_err();
    assert!(matches!(cut.fault, Fault::Truncated), "{cut}");
    assert!(cut.to_string().contains("x.jpg"));
    let empty = judge(&[], &limits).unwrap_err();
    assert!(matches!(empty.fault, Fault::Empty));
    let small = Limits {
        max_pixels: 1000,
        max_scaled_pixels: 1000,
        ..limits
    };
    let large = judge(&bytes, &small).unwrap_err();
    assert!(matches!(large.fault, Fault::TooLarge { .. }));
    // Too little memory for the whole picture is enough for an eighth of it.
    let tight = Limits {
        max_bytes: 20_000,
        ..limits
    };
    assert!(judge(&bytes, &tight).is_ok());
    assert!(load::load_bytes(Path::new("x.jpg"), &bytes, &tight).is_err());
    let none = Limits {
        max_bytes: 2000,
        ..limits
    };
    let refused = judge(&bytes, &none).unwrap_err();
    assert!(matches!(refused.fault, Fault::TooMuchMemory { .. }));
    // Data that ends early, before a valid end marker: the result must be that of the whole
    // decoder.
    let mut holed = bytes.clone();
    holed.drain(bytes.len() / 2..bytes.len() - 2);
    let facts = jpeg::inspect(&holed).unwrap();
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge: None,
        scaling: Scaling::Allowed,
    };
    assert!(
        scaled(
            &load::stored(Path::new("x.jpg"), &holed, &Limits::default()).unwrap(),
            &facts,
            &wanted,
            &limits
        )
        .is_none()
    );
    let whole = load::load_bytes(Path::new("x.jpg"), &holed, &limits);
    match (judge(&holed, &limits), whole) {
        (Ok(square), Ok(whole)) => assert!(square == fit(&whole.pixels, &preprocessing)),
        (ours, whole) => assert_eq!(ours.is_err(), whole.is_err()),
    }
}

#[test]
fn other_formats_and_small_pictures_are_decoded_whole() {
    for name in [
        "rgb16.png",
        "animated.gif",
        "subsampled.jpg",
        "orientation-6.tiff",
    ] {
        let (path, bytes) = source(&format!("preprocess/source/{name}"));
        let preprocessing = Preprocessing::clip(32);
        let wanted = Wanted {
            preprocessing: &preprocessing,
            thumbnail_edge: Some(4096),
            scaling: Scaling::Allowed,
        };
        let limits = Limits::default();
        let ours = prepare_photo(&path, &bytes, &wanted, &limits).unwrap();
        let whole = load(&path, &limits).unwrap();
        assert!(ours.square == fit(&whole, &preprocessing), "{name}");
        assert_eq!((ours.width, ours.height), (whole.width(), whole.height()));
        assert!(ours.thumbnail == Some(whole), "{name}");
        assert!(prepare(&path, &preprocessing, &limits).unwrap() == ours.square);
    }
}

#[test]
fn orientation_is_read_as_the_decoder_of_whole_pictures_reads_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/preprocess/source");
    let mut turned = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "jpg") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let facts = jpeg::inspect(&bytes).unwrap();
        let cursor = std::io::Cursor::new(&bytes);
        let mut decoder = image::codecs::jpeg::JpegDecoder::new(cursor).unwrap();
        let theirs = orientation::of_decoder(&mut decoder);
        let ours = orientation::of_metadata(facts.exif, facts.xmp);
        assert_eq!(ours, theirs, "{}", path.display());
        turned += usize::from(ours != image::metadata::Orientation::NoTransforms);
    }
    assert!(turned >= 8, "{turned}");
}

#[test]
fn a_thumbnail_is_a_jpeg() {
    let (_, bytes) = source("scaled/444.jpg");
    let preprocessing = Preprocessing::clip(8);
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge: Some(64),
        scaling: Scaling::Allowed,
    };
    let thumbnail = prepared(&bytes, &wanted).thumbnail.unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (64, 43));
    let file = encode_thumbnail(&thumbnail).unwrap();
    let back = load::load_bytes(Path::new("x.jpg"), &file, &Limits::default()).unwrap();
    assert!(mean_difference(&back.pixels, &thumbnail) < 6.0);
    assert!(encode_thumbnail(&Pixels::new(0, 0, Vec::new()).unwrap()).is_none());
}

/// A process of its own, in which no other test takes memory.
#[cfg(target_os = "linux")]
#[test]
fn a_strip_of_millions_of_pixels_takes_little_memory() {
    const ALONE: &str = "TAGLENS_TEST_STRIP_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "decode::prepare::tests::a_strip_of_millions_of_pixels_takes_little_memory";
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let ended = alone.args(["--exact", name]).env(ALONE, "1").status();
        assert!(ended.unwrap().success());
        return;
    }
    let mut file = b"BM\x46\0\0\0\0\0\0\0\x3e\0\0\0\x28\0\0\0".to_vec();
    // Width and height, one plane of eight bits, and run lengths.
    file.extend(
        [20_000_000, 1, 1 | 8 << 16, 1, 0, 0, 0, 2, 0]
            .map(u32::to_le_bytes)
            .concat(),
    );
    file.extend(b"\0\0\xff\0\0\0\0\xff\x03\0\0\x01\0\x01");
    let squash = Preprocessing {
        fit: Fit::Squash,
        ..Preprocessing::clip(224)
    };
    let wanted = Wanted {
        preprocessing: &squash,
        thumbnail_edge: Some(384),
        scaling: Scaling::Allowed,
    };
    let prepared = prepare_photo(Path::new("strip.bmp"), &file, &wanted, &Limits::default());
    assert_eq!(prepared.unwrap().width, 20_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 400 << 10, "{kib} KiB");
}
