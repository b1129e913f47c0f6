//! Compares the scaled decoder with that of whole pictures, scaled down afterwards, and feeds it
//! hostile bytes.
//!
//! `tests/golden/scaled_jpeg.py` makes the files.

use std::f32::consts::PI;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use image::metadata::Orientation;
use proptest::prelude::*;
use rayon::prelude::*;

use crate::decode::scaled::*;
use crate::decode::{Limits, icc, jpeg, load, orientation};

fn golden() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scaled");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "jpg"))
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    files
}

fn named(name: &str) -> Vec<u8> {
    golden().into_iter().find(|(n, _)| n == name).unwrap().1
}

/// As stored: the test's files have no orientation.
fn whole(bytes: &[u8]) -> Pixels {
    let limits = Limits::default();
    load::load_bytes(Path::new("test.jpg"), bytes, &limits)
        .unwrap()
        .pixels
}

fn scaled(bytes: &[u8], eighths: u32) -> Result<Pixels, Odd> {
    Ok(Job::new(bytes)?.decode(eighths, Missing::Nothing)?.pixels)
}

/// The whole picture's 8×8 squares, reduced to their lowest frequencies: what the scaled decoder
/// does, but with samples instead of coefficients. Partial squares are left out, so this is up to
/// seven pixels smaller.
fn low_frequencies(picture: &Pixels, eighths: usize) -> (usize, usize, Vec<f32>) {
    // From eight samples to fewer: a transform and a shorter inverse.
    let basis = |i: usize, u: usize, n: usize| {
        let norm = if u == 0 { 1.0 } else { 2_f32.sqrt() };
        norm * ((2 * i + 1) as f32 * u as f32 * PI / (2 * n) as f32).cos()
    };
    let mut weights = [[0.0; 8]; 8];
    for (to, weights) in weights.iter_mut().enumerate().take(eighths) {
        for (from, weight) in weights.iter_mut().enumerate() {
            let sum: f32 = (0..eighths)
                .map(|u| basis(from, u, 8) * basis(to, u, eighths))
                .sum();
            *weight = sum / 8.0;
        }
    }
    let (across, down) = (picture.width() as usize / 8, picture.height() as usize / 8);
    let stride = picture.width() as usize * 3;
    let width = across * eighths;
    let mut out = vec![0.0; width * down * eighths * 3];
    for by in 0..down {
        for bx in 0..across * 3 {
            let (bx, channel) = (bx / 3, bx % 3);
            let mut rows = [[0.0; 8]; 8];
            for (y, row) in rows.iter_mut().enumerate() {
                let start = (by * 8 + y) * stride + bx * 24 + channel;
                for (to, value) in row.iter_mut().enumerate().take(eighths) {
                    *value = (0..8)
                        .map(|x| weights[to][x] * f32::from(picture.data()[start + 3 * x]))
                        .sum();
                }
            }
            for (to, weights) in weights.iter().enumerate().take(eighths) {
                for x in 0..eighths {
                    let column = rows.iter().map(|row| row[x]).zip(weights);
                    let value: f32 = column.map(|(value, weight)| value * weight).sum();
                    let at = ((by * eighths + to) * width + bx * eighths + x) * 3 + channel;
                    out[at] = value.clamp(0.0, 255.0);
                }
            }
        }
    }
    (width, down * eighths, out)
}

/// Mean absolute difference, in levels.
fn difference(scaled: &Pixels, whole: &Pixels, eighths: usize) -> f32 {
    let (width, height, reference) = low_frequencies(whole, eighths);
    let (mut sum, mut count) = (0.0, 0);
    for y in 0..height {
        let start = y * scaled.width() as usize * 3;
        let ours = &scaled.data()[start..start + width * 3];
        for (ours, reference) in ours.iter().zip(&reference[y * width * 3..]) {
            sum += (f32::from(*ours) - reference).abs();
            count += 1;
        }
    }
    sum / count.max(1) as f32
}

/// Levels of 255, on average: only rounding if all components have the picture's size; otherwise
/// decoders differ in how they enlarge colours.
fn allowed(name: &str) -> f32 {
    if name.starts_with("444") || name.starts_with("grey") {
        0.6
    } else {
        1.5
    }
}

