//! Pictures are put together here; those of other programs are in `tests/golden`.

use super::*;
use crate::core::pixels::Pixels;

/// A tag of SHORTs or of LONGs.
pub(super) type Tag<'a> = (u16, bool, &'a [u32]);

/// A file of these tags, with its strips at the start.
pub(super) fn file(big: bool, tags: &[Tag<'_>], strips: &[&[u8]]) -> Vec<u8> {
    let (head, count_bytes, value_bytes) = if big { (16, 8, 8) } else { (8, 2, 4) };
    let data: Vec<u8> = strips.concat();
    let mut offsets = Vec::new();
    let mut at = head as u32;
    for strip in strips {
        offsets.push(at);
        at += strip.len() as u32;
    }
    let lengths: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
    let mut tags = tags.to_vec();
    if tags.iter().any(|tag| tag.0 == 273) {
        // They are given.
    } else if !tags.iter().any(|tag| tag.0 == 322) {
        tags.extend([long(273, &offsets[..]), long(279, &lengths[..])]);
    } else {
        tags.extend([long(324, &offsets[..]), long(325, &lengths[..])]);
    }
    tags.sort_by_key(|tag| tag.0);
    let number = |value: usize, length: usize| value.to_le_bytes()[..length].to_vec();
    let directory = head + data.len();
    let entries_end = directory + count_bytes + tags.len() * (4 + 2 * value_bytes) + value_bytes;
    let (mut entries, mut more) = (number(tags.len(), count_bytes), Vec::new());
    for (tag, long, values) in tags {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|&v| number(v as usize, if long { 4 } else { 2 }))
            .collect();
        entries.extend(tag.to_le_bytes());
        entries.extend(number(if long { 4 } else { 3 }, 2));
        entries.extend(number(values.len(), value_bytes));
        if bytes.len() <= value_bytes {
            entries.extend(&bytes);
            entries.extend(vec![0; value_bytes - bytes.len()]);
        } else {
            entries.extend(number(entries_end + more.len(), value_bytes));
            more.extend(bytes);
        }
    }
    entries.extend(vec![0; value_bytes]);
    let start = match big {
        true => [&b"II+\0\x08\0\0\0"[..], &number(directory, 8)].concat(),
        false => [&b"II*\0"[..], &number(directory, 4)].concat(),
    };
    [start, data, entries, more].concat()
}

pub(super) fn read(bytes: &[u8]) -> Pixels {
    let loaded = decode(bytes, &Limits::default());
    let loaded = loaded.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(loaded.complete);
    loaded.pixels
}

pub(super) fn short(number: u16, values: &[u32]) -> Tag<'_> {
    (number, false, values)
}

pub(super) fn long(number: u16, values: &[u32]) -> Tag<'_> {
    (number, true, values)
}

/// Width, height, bits and interpretation.
pub(super) fn basic<'a>(
    size: &'a [u32; 2],
    bits: &'a [u32],
    photometric: &'a [u32],
) -> Vec<Tag<'a>> {
    vec![
        short(256, &size[..1]),
        short(257, &size[1..]),
        short(258, bits),
        short(262, photometric),
    ]
}

#[test]
fn few_bits_are_scaled_and_rows_start_at_bytes() {
    let cases: [(u32, u32, &[u8], [u8; 6]); 6] = [
        (1, 1, &[0b1010_0000, 0b0100_0000], [255, 0, 255, 0, 255, 0]),
        (1, 0, &[0b1010_0000, 0b0100_0000], [0, 255, 0, 255, 0, 255]),
        (2, 1, &[0b0001_1000, 0b1100_0100], [0, 85, 170, 255, 0, 85]),
        (4, 1, &[0x0F, 0x10, 0x23, 0x40], [0, 255, 17, 34, 51, 68]),
        (
            12,
            1,
            &[0xFF, 0xF0, 0, 0x80, 0, 0, 0xF, 0xFF, 0, 0],
            [255, 0, 128, 0, 255, 0],
        ),
        (
            16,
            0,
            &[0xFF, 0xFF, 0, 0, 0, 1, 1, 2, 0, 0, 255, 255],
            [0, 255, 254, 253, 255, 0],
        ),
    ];
    for (bits, photometric, rows, expected) in cases {
        let bytes = file(false, &basic(&[3, 2], &[bits], &[photometric]), &[rows]);
        let greys: Vec<u8> = read(&bytes).data().iter().step_by(3).copied().collect();
        assert_eq!(greys, expected, "{bits} bits");
    }
}

