//! EfficientNet-Lite, the starter's image tower.
//!
//! Source: M. Tan and Q. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
//! Networks" (2019), and the "Lite" variants of TensorFlow's
//! `tpu/models/official/efficientnet/lite` (no squeeze-and-excitation, ReLU6, stem and head not
//! scaled). Batch norm is already folded into the weights; activations are channels-last, so a
//! pointwise convolution is one matrix product.
//!
//! Tensors: `stem.{weight [27, 32], bias}` with the kernel in (row, column, channel) order;
//! `blocks.N.{expand,project}.{weight [in, out], bias}`; `blocks.N.depthwise.{weight [k·k, c],
//! bias}`; `head.{weight [in, 1280], bias}`; `proj.{weight [1280, dimension], bias}`.

/// A member of the family, by its scaling coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfficientNetLiteSpec {
    /// Factor on the channels, in tenths (10 = 1.0).
    pub(crate) width_tenths: usize,
    /// Factor on the repetitions, in tenths.
    pub(crate) depth_tenths: usize,
}

/// One row of the architecture's table, before scaling.
struct Stage {
    repeats: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    channels: usize,
}

const fn stage(
    repeats: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    channels: usize,
) -> Stage {
    Stage {
        repeats,
        kernel,
        stride,
        expansion,
        channels,
    }
}

/// Table 1 of the paper, from the second line.
const STAGES: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),
    stage(2, 3, 2, 6, 24),
    stage(2, 5, 2, 6, 40),
    stage(3, 3, 2, 6, 80),
    stage(3, 5, 1, 6, 112),
    stage(4, 5, 2, 6, 192),
    stage(1, 3, 1, 6, 320),
];

/// Channels of the stem.
pub(crate) const STEM_CHANNELS: usize = 32;
/// Length of the pooled feature.
pub(crate) const FEATURES: usize = 1280;

/// The geometry of an inverted-residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfficientNetLiteBlock {
    /// Width and height of the depthwise kernel.
    pub(crate) kernel: usize,
    /// Its step.
    pub(crate) stride: usize,
    /// Channels coming in.
    pub input: usize,
    /// Channels of the depthwise layer.
    pub expanded: usize,
    /// Channels going out.
    pub(crate) output: usize,
}

impl EfficientNetLiteSpec {
    /// EfficientNet-Lite0.
    pub(crate) const LITE0: Self = Self {
        width_tenths: 10,
        depth_tenths: 10,
    };
    /// EfficientNet-Lite1.
    pub(crate) const LITE1: Self = Self {
        width_tenths: 10,
        depth_tenths: 11,
    };
    /// EfficientNet-Lite2.
    pub(crate) const LITE2: Self = Self {
        width_tenths: 11,
        depth_tenths: 12,
    };

    /// The published name.
    pub(crate) fn name(&self) -> &'static str {
        match *self {
            Self::LITE0 => "EfficientNet-Lite0",
            Self::LITE1 => "EfficientNet-Lite1",
            Self::LITE2 => "EfficientNet-Lite2",
            _ => "EfficientNet-Lite",
        }
    }

    /// The blocks in order. In the Lite variants, the first and last stage are not repeated more
    /// often.
    pub fn blocks(&self) -> Vec<EfficientNetLiteBlock> {
        let mut blocks = Vec::new();
        let mut input = STEM_CHANNELS;
        for (i, stage) in STAGES.iter().enumerate() {
            let output = self.channels(stage.channels);
            let repeats = if i == 0 || i + 1 == STAGES.len() {
                stage.repeats
            } else {
                (stage.repeats * self.depth_tenths).div_ceil(10)
            };
            for repeat in 0..repeats {
                blocks.push(EfficientNetLiteBlock {
                    kernel: stage.kernel,
                    stride: if repeat == 0 { stage.stride } else { 1 },
                    input,
                    expanded: input * stage.expansion,
                    output,
                });
                input = output;
            }
        }
        blocks
    }

    /// Scales a number of channels to the nearest multiple of 8, never below nine tenths.
    fn channels(&self, base: usize) -> usize {
        let scaled_tenths = base * self.width_tenths;
        let rounded = (scaled_tenths + 40) / 80 * 8;
        let rounded = rounded.max(8);
        if rounded * 100 < scaled_tenths * 9 {
            rounded + 8
        } else {
            rounded
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lite0_has_sixteen_blocks_as_published() {
        let blocks = EfficientNetLiteSpec::LITE0.blocks();
        assert_eq!(blocks.len(), 16);
        assert_eq!(
            (blocks[0].input, blocks[0].expanded, blocks[0].output),
            (32, 32, 16)
        );
        assert_eq!((blocks[15].expanded, blocks[15].output), (1152, 320));
    }

    #[test]
    fn lite2_is_wider_and_deeper() {
        let blocks = EfficientNetLiteSpec::LITE2.blocks();
        let outputs: Vec<usize> = blocks.iter().map(|b| b.output).collect();
        assert_eq!(outputs[0], 16);
        assert_eq!(*outputs.last().unwrap(), 352);
        assert_eq!(blocks.len(), 1 + 3 + 3 + 4 + 4 + 5 + 1);
    }
}
