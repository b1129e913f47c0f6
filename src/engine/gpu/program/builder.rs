//! Builds a forward pass: kernels in order, uploaded weights, planned memory.

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::pack;
use crate::engine::gpu::kernel::pack::{Order, fours};
use crate::engine::gpu::kernel::tile::Variants;
use crate::engine::gpu::kernel::{Kernel, Precision};
use crate::engine::gpu::program::arena::{Arena, INPUT};
use crate::engine::gpu::program::op::{Cost, Op};
use crate::engine::gpu::program::operands::{Matrix, Value};
use crate::engine::gpu::program::pace::Pace;
use crate::engine::gpu::program::params::{Grid, Params};
use crate::engine::gpu::program::shape::{Rows, Shape};
use crate::engine::gpu::program::{Buffers, Program, params_bytes};
use crate::engine::gpu::trace::Trace;

/// The index buffer of a kernel.
#[derive(Clone, Copy)]
pub(super) enum Index {
    None,
    Starts,
    Picks,
}

/// A kernel before its memory is allocated.
pub(super) struct Draft {
    pub(crate) kernel: Kernel,
    /// Its sizes, for people.
    pub(crate) sizes: String,
    pub(crate) left: usize,
    pub(crate) right: Option<wgpu::Buffer>,
    pub(crate) bias: Option<wgpu::Buffer>,
    pub(crate) index: Index,
    pub(crate) out: usize,
    pub(crate) params: Params,
    pub(crate) rows: Rows,
    pub(crate) grid: Grid,
    pub(crate) cost: Cost,
    pub(crate) in_block: bool,
}

/// A forward pass under construction.
pub(crate) struct Builder<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) capacity: Shape,
    pub(super) drafts: Vec<Draft>,
    pub(super) arena: Arena,
    pub(super) in_block: bool,
    pub(crate) variants: Variants,
}

impl<'a> Builder<'a> {
    /// For batches of at most `capacity`.
    pub(crate) fn new(gpu: &'a Gpu, capacity: Shape) -> Self {
        Self {
            gpu,
            capacity,
            drafts: Vec::new(),
            arena: Arena::new(),
            in_block: false,
            variants: Variants::PLAIN,
        }
    }

    /// Sets the variants of kernels.
    pub(crate) fn variants(mut self, variants: Variants) -> Self {
        self.variants = variants;
        self
    }

    /// The pictures, `size`×`size`.
    pub(crate) fn pixels(&mut self, size: usize) -> Value {
        let rows = Rows::Items(size * size);
        // Three bytes each, in whole words.
        let bytes = (rows.of(self.capacity) * 3).next_multiple_of(4);
        self.arena.input(bytes as u64);
        Value {
            slot: INPUT,
            rows,
            width4: 1,
        }
    }

    /// Rows of numbers from the host.
    pub(crate) fn input(&mut self, rows: Rows, width: usize) -> Value {
        let width4 = fours(width);
        let bytes = (rows.of(self.capacity) * width4) as u64 * self.element();
        self.arena.input(bytes);
        Value {
            slot: INPUT,
            rows,
            width4,
        }
    }

    /// Bytes of a group of four.
    pub(super) fn element(&self) -> u64 {
        4 * self.gpu.precision.bytes()
    }

    /// Takes memory for a value.
    pub(crate) fn take(&mut self, rows: Rows, width4: usize) -> Value {
        // Features are written in 32 bits, and they are small, so they always get memory for that.
        let element = if rows == Rows::Items(1) {
            16
        } else {
            self.element()
        };
        let bytes = (rows.of(self.capacity) * width4) as u64 * element;
        let slot = self.arena.take(bytes);
        Value { slot, rows, width4 }
    }

    /// Frees the value's memory.
    pub(crate) fn release(&mut self, value: Value) {
        self.arena.release(value.slot);
    }

    /// Marks the following kernels as those of the block to count.
    pub(crate) fn mark_block(&mut self, in_block: bool) {
        self.in_block = in_block;
    }

