//! The limits for a picture.

use crate::decode::error::Fault;

const MIB: u64 = 1 << 20;

/// The cost from which a file is refused.
///
/// The defaults keep the process under 1 GiB with a model in memory, and admit the largest photos
/// of cameras: 100 megapixels (11648×8736) take 582 MiB to decode and turn upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pixels in the header, width times height. At 178,956,970 Pillow refuses a picture as a
    /// decompression bomb.
    pub max_pixels: u64,
    /// Like `max_pixels`, for a JPEG that is decoded at a fraction of its size, which takes little
    /// memory. The default is the format's maximum, for panoramas and phones with 200 megapixels.
    pub max_scaled_pixels: u64,
    /// The peak memory of decoding, in bytes: the decoder's buffers and copies, the stored samples,
    /// and the RGB picture. Also the limit for all threads together, besides files.
    pub max_bytes: u64,
    /// The size of the file, in bytes.
    pub max_file_bytes: u64,
    /// Whether videos are read, by their first key frame.
    pub videos: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 178_956_970,
            max_scaled_pixels: 65_535 * 65_535,
            max_bytes: 768 * MIB,
            max_file_bytes: 512 * MIB,
            videos: false,
        }
    }
}

/// The memory of decoding, in bytes, by stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// The file in memory, with every copy.
    pub(crate) file: u64,
    /// The samples as stored.
    pub(crate) samples: u64,
    /// The decoder's other buffers.
    pub(crate) decoder: u64,
    /// Whether turning the picture upright takes a second copy.
    pub(crate) turned: bool,
}

impl Limits {
    /// Checks the number of pixels.
    pub(super) fn admit_size(&self, width: u32, height: u32) -> Result<(), Fault> {
        Self::admit_pixels(width, height, self.max_pixels)
    }

    /// Like [`Limits::admit_size`], for a picture that is decoded at a fraction of its size.
    pub(super) fn admit_scaled(&self, width: u32, height: u32) -> Result<(), Fault> {
        Self::admit_pixels(width, height, self.max_scaled_pixels)
    }

    fn admit_pixels(width: u32, height: u32, limit: u64) -> Result<(), Fault> {
        if width == 0 || height == 0 {
            return Err(Fault::damaged("the picture has no pixels"));
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > limit {
            return Err(Fault::TooLarge {
                width,
                height,
                limit,
            });
        }
        Ok(())
    }

    /// Returns the peak memory for a picture in bytes, or refuses it.
    pub(super) fn admit(&self, width: u32, height: u32, cost: Cost) -> Result<u64, Fault> {
        self.admit_size(width, height)?;
        let pixels = u64::from(width) * u64::from(height);
        let rgb = pixels.saturating_mul(3);
        let decoding = [cost.file, cost.samples, cost.decoder]
            .into_iter()
            .fold(0, u64::saturating_add);
        // Samples of three or more bytes per pixel become RGB in place.
        let converting = cost.samples.max(rgb) + if cost.samples < rgb { cost.samples } else { 0 };
        let turning = if cost.turned { rgb * 2 } else { rgb };
        let peak = decoding.max(converting).max(turning);
        if peak > self.max_bytes {
            return Err(Fault::TooMuchMemory {
                width,
                height,
                limit: self.max_bytes,
            });
        }
        Ok(peak)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(samples: u64) -> Cost {
        Cost {
            file: 0,
            samples,
            decoder: 0,
            turned: false,
        }
    }

    #[test]
    fn a_hundred_megapixels_pass_and_a_bomb_does_not() {
        let limits = Limits::default();
        let rgb = 11648 * 8736 * 3;
        let turned = Cost {
            turned: true,
            file: 120 << 20,
            ..cost(rgb)
        };
        assert_eq!(limits.admit(11648, 8736, turned).unwrap(), rgb * 2);
        assert!(matches!(
            limits.admit(65535, 65535, cost(0)),
            Err(Fault::TooLarge { .. })
        ));
        assert!(matches!(
            limits.admit(u32::MAX, u32::MAX, cost(u64::MAX)),
            Err(Fault::TooLarge { .. })
        ));
        assert!(matches!(
            limits.admit(10_000, 10_000, cost(u64::MAX)),
            Err(Fault::TooMuchMemory { .. })
        ));
        assert!(matches!(
            limits.admit(0, 5, cost(0)),
            Err(Fault::Damaged { .. })
        ));
    }

    #[test]
    fn grey_is_counted_with_its_expansion() {
        assert_eq!(Limits::default().admit(10, 10, cost(100)).unwrap(), 400);
        assert_eq!(Limits::default().admit(10, 10, cost(400)).unwrap(), 400);
    }
}
