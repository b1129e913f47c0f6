//! A photo's bytes to the encoder's square, by megapixels, on one thread and on two.
//!
//! `cargo bench --bench decode`; items are photos. With `TAGLENS_SHARED` set to a folder with
//! `formats/heic`, `formats/avif` and so on, photos of the newer formats are decoded too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::counter::ItemsCount;
use taglens::core::encoder::Preprocessing;
use taglens::decode::{Limits, Prepared, Scaling, Wanted, prepare_photo};

/// Megapixels, width and height: whole tiles across, and whole units down.
const SIZES: [(u32, u16, u16); 4] = [
    (1, 1024, 976),
    (6, 3072, 1952),
    (12, 4096, 2928),
    (24, 6144, 3904),
];
/// Width of the tile, which is between two of its restart markers.
const TILE_WIDTH: usize = 512;
/// Height of a 4:2:0 unit.
const UNIT: usize = 16;

fn main() {
    divan::main();
}

/// A 4:2:0 JPEG as large as a camera's, pieced together from the tile: what is between two
/// restart markers stands for itself, so that it can be repeated in any order.
fn photo(megapixels: u32) -> &'static [u8] {
    static FILES: [OnceLock<Vec<u8>>; 4] = [const { OnceLock::new() }; 4];
    let at = SIZES.iter().position(|s| s.0 == megapixels).unwrap();
    FILES[at].get_or_init(|| {
        let (_, width, height) = SIZES[at];
        let tile = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/scaled/tile.jpeg");
        let tile = std::fs::read(tile).unwrap();
        let find = |marker: u8| tile.windows(2).position(|w| w == [0xFF, marker]).unwrap();
        let frame = find(0xC0);
        let scan = find(0xDA);
        let data = scan + 2 + usize::from(u16::from_be_bytes([tile[scan + 2], tile[scan + 3]]));

        let mut pieces = Vec::new();
        let mut start = data;
        for end in data..tile.len() - 1 {
            if tile[end] == 0xFF && matches!(tile[end + 1], 0xD0..=0xD9) {
                pieces.push(&tile[start..end]);
                start = end + 2;
            }
        }
        let mut bytes = tile[..data].to_vec();
        bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        let count = usize::from(width) / TILE_WIDTH * usize::from(height) / UNIT;
        let mut random = 1_usize;
        for piece in 0..count {
            // No order that a processor could learn (the multiplier is Knuth's, of MMIX).
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            bytes.extend(pieces[(random >> 33) % pieces.len()]);
            let restart = 0xD0 + (piece % 8) as u8;
            let marker = if piece + 1 < count { restart } else { 0xD9 };
            bytes.extend([0xFF, marker]);
        }
        println!("{megapixels} megapixels in {} bytes", bytes.len());
        bytes
    })
}

fn prepared(megapixels: u32, scaling: Scaling, thumbnail_edge: Option<u32>) -> Prepared {
    prepare(
        Path::new("bench.jpg"),
        photo(megapixels),
        scaling,
        thumbnail_edge,
    )
}

fn prepare(name: &Path, bytes: &[u8], scaling: Scaling, thumbnail_edge: Option<u32>) -> Prepared {
    let preprocessing = Preprocessing::clip(224);
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge,
        scaling,
    };
    let limits = Limits {
        videos: true,
        ..Limits::default()
    };
    prepare_photo(name, bytes, &wanted, &limits).unwrap()
}

fn run(bencher: divan::Bencher<'_, '_>, megapixels: u32, scaling: Scaling, edge: Option<u32>) {
    photo(megapixels);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| prepared(megapixels, scaling, edge));
}

#[divan::bench(args = [1, 6, 12, 24], threads = [1, 2])]
fn scaled(bencher: divan::Bencher<'_, '_>, megapixels: u32) {
    run(bencher, megapixels, Scaling::Allowed, None);
}

#[divan::bench(args = [1, 6, 12, 24], threads = [1, 2])]
fn scaled_with_thumbnail(bencher: divan::Bencher<'_, '_>, megapixels: u32) {
    run(bencher, megapixels, Scaling::Allowed, Some(384));
}

#[divan::bench(args = [1, 6, 12, 24], threads = [1, 2], sample_count = 10)]
fn full(bencher: divan::Bencher<'_, '_>, megapixels: u32) {
    run(bencher, megapixels, Scaling::Never, None);
}

/// Photos of the newer formats, below `TAGLENS_SHARED`: of phones and cameras.
const NEWER: [&str; 9] = [
    "formats/heic/test-assets-IMG_2682.heic",
    "formats/hif/exiv2-Canon.HIF",
    "formats/avif/test-assets-8bit-sRGB.avif",
    "formats/jxl/test-assets-8bit-sRGB.jxl",
    "formats/dng/photoprism-canon_eos_6d.dng",
    "formats/nef/metadata-extractor-images-Issue_247-2.nef",
    "formats/cr3/nom-exif-canon-r6.cr3",
    "formats/mp4/photoprism-404.mp4",
    "formats/mp4/photoprism-mp42-hvc1.mp4",
];

