//! Convolutions of 32-bit maps, on all threads.

use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::convnet::resnet::winograd::Winograd;
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::simd::level::Level;

/// A convolution, 1×1 or 3×3, that keeps a map's size.
pub(crate) enum Conv {
    /// 1×1: a product of pixels.
    Pointwise(Packed),
    /// 3×3.
    Winograd(Winograd),
}

impl Conv {
    /// Takes weights `[kernel, kernel, output, input]`.
    ///
    /// `None` if the lengths do not match, or the kernel has another size.
    pub(crate) fn new(level: Level, weight: &[f32], bias: &[f32], kernel: usize) -> Option<Self> {
        match kernel {
            1 => Packed::new(level, weight, Some(bias), bias.len()).map(Self::Pointwise),
            3 => Winograd::new(level, weight, bias).map(Self::Winograd),
            _ => None,
        }
    }

    /// The level that it is packed for.
    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Pointwise(packed) => packed.level(),
            Self::Winograd(winograd) => winograd.level(),
        }
    }

    /// The number of output channels.
    pub(crate) fn output(&self) -> usize {
        match self {
            Self::Pointwise(packed) => packed.output(),
            Self::Winograd(winograd) => winograd.output(),
        }
    }

    /// Convolves `x`, which has a margin of half the kernel, into `y`, which has been shaped; `add`
    /// says whether to add to `y`.
    pub(crate) fn forward(&self, x: &Map, y: &mut Map, add: bool, bounds: Bounds) {
        match self {
            Self::Pointwise(packed) => by_pixels(packed, x, y, add, bounds),
            Self::Winograd(winograd) => winograd.forward(x, y, add, bounds),
        }
    }
}

/// A 1×1 convolution; see [`Conv::forward`].
fn by_pixels(packed: &Packed, x: &Map, y: &mut Map, add: bool, bounds: Bounds) {
    assert_eq!(x.frame().with_margin(y.frame().margin), y.frame());
    assert!(x.frame().margin == 0 && packed.output() == y.values().width());
    let (x_stride, x_pitch) = (x.values().stride(), x.pitch());
    let (y_stride, y_pitch) = (y.values().stride(), y.pitch());
    let (width, height, dense) = (x.frame().width, x.frame().height, y.frame().margin == 0);
    y.by_lines(|runs, out| {
        // A panel stays in cache for all lines.
        for panel in 0..packed.panels() {
            for run in &runs {
                let start = (run.map * height + run.lines.start) * x_pitch;
                let lines = |stride, pitch| match dense {
                    true => Lines::dense(run.lines.len() * width, stride),
                    false => Lines {
                        count: run.lines.len(),
                        pixels: width,
                        stride,
                        pitch,
                    },
                };
                let a = (&x.values().values()[start..], lines(x_stride, x_pitch));
                let c = (&mut out[run.at..], lines(y_stride, y_pitch));
                pointwise::multiply(packed, panel..panel + 1, a, c, add, bounds);
            }
        }
    });
}
