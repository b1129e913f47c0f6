//! Bitmaps are put together here; those of other programs are in `tests/golden`.

use super::*;

/// A bitmap of 4 × 3 pixels with these fields after its size, and this content.
fn bitmap(length: u32, height: i32, bits: u16, compression: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(4_i32.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    // More planes than there are.
    bytes.extend(5_u16.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(compression.to_le_bytes());
    bytes.resize(FILE_HEADER + length as usize, 0);
    bytes.extend(rest);
    bytes
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    let loaded = decode(bytes, &Limits::default()).unwrap();
    assert_eq!((loaded.pixels.width(), loaded.pixels.height()), (4, 3));
    loaded.pixels.into_data()
}

fn grey_palette() -> Vec<u8> {
    (0..=255).flat_map(|v| [v, v, v, 0]).collect()
}

#[test]
fn runs_may_jump_overrun_and_start_at_the_top() {
    let runs = [
        2, 7, 0, 2, 1, 0, 9,
        8, // Two pixels, a jump of one, and a run past the end of the line.
        0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 1,
    ];
    let file = |height| bitmap(40, height, 8, 1, &[&grey_palette()[..], &runs].concat());
    let greys = |bytes: &[u8]| -> Vec<u8> {
        pixels(bytes)
            .as_chunks::<3>()
            .0
            .iter()
            .map(|p| p[0])
            .collect()
    };
    assert_eq!(greys(&file(-3)), [7, 7, 0, 8, 1, 2, 3, 0, 0, 0, 0, 0]);
    assert_eq!(greys(&file(3)), [0, 0, 0, 0, 1, 2, 3, 0, 7, 7, 0, 8]);
    let whole = file(3);
    for cut in 0..whole.len() {
        let _ = decode(&whole[..cut], &Limits::default());
    }
}

#[test]
fn headers_of_os2_are_read() {
    let rows: Vec<u8> = (1..=36).collect();
    for length in [16, 40, 64] {
        let read = pixels(&bitmap(length, 3, 24, 0, &rows));
        assert_eq!(read[24..27], [3, 2, 1], "{length}");
    }
    let coloured = [4, 1, 2, 3, 0, 0, 4, 4, 5, 6, 0, 0, 0, 1];
    let read = pixels(&bitmap(64, 3, 24, 4, &coloured));
    assert_eq!(
        (&read[24..27], &read[12..15]),
        (&[3, 2, 1][..], &[6, 5, 4][..])
    );
}

#[test]
fn opacity_that_is_nowhere_given_does_not_hide_the_picture() {
    let masks = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    let rows = [9, 8, 7, 0].repeat(12);
    let read = pixels(&bitmap(40, 3, 32, 6, &[&masks[..], &rows].concat()));
    assert_eq!(read[..3], [7, 8, 9]);
    let half = [9, 8, 7, 0].repeat(11);
    let rows = [&half[..], &[0, 0, 0, 255]].concat();
    let read = pixels(&bitmap(40, 3, 32, 6, &[&masks[..], &rows].concat()));
    assert_eq!(read[24..27], [255; 3]);
}
