//! JPEGs of both kinds in strips.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::tests::{Tag, basic, file, long, read, short};

const SIZE: [u32; 2] = [40, 24];

/// A picture of two colours, one above the other.
fn picture(rows: std::ops::Range<u32>) -> Vec<u8> {
    let row = |y: u32| match y < 12 {
        true => [200, 30, 90].repeat(SIZE[0] as usize),
        false => [10, 120, 220].repeat(SIZE[0] as usize),
    };
    rows.flat_map(row).collect()
}

fn jpeg(rows: std::ops::Range<u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let height = rows.end - rows.start;
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder
        .encode(&picture(rows), SIZE[0], height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

fn tags<'a>(compression: &'a [u32], rows: &'a [u32], photometric: &'a [u32]) -> Vec<Tag<'a>> {
    let mut tags = basic(&SIZE, &[8, 8, 8], photometric);
    tags.extend([
        short(277, &[3]),
        short(259, compression),
        short(278, rows),
        short(530, &[1, 1]),
    ]);
    tags
}

fn apart(found: &[u8], expected: &[u8]) -> u8 {
    assert_eq!(found.len(), expected.len());
    let each = found.iter().zip(expected).map(|(a, b)| a.abs_diff(*b));
    each.max().unwrap()
}

#[test]
fn strips_are_jpegs_of_their_own() {
    let (upper, lower) = (jpeg(0..16), jpeg(16..24));
    let bytes = file(false, &tags(&[7], &[16], &[6]), &[&upper, &lower]);
    let found = read(&bytes);
    assert!(apart(found.data(), &picture(0..24)) < 12);
    // The same strips in the old way.
    let bytes = file(false, &tags(&[6], &[16], &[6]), &[&upper, &lower]);
    assert!(apart(read(&bytes).data(), &picture(0..24)) < 12);
}

#[test]
fn an_old_file_with_one_jpeg_is_that_jpeg() {
    let whole = jpeg(0..24);
    let length = [whole.len() as u32];
    let mut tags = tags(&[6], &[8], &[6]);
    tags.extend([long(513, &[8]), long(514, &length)]);
    // Strips that begin inside it.
    let strips: Vec<&[u8]> = vec![&whole[..700], &whole[700..800], &whole[800..]];
    let found = read(&file(false, &tags, &strips));
    assert!(apart(found.data(), &picture(0..24)) < 12);
}

#[test]
fn an_old_file_without_a_jpeg_has_its_tables() {
    let whole = jpeg(0..24);
    let mut tables = [Vec::new(), Vec::new(), Vec::new()];
    let mut scan = 0;
    let mut at = 2;
    while scan == 0 {
        let length = usize::from(u16::from_be_bytes([whole[at + 2], whole[at + 3]]));
        let segment = &whole[at + 4..at + 2 + length];
        match whole[at + 1] {
            0xDB => segment
                .chunks(65)
                .for_each(|table| tables[0].push(&table[1..])),
            0xC4 => tables[1 + usize::from(segment[0] >> 4)].push(&segment[1..]),
            0xDA => scan = at + 2 + length,
            _ => {}
        }
        at += 2 + length;
    }
    // The tables lie before the scan, in a strip of their own.
    let mut before = Vec::new();
    let mut places = Vec::new();
    for kind in &tables {
        let mut of_kind = Vec::new();
        for index in [0, 1, 1] {
            let table = kind[index.min(kind.len() - 1)];
            of_kind.push(8 + before.len() as u32);
            before.extend(table);
        }
        places.push(of_kind);
    }
    let mut tags = tags(&[6], &[24], &[6]);
    let (start, length) = ([8 + before.len() as u32], [(whole.len() - scan - 2) as u32]);
    tags.extend([
        long(519, &places[0]),
        long(520, &places[1]),
        long(521, &places[2]),
        long(273, &start),
        long(279, &length),
    ]);
    let bytes = file(false, &tags, &[&before, &whole[scan..whole.len() - 2]]);
    assert!(apart(read(&bytes).data(), &picture(0..24)) < 12);
}