#[test]
fn every_kind_is_as_the_whole_picture_scaled_down() {
    for (name, bytes) in golden() {
        let full = whole(&bytes);
        let job = Job::new(&bytes).unwrap();
        assert_eq!(job.size(), (149, 101), "{name}");
        for eighths in [1, 2, 4] {
            let ours = scaled(&bytes, eighths).unwrap();
            let size = ((149 * eighths).div_ceil(8), (101 * eighths).div_ceil(8));
            assert_eq!((ours.width(), ours.height()), size, "{name}");
            let mean = difference(&ours, &full, eighths as usize);
            println!("{mean:.3}  {name} at {eighths}/8");
            assert!(mean < allowed(&name), "{name} at {eighths}/8: {mean}");
        }
    }
}

/// The same coefficients give the same picture, however they were coded.
#[test]
fn codings_of_the_same_picture_agree() {
    for (plain, other) in [
        ("420.jpg", "420-restart.jpg"),
        ("420.jpg", "420-optimised.jpg"),
        ("420.jpg", "420-progressive.jpg"),
        ("420.jpg", "420-progressive-restart.jpg"),
        ("444.jpg", "444-progressive.jpg"),
        ("grey.jpg", "grey-progressive.jpg"),
    ] {
        for eighths in [1, 2, 4] {
            let (plain, other) = (named(plain), named(other));
            assert!(scaled(&plain, eighths) == scaled(&other, eighths));
        }
    }
}

/// Patches the frame's header: sampling of the first component, and the picture's size.
fn reframed(bytes: &[u8], sampling: u8, width: u16, height: u16) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes
        .windows(2)
        .position(|w| w == [0xFF, 0xC0] || w == [0xFF, 0xC2])
        .unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes[at + 11] = sampling;
    bytes
}

/// With as many units of another shape, the data stays valid but the picture changes.
#[test]
fn unusual_subsampling() {
    // 149×101 are 10×13 units of 16×8, and 10×7 of 16×16.
    for (name, sampling, width, height) in [
        ("422.jpg", 0x12, 80, 208),
        ("422.jpg", 0x12, 73, 193),
        ("420.jpg", 0x41, 320, 56),
        ("420.jpg", 0x14, 80, 224),
    ] {
        let bytes = reframed(&named(name), sampling, width, height);
        let full = whole(&bytes);
        for eighths in [1, 2] {
            let ours = scaled(&bytes, eighths).unwrap();
            let mean = difference(&ours, &full, eighths as usize);
            println!("{mean:.3}  {sampling:#x} at {eighths}/8");
            assert!(mean < 5.0, "{sampling:#x} at {eighths}/8: {mean}");
        }
    }
    // Colours at a quarter of the width are enlarged by the transform itself.
    assert!(scaled(&reframed(&named("420.jpg"), 0x41, 320, 56), 4).is_ok());
}

#[test]
fn colours_that_are_stored_as_such() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/preprocess/source");
    for (name, fine) in [
        ("adobe-rgb.jpg", true),
        ("rgb-ids.jpg", true),
        ("adobe-ycc.jpg", true),
        ("no-jfif.jpg", true),
        ("cmyk.jpg", false),
        ("ycck.jpg", false),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let ours = scaled(&bytes, 2);
        assert_eq!(ours.is_ok(), fine, "{name}");
        if let Ok(ours) = ours {
            let mean = difference(&ours, &whole(&bytes), 2);
            println!("{mean:.3}  {name}");
            assert!(mean < 1.5, "{name}: {mean}");
        }
    }
}

/// Without an end, with an appendix, or with zeros instead: all of the data is there.
#[test]
fn the_end_may_be_missing_where_the_data_is_not() {
    for name in [
        "420.jpg",
        "420-restart.jpg",
        "420-progressive.jpg",
        "grey-progressive.jpg",
    ] {
        let bytes = named(name);
        let without = &bytes[..bytes.len() - 2];
        for appendix in [
            &b""[..],
            &[0; 3000],
            b"SEFT\xff\xc9\0\x04ab",
            b"\xff\xc0\0\x08",
        ] {
            let file = [without, appendix].concat();
            for eighths in [1, 2, 4, 8] {
                assert!(scaled(&file, eighths).is_err() || appendix.is_empty());
                let job = Job::new(&file).unwrap();
                let found = job.decode(eighths, Missing::Data).unwrap();
                assert!(found.complete, "{name}, {appendix:?}");
                assert!(found.pixels == scaled(&bytes, eighths).unwrap());
            }
        }
    }
}

