//! Decoding and fitting against Pillow, torchvision and open_clip, and against hostile bytes.
//!
//! The references are made by `tests/golden/preprocess_reference.py`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use taglens::core::encoder::{Fit, Preprocessing};
use taglens::decode::{Fault, Limits, Scaling, Wanted, load, prepare, prepare_photo};

/// The size of the crops that are checked in.
const SAMPLE_SIZE: u32 = 32;
/// Levels of 255, averaged over a picture.
const ALLOWED_MEAN: f64 = 0.5;
/// As [`ALLOWED_MEAN`], where readers differ in where they see the samples of subsampled colours.
const ALLOWED_MEAN_OF_VIDEO_CODECS: f64 = 1.0;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/preprocess")
}

fn sources() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(samples().join("source"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 30, "the checked-in samples are missing");
    files
}

/// Mean and greatest absolute difference, in levels.
fn difference(ours: &[u8], reference: &[u8]) -> (f64, u8) {
    assert_eq!(ours.len(), reference.len());
    let each = ours.iter().zip(reference).map(|(a, b)| a.abs_diff(*b));
    let total: u64 = each.clone().map(u64::from).sum();
    (total as f64 / ours.len() as f64, each.max().unwrap_or(0))
}

#[test]
fn samples_come_out_as_the_reference_makes_them() {
    let mut wrong = Vec::new();
    for source in sources() {
        let name = source.file_name().unwrap().to_str().unwrap().to_owned();
        for (ending, fit) in [("", Fit::CentreCrop), (".squash", Fit::Squash)] {
            let crop = samples().join("crop").join(format!("{name}{ending}.png"));
            if fit == Fit::Squash && !crop.exists() {
                continue;
            }
            let preprocessing = Preprocessing {
                fit,
                ..Preprocessing::clip(SAMPLE_SIZE)
            };
            let ours = prepare(&source, &preprocessing, &Limits::default()).unwrap();
            let reference = load(&crop, &Limits::default()).unwrap();
            let (mean, max) = difference(ours.data(), reference.data());
            println!("{mean:.3} mean {max:3} max  {name}{ending}");
            // Only chroma upsampling has a right to differ between JPEG decoders, and how colours
            // are rounded between those of lossy formats.
            let may_differ = ["subsampled", "progressive", "profile", "lossy"]
                .iter()
                .any(|start| name.starts_with(start));
            let video = ["heic", "avif"].iter().any(|ending| name.ends_with(ending));
            let allowed = match (video, may_differ) {
                (true, _) => ALLOWED_MEAN_OF_VIDEO_CODECS,
                (_, true) => ALLOWED_MEAN,
                _ => 0.05,
            };
            if mean > allowed {
                wrong.push(format!("{name}{ending}: {mean:.3}"));
            }
        }
    }
    assert!(wrong.is_empty(), "too far from the reference: {wrong:?}");
}

/// Refuses memory at each reservation in turn: the next larger budget is refused at the next one.
#[test]
fn wherever_memory_runs_out_it_is_an_error() {
    let preprocessing = Preprocessing::clip(SAMPLE_SIZE);
    let (mut refused, mut decoded) = (0, 0);
    for source in sources() {
        let bytes = std::fs::read(&source).unwrap();
        for scaling in [Scaling::Allowed, Scaling::Never] {
            let wanted = Wanted {
                preprocessing: &preprocessing,
                thumbnail_edge: Some(384),
                scaling,
            };
            let mut budget = 0_u64;
            let mut enough = None;
            while enough.is_none_or(|enough| budget < 2 * enough) {
                let limits = Limits {
                    max_bytes: budget,
                    ..Limits::default()
                };
                match prepare_photo(&source, &bytes, &wanted, &limits) {
                    Ok(_) => {
                        enough.get_or_insert(budget);
                        decoded += 1;
                    }
                    Err(error) => {
                        let is_memory = matches!(error.fault, Fault::TooMuchMemory { .. });
                        assert!(is_memory, "with {budget} bytes: {error}");
                        assert_eq!(
                            enough, None,
                            "{budget} bytes are too few, and less was enough"
                        );
                        refused += 1;
                    }
                }
                budget += budget / 32 + 16;
                assert!(budget < 1 << 30, "{} never fits", source.display());
            }
        }
    }
    println!("{refused} refused, {decoded} decoded");
    assert!(refused > 1000 && decoded > 1000);
}

