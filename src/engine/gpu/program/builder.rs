//! Puts a forward pass together: kernels in order, weights uploaded, memory planned.

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::gemm::{Gemm, Source};
use crate::engine::gpu::kernel::pack;
use crate::engine::gpu::kernel::pack::{Order, fours};
use crate::engine::gpu::kernel::tile::Tiles;
use crate::engine::gpu::kernel::{Kernel, MAX_DEPTH4, NormSource, Precision};
use crate::engine::gpu::program::arena::{Arena, INPUT};
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value, Window};
use crate::engine::gpu::program::pace::Pace;
use crate::engine::gpu::program::params::{Grid, Params};
use crate::engine::gpu::program::{Op, Program, Rows, Shape, params_bytes};
use crate::engine::gpu::trace::Trace;

#[derive(Clone, Copy)]
enum Index {
    None,
    Starts,
    Picks,
}

struct Draft {
    kernel: Kernel,
    left: usize,
    right: Option<wgpu::Buffer>,
    bias: Option<wgpu::Buffer>,
    index: Index,
    out: usize,
    params: Params,
    rows: Rows,
    grid: Grid,
    flops_per_row: u64,
    bytes_per_row: u64,
    bytes_once: u64,
    in_block: bool,
}

/// See the module.
pub(crate) struct Builder<'a> {
    gpu: &'a Gpu,
    capacity: Shape,
    drafts: Vec<Draft>,
    arena: Arena,
    in_block: bool,
    tiles: Tiles,
}

impl<'a> Builder<'a> {
    /// For batches of at most `capacity`.
    pub fn new(gpu: &'a Gpu, capacity: Shape) -> Self {
        Self {
            gpu,
            capacity,
            drafts: Vec::new(),
            arena: Arena::new(),
            in_block: false,
            tiles: Tiles::PLAIN,
        }
    }

    /// Cuts products into such tiles.
    pub fn tiles(mut self, tiles: Tiles) -> Self {
        self.tiles = tiles;
        self
    }

    /// The pictures, `size`×`size`.
    pub fn pixels(&mut self, size: usize) -> Value {
        self.input_of(Rows::Items(size * size), 1, 4)
    }

    /// Rows of numbers from the host.
    pub fn input(&mut self, rows: Rows, width: usize) -> Value {
        let width4 = fours(width);
        self.input_of(rows, width4, self.element())
    }

    fn input_of(&mut self, rows: Rows, width4: usize, element: u64) -> Value {
        let bytes = (rows.of(self.capacity) * width4) as u64 * element;
        self.arena.input(bytes);
        Value {
            slot: INPUT,
            rows,
            width4,
        }
    }

    /// Bytes of a group of four.
    fn element(&self) -> u64 {
        4 * self.gpu.precision.bytes()
    }

    /// Room for a value.
    pub fn take(&mut self, rows: Rows, width4: usize) -> Value {
        // Features are written in 32 bits, and they are small: room for that is always kept.
        let element = if rows == Rows::Items(1) {
            16
        } else {
            self.element()
        };
        let bytes = (rows.of(self.capacity) * width4) as u64 * element;
        let slot = self.arena.take(bytes);
        Value { slot, rows, width4 }
    }

    /// The value is not needed any more.
    pub fn release(&mut self, value: Value) {
        self.arena.release(value.slot);
    }

    /// Marks what follows as the block whose kernels are counted.
    pub fn mark_block(&mut self, in_block: bool) {
        self.in_block = in_block;
    }