/// Above the cut the picture is complete, below it grey; less than a third is refused.
#[test]
fn what_is_there_of_a_cut_picture_is_read() {
    for name in ["420.jpg", "444.jpg", "420-restart.jpg", "grey.jpg"] {
        let bytes = named(name);
        let whole = scaled(&bytes, 8).unwrap();
        let (mut read, mut refused) = (0, 0);
        for cut in (700..bytes.len() - 2).step_by(50) {
            let Ok(found) = Job::new(&bytes[..cut]).and_then(|j| j.decode(8, Missing::Data)) else {
                refused += 1;
                assert!(cut * 3 < bytes.len() * 2, "{name} cut at {cut}");
                continue;
            };
            read += 1;
            let row = whole.width() as usize * 3;
            let (ours, whole) = (found.pixels.data(), whole.data());
            let same = ours.chunks(row).zip(whole.chunks(row));
            let same = same.take_while(|(ours, whole)| ours == whole).count();
            assert!(
                same * 3 >= 101 || found.complete,
                "{name} cut at {cut}: {same} rows"
            );
            assert!(found.complete || ours[same * row..].iter().all(|&v| v == 128));
        }
        assert!(
            read > 0 && refused > 0,
            "{name}: {read} read, {refused} refused"
        );
    }
    let bytes = named("420-progressive.jpg");
    let cut = Job::new(&bytes[..bytes.len() * 2 / 3]).unwrap();
    let cut = cut.decode(8, Missing::Data).unwrap();
    assert!(!cut.complete);
    let mean = difference(&cut.pixels, &scaled(&bytes, 8).unwrap(), 8);
    assert!(mean < 5.0, "{mean}");
}

/// The coefficients of the progressive file's picture, recoded as one scan per component.
#[test]
fn a_scan_for_each_component_is_the_same_picture() {
    for (name, plain) in [
        ("separate-420.jpeg", "separate-420-one.jpeg"),
        ("separate-y-cbcr.jpeg", "separate-420-one.jpeg"),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scaled");
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let (separate, plain) = (read(name), read(plain));
        for eighths in [1, 2, 4, 8] {
            assert!(scaled(&separate, eighths).unwrap() == scaled(&plain, eighths).unwrap());
        }
        let mean = difference(&whole(&separate), &whole(&plain), 8);
        assert!(mean < 1.5, "{name}: {mean}");
    }
}