/// Two pixels, as any TIFF and as BigTIFF.
fn assert_colours(bits: &[u32], photometric: u32, more: &[Tag<'_>], row: &[u8], expected: [u8; 6]) {
    let (samples, photometric) = ([bits.len() as u32], [photometric]);
    let mut tags = basic(&[2, 1], bits, &photometric);
    tags.push(short(277, &samples));
    tags.extend(more);
    for big in [false, true] {
        let found = read(&file(big, &tags, &[row]));
        let apart = found
            .data()
            .iter()
            .zip(expected)
            .map(|(a, b)| a.abs_diff(b));
        assert!(
            apart.max() <= Some(1),
            "{photometric:?}: {:?}",
            found.data()
        );
    }
}

#[test]
fn palettes_have_16_bits_or_8() {
    let wide = [
        0xFF00, 0x1000, 0x2000, 0x3000, 1, 2, 0x100, 0x200, 0, 0, 0, 0xABCD,
    ];
    let narrow = [255, 16, 32, 48, 0, 0, 1, 2, 0, 0, 0, 171];
    for map in [wide, narrow] {
        let expected = [255, 0, 0, 48, 2, 171];
        assert_colours(&[2], 3, &[short(320, &map)], &[0b0011_0000], expected);
    }
}

#[test]
fn colours_of_every_kind() {
    let (three, white_and_black) = (&[8, 8, 8], [255, 255, 255, 0, 0, 0]);
    let inks = [0, 255, 0, 0, 0, 0, 0, 255];
    assert_colours(&[8; 4], 5, &[], &inks, [255, 0, 255, 0, 0, 0]);
    assert_colours(three, 8, &[], &[255, 0, 0, 0, 0, 0], white_and_black);
    assert_colours(
        three,
        9,
        &[],
        &[255, 128, 128, 0, 128, 128],
        white_and_black,
    );
    let red = [255, 128, 128, 76, 85, 255];
    let full = [short(530, &[1, 1])];
    assert_colours(three, 6, &full, &red, [255, 255, 255, 254, 0, 0]);
    // Opacity, and an unknown fourth sample.
    let opacity = [0, 0, 0, 0, 9, 9, 9, 255];
    assert_colours(
        &[8; 4],
        2,
        &[short(338, &[2])],
        &opacity,
        [255, 255, 255, 9, 9, 9],
    );
    let unknown = [1, 2, 3, 0, 9, 8, 7, 255];
    assert_colours(
        &[8; 4],
        2,
        &[short(338, &[0])],
        &unknown,
        [1, 2, 3, 9, 8, 7],
    );
}

#[test]
fn tiles_and_planes_are_put_where_they_belong() {
    let size = [3, 3];
    let tile = |first: u8| [first, first + 1, first + 2, first + 3];
    let (a, b, c, d) = (tile(10), tile(20), tile(30), tile(40));
    let tiled = [short(322, &[2]), short(323, &[2])];
    let mut tags = basic(&size, &[8], &[1]);
    tags.extend(tiled);
    let found = read(&file(false, &tags, &[&a, &b, &c, &d]));
    let greys: Vec<u8> = found.data().iter().step_by(3).copied().collect();
    assert_eq!(greys, [10, 11, 20, 12, 13, 22, 30, 31, 40]);

    let mut tags = basic(&[2, 2], &[8, 8, 8], &[2]);
    tags.extend([short(277, &[3]), short(278, &[1]), short(284, &[2])]);
    let rows: [&[u8]; 6] = [&[1, 2], &[3, 4], &[11, 12], &[13, 14], &[21, 22], &[23, 24]];
    let found = read(&file(false, &tags, &rows));
    assert_eq!(found.data(), [1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]);
}

#[test]
fn predictors_and_compressions_are_undone() {
    let rows = [10, 20, 30, 1, 2, 3, 5, 5, 5, 255, 0, 1];
    let expected = [10, 20, 30, 11, 22, 33, 5, 5, 5, 4, 5, 6];
    let deflated = {
        use std::io::Write as _;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&rows).unwrap();
        encoder.finish().unwrap()
    };
    let mut lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let lzw = lzw.encode(&rows).unwrap();
    let mut old_lzw = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 8);
    let old_lzw = old_lzw.encode(&rows).unwrap();
    let packed = [&[6][..], &rows[..7], &[255, 5, 2], &rows[9..]].concat();
    let reversed: Vec<u8> = rows.iter().map(|byte| byte.reverse_bits()).collect();
    let cases = [
        (1, 1, rows.to_vec()),
        (1, 2, reversed),
        (8, 1, deflated),
        (5, 1, lzw),
        (5, 1, old_lzw),
        (32_773, 1, packed),
    ];
    for (compression, order, data) in cases {
        let (compression, order) = ([compression], [order]);
        let mut tags = basic(&[2, 2], &[8, 8, 8], &[2]);
        tags.extend([short(277, &[3]), short(317, &[2]), short(266, &order)]);
        tags.push(short(259, &compression));
        let bytes = file(false, &tags, &[&data]);
        assert_eq!(read(&bytes).data(), expected, "{compression:?}");
    }
    let wide = [0, 1, 255, 0, 1, 0, 2, 0];
    let mut tags = basic(&[4, 1], &[16], &[1]);
    tags.push(short(317, &[2]));
    let greys: Vec<u8> = read(&file(false, &tags, &[&wide]))
        .data()
        .iter()
        .step_by(3)
        .copied()
        .collect();
    assert_eq!(greys, [1, 2, 2, 2]);
}

