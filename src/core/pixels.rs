//! A decoded picture: plain 8-bit RGB.

/// An 8-bit RGB picture, rows from the top, pixels interleaved.
///
/// `data.len() == width * height * 3` always holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Pixels {
    /// Wraps `data`; `None` if its length is not `width * height * 3`.
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Option<Self> {
        let expected = (width as usize)
            .checked_mul(height as usize)?
            .checked_mul(3)?;
        (data.len() == expected).then_some(Self {
            width,
            height,
            data,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// The samples, `[height, width, 3]` in row-major order.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The samples, mutable.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// Returns the samples.
    pub(crate) fn into_data(self) -> Vec<u8> {
        self.data
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({}×{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_must_fit_the_dimensions() {
        assert!(Pixels::new(2, 3, vec![0; 18]).is_some());
        assert!(Pixels::new(2, 3, vec![0; 17]).is_none());
        assert!(Pixels::new(u32::MAX, u32::MAX, Vec::new()).is_none());
    }
}