/// Files of the shared collection where the reference is not what a person should see, or where
/// the formats' readers disagree by design. Everything else has to agree.
const KNOWN: &[(&str, &str)] = &[
    ("A1_R5_G5_B5", "Pillow ignores the alpha of 16-bit bitmaps"),
    ("pal4rle", "Pillow misreads four-bit run lengths"),
    (
        "issue_1455_undersized.gif",
        "canvas beyond the frame: ours white, Pillow's a palette colour",
    ),
    (
        "border_touching_layers.gif",
        "canvas beyond the frame: ours white, Pillow's a palette colour",
    ),
    (
        "issue_1455_oversized.gif",
        "frame beyond the canvas: ours cut off, Pillow enlarges the canvas",
    ),
    (
        "anim/oob.gif",
        "frame beyond the canvas: ours cut off, Pillow enlarges the canvas",
    ),
    (
        "xmp_tags_orientation.avif",
        "turned by its XMP, which viewers of AVIF do not look at",
    ),
    (
        "ojpeg-",
        "libtiff gives four pixels the same colours, ours are interpolated",
    ),
    (
        "Pillow-hopper.heif",
        "libheif gives four pixels the same colours, ours are interpolated: a small picture shows it",
    ),
    (
        "badrle.bmp",
        "damaged run lengths, of which nobody knows what they show",
    ),
];

#[derive(serde::Deserialize)]
struct Entry {
    file: String,
    crop: Option<String>,
    error: Option<String>,
}

/// Set `TAGLENS_SHARED` to the folder that the reference script was run on, and
/// `TAGLENS_PREPROCESS_GOLDEN` to the folder that it wrote.
#[test]
fn photographs_come_out_as_the_reference_makes_them() {
    let (Some(shared), Some(golden)) = (
        std::env::var_os("TAGLENS_SHARED").map(PathBuf::from),
        std::env::var_os("TAGLENS_PREPROCESS_GOLDEN").map(PathBuf::from),
    ) else {
        println!("skipped: TAGLENS_SHARED or TAGLENS_PREPROCESS_GOLDEN is not set");
        return;
    };
    let index = std::fs::read_to_string(golden.join("index.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap();
    let limits = Limits::default();
    let mut compared = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for entry in entries {
        let started = Instant::now();
        let path = shared.join(&entry.file);
        let wanted = Wanted {
            preprocessing: &Preprocessing::clip(224),
            thumbnail_edge: None,
            // The small picture that a phone put beside the large one is another picture.
            scaling: match entry.file.starts_with("formats/") {
                true => Scaling::Never,
                false => Scaling::Allowed,
            },
        };
        let bytes = std::fs::read(&path).unwrap();
        let ours = prepare_photo(&path, &bytes, &wanted, &limits).map(|ours| ours.square);
        slowest = slowest.max((started.elapsed(), entry.file.clone()));
        match (ours, entry.crop) {
            (Ok(ours), Some(crop)) => {
                let reference = load(&golden.join(crop), &limits).unwrap();
                compared.push((difference(ours.data(), reference.data()), entry.file));
            }
            (Ok(_), None) => println!(
                "only ours reads {}; reference: {}",
                entry.file,
                entry.error.unwrap_or_default()
            ),
            (Err(error), Some(_)) => {
                println!(
                    "only the reference reads {}; ours: {}",
                    entry.file, error.fault
                );
                assert!(!matches!(error.fault, Fault::Panic { .. }), "{error}");
            }
            (Err(error), None) => {
                println!("neither reads {}; ours: {}", entry.file, error.fault);
                assert!(!matches!(error.fault, Fault::Panic { .. }), "{error}");
            }
        }
    }
    compared.sort_by(|a, b| b.0.0.total_cmp(&a.0.0));
    // The collection also has renderings of its files, as PNG, under the same names.
    let known = |file: &str| {
        let mut list = KNOWN.iter();
        list.find(|(part, _)| file.contains(part) && !file.contains("/reference/"))
    };
    for ((mean, max), file) in &compared {
        let reason = known(file).map_or("", |(_, reason)| reason);
        println!("{mean:.4} mean {max:3} max  {file}  {reason}");
    }
    for (kind, folder, allowed) in [
        ("photographs", "photos/", ALLOWED_MEAN),
        ("odd images", "odd-images/", ALLOWED_MEAN),
        (
            "HEIF, AVIF and JPEG XL",
            "formats/",
            ALLOWED_MEAN_OF_VIDEO_CODECS,
        ),
    ] {
        let is_of_kind = |file: &str| {
            // Of raw files, the reference shows another picture than the largest.
            let newer = ["heic", "heif", "hif", "HIF", "avif", "jxl"];
            let newer = newer.iter().any(|ending| file.ends_with(ending));
            file.starts_with(folder) && (newer || folder != "formats/") && known(file).is_none()
        };
        let of_kind: Vec<_> = compared
            .iter()
            .filter(|(_, file)| is_of_kind(file))
            .collect();
        let mean = of_kind.iter().map(|c| c.0.0).sum::<f64>() / of_kind.len().max(1) as f64;
        println!("{} {kind} compared, mean {mean:.4}", of_kind.len());
        if let Some(((worst, _), file)) = of_kind.first() {
            println!("worst of the {kind}: {worst:.4}, {file}");
            assert!(*worst <= allowed, "worst: {file}");
        }
    }
    println!("slowest: {:?}, {}", slowest.0, slowest.1);
    assert!(slowest.0 < Duration::from_secs(5), "slowest: {}", slowest.1);
}

#[test]
fn dimensions_are_refused_before_anything_is_allocated() {
    let dir = tempfile::tempdir().unwrap();
    // A PNG, a JPEG and a BMP of a few bytes that claim billions of pixels.
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(60_000_u32.to_be_bytes());
    png.extend(60_000_u32.to_be_bytes());
    png.extend([8, 2, 0, 0, 0]);
    png.extend(crc32(&png[12..]).to_be_bytes());
    png.extend(b"\0\0\0\0IDAT");
    png.extend(crc32(b"IDAT").to_be_bytes());
    let jpeg = huge_jpeg();
    let mut ppm = b"P6 60000 60000 255\n".to_vec();
    ppm.extend([0; 64]);
    for (name, bytes) in [("a.png", png), ("a.jpg", jpeg), ("a.ppm", ppm)] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = load(&path, &Limits::default()).unwrap_err();
        assert!(matches!(error.fault, Fault::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains(name));
    }
}

/// A sample's bytes with another height and width in its frame header.
fn huge_jpeg() -> Vec<u8> {
    let mut bytes = std::fs::read(samples().join("source/subsampled.jpg")).unwrap();
    let frame = bytes.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    bytes[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xF0, 0xFF, 0xF0]);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    })
}

