//! The size of a feature map, and what padding makes of it.

/// Width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Size {
    /// Of what a convolution with "same" padding makes of it.
    pub(crate) fn halved_by(self, step: usize) -> Self {
        Self {
            height: self.height.div_ceil(step),
            width: self.width.div_ceil(step),
        }
    }
}

/// How much padding TensorFlow's "same" puts before the first sample.
pub(crate) fn padding(input: usize, output: usize, kernel: usize, step: usize) -> usize {
    (output.saturating_sub(1) * step + kernel).saturating_sub(input) / 2
}
