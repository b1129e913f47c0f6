//! Unpacks samples: predictors, any number of bits, and floating-point numbers.

/// The type of the samples (SampleFormat).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// How one sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) kind: Kind,
    pub(super) bits: usize,
    pub(super) little_endian: bool,
}

impl Sample {
    /// The unsigned number at `index` in a row.
    pub(super) fn raw(self, row: &[u8], index: usize) -> u64 {
        let at = index * self.bits;
        match self.bits {
            8 => u64::from(row.get(index).copied().unwrap_or(0)),
            bits if bits.is_multiple_of(8) => {
                let start = at / 8;
                let bytes = row.get(start..start + bits / 8).unwrap_or_default();
                let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
                match self.little_endian {
                    true => bytes.iter().rev().fold(0, add),
                    false => bytes.iter().fold(0, add),
                }
            }
            // Packed, from the highest bit on, whatever the byte order.
            bits => (at..at + bits).fold(0, |sum, bit| {
                let byte = row.get(bit / 8).copied().unwrap_or(0);
                sum << 1 | u64::from(byte >> (7 - bit % 8) & 1)
            }),
        }
    }

    /// The nearest of 256 levels of the sample at `index`.
    pub(super) fn level(self, row: &[u8], index: usize) -> u8 {
        if self.kind != Kind::Unsigned && self.bits != 8 {
            return (self.value(row, index).clamp(0.0, 1.0) * 255.0).round() as u8;
        }
        let raw = self.raw(row, index);
        match self.bits {
            8 => raw as u8,
            16 => ((raw + 128) / 257) as u8,
            bits => {
                let most = (1_u128 << bits.min(64)) - 1;
                ((u128::from(raw) * 255 + most / 2) / most.max(1)) as u8
            }
        }
    }

    /// The sample at `index` as a number.
    pub(super) fn value(self, row: &[u8], index: usize) -> f32 {
        let raw = self.raw(row, index);
        match (self.kind, self.bits) {
            (Kind::Float, 16) => half::f16::from_bits(raw as u16).to_f32(),
            (Kind::Float, 32) => f32::from_bits(raw as u32),
            (Kind::Float, 64) => f64::from_bits(raw) as f32,
            (Kind::Signed, bits) => {
                let unused = 64 - bits.clamp(1, 64);
                ((raw << unused) as i64 >> unused) as f32
            }
            _ => raw as f32,
        }
    }
}

/// Undoes a predictor on a row of `samples` per pixel. Others than 2 and 3 change nothing.
pub(super) fn undo_predictor(predictor: u64, row: &mut [u8], sample: Sample, samples: usize) {
    match (predictor, sample.bits) {
        (2, 8) => {
            for at in samples..row.len() {
                row[at] = row[at].wrapping_add(row[at - samples]);
            }
        }
        (2, 16 | 32 | 64) => {
            let bytes = sample.bits / 8;
            let step = samples * bytes;
            for at in (step..(row.len() / bytes) * bytes).step_by(bytes) {
                let before = sample.raw(row, at / bytes - samples);
                let sum = sample.raw(row, at / bytes).wrapping_add(before);
                let whole = match sample.little_endian {
                    true => sum.to_le_bytes(),
                    false => (sum << (64 - sample.bits)).to_be_bytes(),
                };
                row[at..at + bytes].copy_from_slice(&whole[..bytes]);
            }
        }
        (3, 16 | 24 | 32 | 64) => {
            for at in samples..row.len() {
                row[at] = row[at].wrapping_add(row[at - samples]);
            }
            // The highest bytes of all samples come first, then the next.
            let bytes = sample.bits / 8;
            let count = row.len() / bytes;
            let planes = row.to_vec();
            for index in 0..count {
                for byte in 0..bytes {
                    let place = match sample.little_endian {
                        true => bytes - 1 - byte,
                        false => byte,
                    };
                    row[index * bytes + place] = planes[byte * count + index];
                }
            }
        }
        _ => {}
    }
}