    /// Uploads a product's right side: `value(k, n)` with `k` and `n` in the given orders.
    pub fn matrix(
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

    /// Weights, in the precision of the device.
    pub fn weight(&self, values: &[f32]) -> Result<wgpu::Buffer> {
        match self.gpu.precision {
            Precision::Full => self.numbers(values),
            Precision::Half => {
                let bits = values.iter().map(|v| half::f16::from_f32(*v).to_bits());
                self.gpu
                    .constant(bytemuck::cast_slice(&bits.collect::<Vec<u16>>()))
            }
        }
    }

    /// Numbers in 32 bits: biases, gains, positions.
    pub fn numbers(&self, values: &[f32]) -> Result<wgpu::Buffer> {
        self.gpu.constant(bytemuck::cast_slice(values))
    }

    /// A matrix product.
    pub fn product(&mut self, product: Product, matrix: &Matrix) {
        let Product {
            left, rows, out, ..
        } = product;
        let left_stride = product.left_stride.unwrap_or(left.width4);
        let (out_stride, out_column) = product.out_place.unwrap_or((out.width4, 0));
        let capacity_rows = rows.of(self.capacity);
        let tile = product
            .tile
            .unwrap_or_else(|| self.tiles.suited(capacity_rows, matrix.n4));
        let mut params = Params::new(&[matrix.n4, matrix.k4, left_stride, out_stride, out_column]);
        let source = match &product.window {
            None => Source::Dense,
            Some((w, normalise)) => {
                let place = [w.height, w.width, w.channels4, w.out_height, w.out_width];
                params.put(5, &place);
                params.put(10, &[w.step, w.top, w.left, w.kernel]);
                match normalise {
                    None => Source::Convolution,
                    Some(Normalise { mean, deviation }) => {
                        let numbers = mean.iter().chain(&[0.0]).chain(deviation).chain(&[1.0]);
                        params.put_numbers(15, numbers);
                        Source::Pixels
                    }
                }
            }
        };
        let element = self.gpu.precision.bytes();
        let read = match &product.window {
            None => matrix.k as u64 * element,
            // Each pixel once, not once for each neighbourhood that it is in.
            Some((w, normalise)) => {
                let bytes = normalise.map_or(w.channels4 as u64 * 4 * element, |_| 4);
                bytes * (w.height * w.width) as u64 / (w.out_height * w.out_width).max(1) as u64
            }
        };
        let written = matrix.n as u64 * if product.wide { 4 } else { element };
        self.drafts.push(Draft {
            kernel: Kernel::Gemm(Gemm {
                source,
                activation: product.activation,
                adds: product.adds,
                wide: product.wide,
                tile,
            }),
            left: left.slot,
            right: Some(matrix.weight.clone()),
            bias: Some(matrix.bias.clone()),
            index: Index::None,
            out: out.slot,
            params,
            rows,
            grid: Grid::Tiles {
                n4: matrix.n4,
                tile_rows: tile.rows() as usize,
                tile_columns: tile.columns4() as usize,
            },
            flops_per_row: 2 * (matrix.k * matrix.n) as u64,
            bytes_per_row: read + written * if product.adds { 2 } else { 1 },
            bytes_once: (matrix.k * matrix.n) as u64 * element,
            in_block: self.in_block,
        });
    }

    /// Layer normalisation of `width` channels; for [`NormSource::Tokens`] with the positions and
    /// the number of tokens of a picture.
    pub fn norm(
        &mut self,
        (left, out): (Value, Value),
        source: NormSource,
        (affine, epsilon): (&wgpu::Buffer, f32),
        width: usize,
        tokens: Option<(&wgpu::Buffer, usize)>,
    ) {
        let count = tokens.map_or(1, |(_, count)| count);
        let mut params = Params::new(&[width, out.width4, count]);
        params.put_numbers(3, &[epsilon]);
        let row_bytes = width as u64 * self.gpu.precision.bytes();
        self.drafts.push(Draft {
            kernel: Kernel::Norm {
                source,
                subgroups: self.gpu.subgroups,
            },
            left: left.slot,
            right: tokens.map(|(positions, _)| positions.clone()),
            bias: Some(affine.clone()),
            index: match source {
                NormSource::Picked => Index::Picks,
                NormSource::Row | NormSource::Tokens => Index::None,
            },
            out: out.slot,
            params,
            rows: out.rows,
            grid: Grid::Rows,
            flops_per_row: 0,
            bytes_per_row: 2 * row_bytes,
            bytes_once: width as u64 * 8,
            in_block: self.in_block,
        });
    }

    /// Attention of `heads` heads, `depth` deep, from rows of queries, keys and values.
    ///
    /// # Errors
    /// Where the heads are too deep for the kernel.
    pub fn attention(
        &mut self,
        (left, out): (Value, Value),
        (heads, depth): (usize, usize),
        causal: bool,
        queries: Option<usize>,
    ) -> Result<()> {
        let depth4 = fours(depth);
        if depth4 > MAX_DEPTH4 as usize / 4 {
            let reason = format!("attention heads {depth} deep");
            return Err(GpuError::Unsupported { reason });
        }
        let most = queries.unwrap_or(u32::MAX as usize);
        let mut params = Params::new(&[heads, most, usize::from(causal)]);
        params.put_numbers(3, &[(depth as f64).powf(-0.5) as f32]);
        self.drafts.push(Draft {
            kernel: Kernel::Attention {
                depth4: depth4 as u32,
            },
            left: left.slot,
            right: None,
            bias: None,
            index: Index::Starts,
            out: out.slot,
            params,
            rows: out.rows,
            grid: Grid::Attention {
                heads,
                depth,
                queries: most,
            },
            flops_per_row: 0,
            bytes_per_row: 4 * (heads * depth) as u64 * self.gpu.precision.bytes(),
            bytes_once: 0,
            in_block: self.in_block,
        });
        Ok(())
    }

    /// Depthwise convolution with ReLU6.
    pub fn depthwise(
        &mut self,
        (left, out): (Value, Value),
        w: Window,
        weight: &wgpu::Buffer,
        bias: &wgpu::Buffer,
    ) {
        let mut params = Params::new(&[w.channels4, w.height, w.width, w.out_height, w.out_width]);
        params.put(5, &[w.step, w.top, w.left, w.kernel]);
        let operands = (Some(weight.clone()), Some(bias.clone()));
        self.each_group(Kernel::Depthwise, (left, out), operands, params);
    }

    /// Averages 2×2 pixels.
    pub fn pool(&mut self, (left, out): (Value, Value), w: Window) {
        let params = Params::new(&[w.channels4, w.height, w.width, w.out_height, w.out_width]);
        self.each_group(Kernel::Pool, (left, out), (None, None), params);
    }

    /// The mean of `pixels` pixels of each picture; with `positions` as tokens, the mean first.
    pub fn mean(
        &mut self,
        (left, out): (Value, Value),
        pixels: usize,
        positions: Option<&wgpu::Buffer>,
    ) {
        let params = Params::new(&[left.width4, pixels]);
        let kernel = Kernel::Mean {
            tokens: positions.is_some(),
        };
        let rows = Value {
            rows: Rows::Items(1),
            ..out
        };
        self.each_group(kernel, (left, rows), (positions.cloned(), None), params);
    }

    fn each_group(
        &mut self,
        kernel: Kernel,
        (left, out): (Value, Value),
        (right, bias): (Option<wgpu::Buffer>, Option<wgpu::Buffer>),
        params: Params,
    ) {
        let one = Shape {
            items: 1,
            tokens: 1,
            longest: 1,
        };
        let ratio = left.rows.of(one) as u64 / out.rows.of(one).max(1) as u64;
        self.drafts.push(Draft {
            kernel,
            left: left.slot,
            bytes_once: right.as_ref().map_or(0, wgpu::Buffer::size),
            right,
            bias,
            index: Index::None,
            out: out.slot,
            params,
            rows: out.rows,
            grid: Grid::Groups {
                per_row: out.width4,
            },
            flops_per_row: 0,
            bytes_per_row: (out.width4 as u64 + left.width4 as u64 * ratio) * self.element(),
            in_block: self.in_block,
        });
    }

    /// Allocates the memory; `output` is what comes back, in 32 bits.
    ///
    /// # Errors
    /// Where there is no room, or a kernel does not compile.
    pub fn finish(self, output: Value) -> Result<Program> {
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
                kind,
                bindings: gpu.bind(&params, storage),
                params: draft.params,
                rows: draft.rows,
                grid: draft.grid,
                flops_per_row: draft.flops_per_row,
                bytes_per_row: draft.bytes_per_row,
                bytes_once: draft.bytes_once,
                in_block: draft.in_block,
            });
        }
        gpu.check()?;
        Ok(Program {
            ops,
            params,
            input: at(INPUT).clone(),
            output: at(output.slot).clone(),
            staging: [staging()?, staging()?],
            starts,
            picks,
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