#[test]
fn a_cut_jpeg_is_read_as_far_as_it_goes_and_an_appendix_does_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["subsampled.jpg", "progressive.jpg"] {
        let whole = std::fs::read(samples().join("source").join(name)).unwrap();
        let path = dir.path().join(name);
        for (cut, read) in [
            (whole.len() - 2, true),
            (whole.len() * 3 / 4, true),
            (200, false),
        ] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            match load(&path, &Limits::default()) {
                Ok(_) => assert!(read, "{name} at {cut}"),
                Err(error) => assert!(!read && matches!(error.fault, Fault::Truncated)),
            }
        }
        std::fs::write(&path, [&whole[..], b"junk"].concat()).unwrap();
        load(&path, &Limits::default()).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to a file: a picture or an error, soon, and without a panic of ours.
    #[test]
    fn damaged_bytes_give_a_picture_or_an_error(
        which in any::<prop::sample::Index>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        early in any::<bool>(),
    ) {
        let files = sources();
        let source = which.get(&files);
        let mut bytes = std::fs::read(source).unwrap();
        // Most of what can go wrong is in the header, most of the bytes are not.
        let span = if early { bytes.len().min(256) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(span)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(source.file_name().unwrap());
        std::fs::write(&path, &bytes).unwrap();
        let started = Instant::now();
        match prepare(&path, &Preprocessing::clip(SAMPLE_SIZE), &Limits::default()) {
            Ok(pixels) => prop_assert_eq!(pixels.width(), SAMPLE_SIZE),
            Err(error) => prop_assert!(error.to_string().contains("cannot read")),
        }
        prop_assert!(started.elapsed() < Duration::from_secs(5));
    }
}