fn newer() -> Vec<&'static str> {
    let Some(shared) = std::env::var_os("TAGLENS_SHARED").map(PathBuf::from) else {
        return Vec::new();
    };
    let there = |file: &&str| shared.join(file).is_file();
    NEWER.into_iter().filter(there).collect()
}

fn run_newer(bencher: divan::Bencher<'_, '_>, file: &str, scaling: Scaling) {
    let shared = PathBuf::from(std::env::var_os("TAGLENS_SHARED").unwrap());
    let bytes = std::fs::read(shared.join(file)).unwrap();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| prepare(Path::new(file), &bytes, scaling, Some(384)));
}

/// By the thumbnail in the file, if it is large enough, or a fraction of the size.
#[divan::bench(args = newer(), sample_count = 10)]
fn newer_scaled(bencher: divan::Bencher<'_, '_>, file: &str) {
    run_newer(bencher, file, Scaling::Allowed);
}

#[divan::bench(args = newer(), sample_count = 10)]
fn newer_full(bencher: divan::Bencher<'_, '_>, file: &str) {
    run_newer(bencher, file, Scaling::Never);
}

/// TIFF of the pixels of the photo of 12 megapixels, as a scanner writes it: in strips of 16 rows.
fn tiff(kind: &'static str) -> &'static [u8] {
    static FILES: OnceLock<HashMap<&'static str, Vec<u8>>> = OnceLock::new();
    let made = || {
        let picture = image::load_from_memory(photo(12)).unwrap();
        let grey = picture.to_luma8();
        let colour = picture.into_rgb8();
        let (width, height) = colour.dimensions();
        let rows = |samples: &[u8], bytes: u32| -> Vec<Vec<u8>> {
            let strips = samples.chunks((bytes * width * 16) as usize);
            strips.map(<[u8]>::to_vec).collect()
        };
        let packed = |strip: Vec<u8>| {
            let mut encoder =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&strip).unwrap();
            encoder.finish().unwrap()
        };
        let lzw = |strip: Vec<u8>| {
            let mut encoder =
                weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            encoder.encode(&strip).unwrap()
        };
        let (rgb, l) = (rows(&colour, 3), rows(&grey, 1));
        let file = |strips, compression, samples| {
            strips_of_tiff((width, height), strips, compression, samples)
        };
        HashMap::from([
            ("rgb", file(rgb.clone(), 1, 3)),
            (
                "rgb-deflate",
                file(rgb.clone().into_iter().map(packed).collect(), 8, 3),
            ),
            ("rgb-lzw", file(rgb.into_iter().map(lzw).collect(), 5, 3)),
            ("grey-lzw", file(l.into_iter().map(lzw).collect(), 5, 1)),
        ])
    };
    &FILES.get_or_init(made)[kind]
}

fn strips_of_tiff(
    (width, height): (u32, u32),
    strips: Vec<Vec<u8>>,
    compression: u32,
    samples: u32,
) -> Vec<u8> {
    let data = strips.concat();
    let directory = 8 + data.len() as u32;
    let count = strips.len() as u32;
    let tables = directory + 2 + 12 * 9 + 4;
    let photometric = if samples == 3 { 2 } else { 1 };
    let mut bytes = [
        &b"II*\0"[..],
        &directory.to_le_bytes(),
        &data,
        &9_u16.to_le_bytes(),
    ]
    .concat();
    for (tag, values, value) in [
        (256_u16, 1, width),
        (257, 1, height),
        (258, 1, 8),
        (259, 1, compression),
        (262, 1, photometric),
        (273, count, tables),
        (277, 1, samples),
        (278, 1, 16),
        (279, count, tables + 4 * count),
    ] {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend([values, value].map(u32::to_le_bytes).concat());
    }
    bytes.extend([0; 4]);
    let mut at = 8;
    for strip in &strips {
        bytes.extend(u32::to_le_bytes(at));
        at += strip.len() as u32;
    }
    bytes.extend(
        strips
            .iter()
            .flat_map(|strip| (strip.len() as u32).to_le_bytes()),
    );
    bytes
}

#[divan::bench(args = ["rgb", "rgb-deflate", "rgb-lzw", "grey-lzw"], sample_count = 10)]
fn tiff_of_12_megapixels(bencher: divan::Bencher<'_, '_>, kind: &'static str) {
    let bytes = tiff(kind);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| prepare(Path::new("bench.tif"), bytes, Scaling::Never, Some(384)));
}