    /// Uploads a product's right side: `value(k, n)` with `k` and `n` in the given orders.
    pub(crate) fn matrix(
        &self,
        (k, n): (&Order, &Order),
        bias: Option<&[f32]>,
        value: impl Fn(usize, usize) -> Option<f32>,
    ) -> Result<Matrix> {
        let weight = self.weight(&pack::matrix(k, n, value))?;
        let bias = match bias {
            Some(bias) => pack::vector(n, bias),
            None => vec![0.0; n.len()],
        };
        Ok(Matrix {
            weight,
            bias: self.numbers(&bias)?,
            k4: fours(k.len()),
            n4: fours(n.len()),
            k: k.iter().flatten().count(),
            n: n.iter().flatten().count(),
        })
    }

    /// Uploads weights in the precision of the device.
    pub(crate) fn weight(&self, values: &[f32]) -> Result<wgpu::Buffer> {
        match self.gpu.precision {
            Precision::Full => self.numbers(values),
            Precision::Half => {
                let bits = values.iter().map(|v| half::f16::from_f32(*v).to_bits());
                self.gpu
                    .constant(bytemuck::cast_slice(&bits.collect::<Vec<u16>>()))
            }
        }
    }

    /// Uploads numbers in 32 bits: biases, gains, positions.
    pub(crate) fn numbers(&self, values: &[f32]) -> Result<wgpu::Buffer> {
        self.gpu.constant(bytemuck::cast_slice(values))
    }

    /// Allocates the memory; `output` is read back, in 32 bits.
    ///
    /// # Errors
    /// If there is not enough memory, or a kernel does not compile.
    pub(crate) fn finish(self, output: Value) -> Result<Program> {
        let Self {
            gpu,
            capacity,
            drafts,
            arena,
            ..
        } = self;
        use wgpu::BufferUsages as Usage;
        let activation = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
        let slots = arena
            .sizes()
            .map(|bytes| gpu.buffer(bytes, activation))
            .collect::<Result<Vec<_>>>()?;
        let small = |len: usize| gpu.buffer(len as u64 * 4, Usage::STORAGE | Usage::COPY_DST);
        let starts = small(capacity.items + 1)?;
        let picks = small(capacity.items)?;
        let nothing = small(4)?;
        let params = gpu.buffer(params_bytes(drafts.len()), Usage::UNIFORM | Usage::COPY_DST)?;
        let output_bytes = (output.rows.of(capacity) * output.width4 * 16) as u64;
        let staging = || gpu.buffer(output_bytes, Usage::MAP_READ | Usage::COPY_DST);
        let at = |slot: usize| slots.get(slot).unwrap_or(&nothing);
        let mut ops = Vec::with_capacity(drafts.len());
        let mut kinds = Vec::new();
        for draft in &drafts {
            let index = match draft.index {
                Index::None => &nothing,
                Index::Starts => &starts,
                Index::Picks => &picks,
            };
            let storage = [
                at(draft.left),
                draft.right.as_ref().unwrap_or(&nothing),
                draft.bias.as_ref().unwrap_or(&nothing),
                index,
                at(draft.out),
            ];
            let kind = kinds.iter().position(|kernel| *kernel == draft.kernel);
            let kind = kind.unwrap_or_else(|| {
                kinds.push(draft.kernel);
                kinds.len() - 1
            });
            ops.push(Op {
                pipeline: gpu.pipeline(draft.kernel)?,
                name: format!("{} {}", draft.kernel.name(), draft.sizes),
                kind,
                bindings: gpu.bind(&params, storage),
                params: draft.params,
                rows: draft.rows,
                grid: draft.grid,
                cost: draft.cost,
                in_block: draft.in_block,
            });
        }
        gpu.check()?;
        Ok(Program {
            ops,
            buffers: Buffers {
                params,
                input: at(INPUT).clone(),
                output: at(output.slot).clone(),
                staging: [staging()?, staging()?],
                starts,
                picks,
            },
            output_rows: output.rows,
            output_width: output.width4 * 4,
            capacity,
            shape: None,
            begun: 0,
            finished: 0,
            pace: Pace::new(kinds.len()),
            upload: Vec::new(),
            trace: Trace::default(),
        })
    }
}