#[test]
fn numbers_without_a_white_are_shown_by_their_range() {
    let floats =
        |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    let signed =
        |values: &[i16]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    let cases = [
        (32, 3, floats(&[0.0, 0.5, 1.0]), [0, 188, 255]),
        (32, 3, floats(&[0.0, 7.0, 254.6]), [0, 7, 255]),
        (32, 3, floats(&[f32::NAN, 257.0, 65_535.0]), [1, 1, 255]),
        (32, 3, floats(&[-10.0, 0.0, 10.0]), [0, 128, 255]),
        (16, 2, signed(&[-100, 0, 100]), [0, 128, 255]),
        (
            24,
            1,
            vec![0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF],
            [0, 128, 255],
        ),
    ];
    for (bits, format, row, expected) in cases {
        let (bits, format) = ([bits], [format]);
        let mut tags = basic(&[3, 1], &bits, &[1]);
        tags.push(short(339, &format));
        let found = read(&file(false, &tags, &[&row]));
        let greys: Vec<u8> = found.data().iter().step_by(3).copied().collect();
        assert_eq!(greys, expected);
    }
}

#[test]
fn faxes_are_read_as_they_are_written() {
    let (width, height) = (200_usize, 60_usize);
    // Runs of all lengths, and lines that are unlike the one above.
    let is_black = |x: usize, y: usize| (x * x / (y + 3) + y * 7) % 11 < 4 && !y.is_multiple_of(9);
    let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
    for y in 0..height {
        let colours = (0..width).map(|x| {
            if is_black(x, y) {
                fax::Color::Black
            } else {
                fax::Color::White
            }
        });
        encoder.encode_line(colours, width as u16).unwrap();
    }
    let data = encoder.finish().unwrap().finish();
    let mut tags = basic(&[200, 60], &[1], &[0]);
    tags.push(short(259, &[4]));
    let found = read(&file(false, &tags, &[&data]));
    for y in 0..height {
        for x in 0..width {
            let expected = if is_black(x, y) { 0 } else { 255 };
            assert_eq!(found.data()[(y * width + x) * 3], expected, "{x}, {y}");
        }
    }
}

