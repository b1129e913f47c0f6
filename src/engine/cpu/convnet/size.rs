//! The size of a feature map, and its padding.

/// Width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Size {
    /// The size after a convolution with "same" padding.
    pub(crate) fn halved_by(self, step: usize) -> Self {
        Self {
            height: self.height.div_ceil(step),
            width: self.width.div_ceil(step),
        }
    }
}

/// TensorFlow's "same" padding before the first sample.
pub(crate) fn padding(input: usize, output: usize, kernel: usize, step: usize) -> usize {
    (output.saturating_sub(1) * step + kernel).saturating_sub(input) / 2
}
