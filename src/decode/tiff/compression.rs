//! Undoes the compression of a strip or a tile.

use std::io::Read;

use crate::decode::error::Fault;
use crate::decode::tiff::ccitt::{self, Coding};

/// How strips and tiles are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Ccitt(Coding),
    Lzw,
    OldJpeg,
    Jpeg,
    Deflate,
    PackBits,
    ThunderScan,
}

/// T4Options, bit 0.
const TWO_DIMENSIONS: u64 = 1;

impl Compression {
    pub(super) fn of(number: u64, t4_options: u64) -> Result<Self, Fault> {
        Ok(match number {
            1 => Self::None,
            2 => Self::Ccitt(Coding::Rows { aligned_to: 8 }),
            32_771 => Self::Ccitt(Coding::Rows { aligned_to: 16 }),
            3 => Self::Ccitt(Coding::Group3 {
                two_dimensions: t4_options & TWO_DIMENSIONS != 0,
            }),
            4 => Self::Ccitt(Coding::Group4),
            5 => Self::Lzw,
            6 => Self::OldJpeg,
            7 => Self::Jpeg,
            8 | 32_946 => Self::Deflate,
            32_773 => Self::PackBits,
            32_809 => Self::ThunderScan,
            other => {
                return Err(Fault::Unsupported {
                    format: format!("TIFF with the compression {other}"),
                });
            }
        })
    }
}

/// The shape of a strip or a tile, whose bytes are wanted.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Pixels across.
    pub(super) width: usize,
    pub(super) row_bytes: usize,
}

/// Decompresses into `out`, and returns how many of its bytes are there. JPEG is not among these.
pub(super) fn decompress(
    compression: Compression,
    data: &[u8],
    shape: Shape,
    out: &mut [u8],
) -> usize {
    match compression {
        Compression::Ccitt(coding) => {
            ccitt::decode(data, coding, shape.width, out) * shape.row_bytes
        }
        Compression::Lzw => lzw(data, out),
        Compression::Deflate => read_into(flate2::read::ZlibDecoder::new(data), out),
        Compression::PackBits => pack_bits(data, out),
        Compression::ThunderScan => thunder_scan(data, shape, out),
        Compression::None | Compression::OldJpeg | Compression::Jpeg => {
            let length = data.len().min(out.len());
            out[..length].copy_from_slice(&data[..length]);
            length
        }
    }
}

fn read_into(mut reader: impl Read, out: &mut [u8]) -> usize {
    let mut there = 0;
    while there < out.len() {
        match reader.read(&mut out[there..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => there += count,
        }
    }
    there
}

fn lzw(data: &[u8], out: &mut [u8]) -> usize {
    // Before version 6 of the standard, codes began with the lowest bits.
    let mut decoder = match data {
        [0, second, ..] if second & 1 == 1 => weezl::decode::Decoder::new(weezl::BitOrder::Lsb, 8),
        _ => weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8),
    };
    let (mut from, mut there) = (0, 0);
    while there < out.len() {
        let result = decoder.decode_bytes(&data[from..], &mut out[there..]);
        from += result.consumed_in;
        there += result.consumed_out;
        match result.status {
            Ok(weezl::LzwStatus::Ok) if result.consumed_in > 0 || result.consumed_out > 0 => {}
            _ => break,
        }
    }
    there
}

/// Runs of equal bytes (TIFF 6.0, section 9).
fn pack_bits(mut data: &[u8], out: &mut [u8]) -> usize {
    let mut there = 0;
    while there < out.len() {
        let Some((&count, rest)) = data.split_first() else {
            break;
        };
        data = rest;
        let room = &mut out[there..];
        match count as i8 {
            -128 => {}
            count @ 0.. => {
                let length = (count as usize + 1).min(room.len()).min(data.len());
                room[..length].copy_from_slice(&data[..length]);
                data = &data[length..];
                there += length;
            }
            count => {
                let Some((&value, rest)) = data.split_first() else {
                    break;
                };
                data = rest;
                let length = (1 - isize::from(count)).unsigned_abs().min(room.len());
                room[..length].fill(value);
                there += length;
            }
        }
    }
    there
}

/// Four bits a pixel, as differences or runs (ThunderScan, in libtiff). Rows start anew.
fn thunder_scan(data: &[u8], shape: Shape, out: &mut [u8]) -> usize {
    const TWO_BITS: [i16; 4] = [0, 1, 0, -1];
    const THREE_BITS: [i16; 8] = [0, 1, 2, 3, 0, -3, -2, -1];
    let mut codes = data.iter();
    let mut rows = 0;
    for row in out.chunks_exact_mut(shape.row_bytes.max(1)) {
        let (mut last, mut x) = (0_i16, 0);
        let mut put = |value: i16, x: &mut usize| {
            if let Some(byte) = row.get_mut(*x / 2) {
                *byte |= ((value & 15) as u8) << if x.is_multiple_of(2) { 4 } else { 0 };
            }
            *x += 1;
        };
        while x < shape.width {
            let Some(&code) = codes.next() else {
                return rows * shape.row_bytes;
            };
            match code >> 6 {
                0 => {
                    for _ in 0..(code & 63) {
                        put(last, &mut x);
                    }
                }
                1 => {
                    for shift in [4, 2, 0] {
                        let code = usize::from(code >> shift & 3);
                        if code != 2 {
                            last += TWO_BITS[code];
                            put(last, &mut x);
                        }
                    }
                }
                2 => {
                    for shift in [3, 0] {
                        let code = usize::from(code >> shift & 7);
                        if code != 4 {
                            last += THREE_BITS[code];
                            put(last, &mut x);
                        }
                    }
                }
                _ => {
                    last = i16::from(code & 15);
                    put(last, &mut x);
                }
            }
            last &= 15;
        }
        rows += 1;
    }
    rows * shape.row_bytes
}

/// Reverses the bits of each byte: FillOrder 2.
pub(super) fn reverse_bits(data: &mut [u8]) {
    data.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
}
