//! The operands of kernels, as the builder gets them.

use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::tile::Tile;
use crate::engine::gpu::program::shape::Rows;

/// An activation: rows of groups of four.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) slot: usize,
    pub(crate) rows: Rows,
    pub(crate) width4: usize,
}

/// The right side of a product, on the device.
#[derive(Clone)]
pub(crate) struct Matrix {
    pub(crate) weight: wgpu::Buffer,
    pub(crate) bias: wgpu::Buffer,
    pub(crate) k4: usize,
    pub(crate) n4: usize,
    /// Without padding.
    pub(crate) k: usize,
    pub(crate) n: usize,
}

/// The pixels whose neighbourhoods are a product's rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) out_height: usize,
    pub(crate) out_width: usize,
    pub(crate) channels4: usize,
    pub(crate) kernel: usize,
    pub(crate) step: usize,
    pub(crate) top: usize,
    pub(crate) left: usize,
}

/// Mean and deviation of the channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Normalise {
    pub(crate) mean: [f32; 3],
    pub(crate) deviation: [f32; 3],
}

impl Normalise {
    /// As kernels read them: mean and deviation, each with a fourth number that changes nothing.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &f32> {
        let mean = self.mean.iter().chain(&[0.0]);
        mean.chain(&self.deviation).chain(&[1.0])
    }
}

/// A matrix product's operands besides the matrix.
pub(crate) struct Product {
    pub(crate) left: Value,
    /// From one row of the left side to the next, in groups; the value's width by default.
    pub(crate) left_stride: Option<usize>,
    pub(crate) window: Option<(Window, Option<Normalise>)>,
    pub(crate) rows: Rows,
    pub(crate) out: Value,
    /// From one row of the output to the next, and its first column, in groups.
    pub(crate) out_place: Option<(usize, usize)>,
    pub(crate) epilogue: Epilogue,
    pub(crate) adds: bool,
    pub(crate) wide: bool,
    pub(crate) tile: Option<Tile>,
}

impl Product {
    /// A plain product of all rows of `left`.
    pub(crate) fn new(left: Value, out: Value) -> Self {
        Self {
            left,
            left_stride: None,
            window: None,
            rows: left.rows,
            out,
            out_place: None,
            epilogue: Epilogue::Identity,
            adds: false,
            wide: false,
            tile: None,
        }
    }

    pub(crate) fn then(mut self, epilogue: Epilogue) -> Self {
        self.epilogue = epilogue;
        self
    }

    /// Adds to the output.
    pub(crate) fn adding(mut self) -> Self {
        self.adds = true;
        self
    }

    /// Uses the neighbourhoods of pixels as rows.
    pub(crate) fn over(mut self, window: Window, normalise: Option<Normalise>) -> Self {
        self.rows = self.out.rows;
        self.window = Some((window, normalise));
        self
    }
}
