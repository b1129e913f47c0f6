//! A photo's bytes to the encoder's square, by megapixels, on one thread and on two.
//!
//! `cargo bench --bench decode`; items are photos.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
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
    let preprocessing = Preprocessing::clip(224);
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge,
        scaling,
    };
    let bytes = photo(megapixels);
    prepare_photo(Path::new("bench.jpg"), bytes, &wanted, &Limits::default()).unwrap()
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
