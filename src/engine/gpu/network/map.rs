//! A feature map on the device.

use crate::engine::gpu::kernel::pack::fours;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Value, Window};
use crate::engine::gpu::program::shape::Rows;

/// A feature map, channels last.
#[derive(Clone, Copy)]
pub(crate) struct Map {
    pub(crate) value: Value,
    pub(crate) side: usize,
    pub(crate) channels: usize,
}

impl Map {
    pub(crate) fn take(builder: &mut Builder, side: usize, channels: usize) -> Self {
        let value = builder.take(Rows::Items(side * side), fours(channels));
        Self {
            value,
            side,
            channels,
        }
    }

    /// The window of a kernel over this map; `before` pixels of padding come first.
    pub(crate) fn window(&self, kernel: usize, step: usize, before: usize) -> Window {
        let out = self.side.div_ceil(step);
        Window {
            height: self.side,
            width: self.side,
            out_height: out,
            out_width: out,
            channels4: self.value.width4,
            kernel,
            step,
            top: before,
            left: before,
        }
    }
}