#[test]
fn what_is_there_of_a_cut_file_is_shown() {
    let rows: Vec<u8> = (0..90).collect();
    let mut tags = basic(&[3, 30], &[8], &[1]);
    tags.push(short(278, &[4]));
    let strips: Vec<&[u8]> = rows.chunks(12).collect();
    let bytes = file(false, &tags, &strips);
    assert!(decode(&bytes, &Limits::default()).unwrap().complete);
    // The strips end where the directory, which says that they go on, starts.
    let mut tags = basic(&[3, 60], &[8], &[1]);
    tags.push(short(278, &[4]));
    let half = decode(&file(false, &tags, &strips), &Limits::default()).unwrap();
    assert!(!half.complete);
    assert_eq!(half.pixels.data()[29 * 9], 87);
    assert_eq!(half.pixels.data()[31 * 9], 128);
    let size = [3, 200];
    let tags = basic(&size, &[8], &[1]);
    let fault = decode(&file(false, &tags, &strips), &Limits::default()).map(|_| ());
    assert!(matches!(fault, Err(Fault::Truncated)));
}

#[test]
fn sizes_and_shared_strips_are_refused_before_anything_is_decoded() {
    let fault = |tags: &[Tag<'_>], strips: &[&[u8]]| {
        decode(&file(false, tags, strips), &Limits::default())
            .map(|_| ())
            .unwrap_err()
    };
    let basic_long = |size: &'static [u32; 2]| {
        vec![
            long(256, &size[..1]),
            long(257, &size[1..]),
            short(258, &[8]),
            short(262, &[1]),
        ]
    };
    assert!(matches!(
        fault(&basic_long(&[1 << 20, 1 << 20]), &[b"a"]),
        Fault::TooLarge { .. }
    ));
    let mut tile = basic_long(&[10, 10]);
    tile.extend([long(322, &[1 << 20][..]), long(323, &[1 << 20])]);
    assert!(matches!(fault(&tile, &[b"a"]), Fault::TooMuchMemory { .. }));
    let mut many = basic_long(&[60_000, 2_000]);
    many.extend([long(322, &[1][..]), long(323, &[1])]);
    assert!(matches!(fault(&many, &[b"a"]), Fault::Damaged { .. }));
    let mut shared = basic_long(&[10, 1_000]);
    let (lengths, offsets) = ([100; 1_000], [8; 1_000]);
    shared.extend([short(278, &[1]), long(273, &offsets), long(279, &lengths)]);
    let bytes = file(false, &shared, &[]);
    let fault = decode(&bytes, &Limits::default()).map(|_| ()).unwrap_err();
    assert!(matches!(fault, Fault::Damaged { .. }), "{fault}");
}

#[test]
fn damage_does_no_harm() {
    let rows: Vec<u8> = (0..96).collect();
    let mut tags = basic(&[4, 8], &[8, 8, 8], &[6]);
    tags.extend([
        short(277, &[3]),
        short(278, &[4]),
        short(530, &[2, 2]),
        short(259, &[32_773]),
    ]);
    let whole = file(false, &tags, &[&rows[..48], &rows[48..]]);
    for cut in 0..whole.len() {
        let _ = decode(&whole[..cut], &Limits::default());
    }
    for at in 0..whole.len() {
        for value in [0, 1, 2, 4, 7, 0x80, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            let _ = decode(&damaged, &Limits::default());
        }
    }
}