#[test]
fn anything_cut_is_odd() {
    for name in ["420.jpg", "420-restart.jpg", "420-progressive.jpg"] {
        let bytes = named(name);
        for cut in (0..bytes.len() - 1).step_by(7) {
            assert!(scaled(&bytes[..cut], 1).is_err(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn a_restart_marker_that_is_not_due_or_missing_is_odd() {
    let bytes = named("420-restart.jpg");
    let at = bytes.windows(2).position(|w| w == [0xFF, 0xD1]).unwrap();
    for other in [0xD0, 0xD2, 0xD9, 0x00] {
        let mut bytes = bytes.clone();
        bytes[at + 1] = other;
        assert!(scaled(&bytes, 2).is_err(), "{other:#x}");
    }
    let mut bytes = bytes;
    bytes.drain(at..at + 2);
    assert!(scaled(&bytes, 2).is_err());
}

/// Every JPEG of the shared collection, where there is one.
#[test]
fn collected_files_are_as_the_whole_picture_scaled_down() {
    let Some(shared) = std::env::var_os("TAGLENS_SHARED").map(PathBuf::from) else {
        println!("skipped: TAGLENS_SHARED is not set");
        return;
    };
    let mut files = Vec::new();
    for folder in ["photos", "odd-images"] {
        collect(&shared.join(folder), &mut files);
    }
    assert!(files.len() > 100, "no collection");
    let results = Mutex::new(Vec::new());
    let odd = Mutex::new(Vec::new());
    files.par_iter().for_each(|path| {
        let bytes = std::fs::read(path).unwrap();
        let Ok(_) = Job::new(&bytes) else {
            odd.lock().unwrap().push(path.clone());
            return;
        };
        let Ok(full) = load::load_bytes(path, &bytes, &Limits::default()) else {
            return;
        };
        // Turned pictures are compared in the tests of orientation.
        let facts = jpeg::inspect(&bytes).unwrap();
        if orientation::of_metadata(facts.exif, facts.xmp) != Orientation::NoTransforms {
            return;
        }
        for eighths in [1, 2, 4] {
            match scaled(&bytes, eighths) {
                Ok(mut ours) => {
                    if let Some(profile) = facts.profile() {
                        icc::to_srgb(ours.data_mut(), &profile);
                    }
                    let mean = difference(&ours, &full.pixels, eighths as usize);
                    results.lock().unwrap().push((mean, eighths, path.clone()));
                }
                Err(Odd) => odd.lock().unwrap().push(path.clone()),
            }
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (mean, eighths, path) in results.iter().take(12) {
        println!("{mean:.3}  {} at {eighths}/8", path.display());
    }
    let mean = results.iter().map(|r| r.0).sum::<f32>() / results.len().max(1) as f32;
    let odd = odd.into_inner().unwrap();
    println!(
        "{} compared, mean {mean:.3}; decoded whole: {odd:?}",
        results.len()
    );
    assert!(mean < 1.0, "{mean}");
    // An icon of saturated colours is clipped at 0 and 255 either before or after scaling.
    let photos = shared.join("photos");
    let most = |path: &Path| if path.starts_with(&photos) { 3.0 } else { 8.0 };
    assert!(results.iter().all(|(mean, _, path)| *mean < most(path)));
    let of_photos = odd
        .iter()
        .filter(|p| p.starts_with(shared.join("photos")))
        .count();
    assert!(of_photos * 50 < files.len(), "{of_photos} photos are odd");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "jpg" || e == "jpeg") {
            files.push(path);
        }
    }
}

fn encoded(width: u32, height: u32, grey: bool, quality: u8) -> Vec<u8> {
    let channels = if grey { 1 } else { 3 };
    let samples: Vec<u8> = (0..width * height * channels)
        .map(|at| ((at * 7 + at / 13) % 97 + at % 151) as u8)
        .collect();
    let colour = match grey {
        true => image::ExtendedColorType::L8,
        false => image::ExtendedColorType::Rgb8,
    };
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(&samples, width, height, colour)
        .unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_size(
        width in 1_u32..=40,
        height in 1_u32..=40,
        grey in any::<bool>(),
        quality in 20_u8..=100,
    ) {
        let bytes = encoded(width, height, grey, quality);
        let full = whole(&bytes);
        for eighths in [1, 2, 4] {
            let ours = scaled(&bytes, eighths).unwrap();
            prop_assert_eq!(ours.width(), (width * eighths).div_ceil(8));
            prop_assert_eq!(ours.height(), (height * eighths).div_ceil(8));
            // If coefficients exceed the range, samples are clamped either before or after scaling.
            let mean = difference(&ours, &full, eighths as usize);
            prop_assert!(mean < 4.0, "{}×{} at {}: {}", width, height, eighths, mean);
        }
    }

    /// Sizes with the same units, subsampled: the same data with other edges.
    #[test]
    fn any_size_with_subsampling(width in 145_u16..=160, height in 97_u16..=112) {
        let bytes = reframed(&named("420.jpg"), 0x22, width, height);
        let most = scaled(&reframed(&named("420.jpg"), 0x22, 160, 112), 2).unwrap();
        let ours = scaled(&bytes, 2).unwrap();
        prop_assert_eq!(ours.width(), u32::from(width).div_ceil(4));
        prop_assert_eq!(ours.height(), u32::from(height).div_ceil(4));
        for (ours, most) in ours.data().chunks(ours.width() as usize * 3).zip(most.data().chunks(120)) {
            prop_assert!(most.starts_with(ours));
        }
    }

    /// Any file gives a picture or none, and no panic.
    #[test]
    fn damaged_bytes_give_a_picture_or_none(
        which in any::<prop::sample::Index>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        early in any::<bool>(),
        eighths in prop::sample::select(vec![1, 2, 4, 8]),
        allowed in prop::sample::select(vec![Missing::Nothing, Missing::Data]),
    ) {
        let files = golden();
        let mut bytes = which.get(&files).1.clone();
        let span = if early { bytes.len().min(700) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(span)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        // Pictures as large as a changed header says are refused before this is called.
        if let Ok(job) = Job::new(&bytes)
            && job.bytes(eighths).is_ok_and(|bytes| bytes < 8 << 20)
            && let Ok(picture) = job.decode(eighths, allowed)
        {
            prop_assert!(picture.pixels.width() > 0);
        }
    }
}
