//! The kernels of a forward pass.

use crate::clip::spec::activation::Activation;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::attention::MAX_DEPTH4;
use crate::engine::gpu::kernel::cooperative_attention;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::gemm::{Gemm, Source};
use crate::engine::gpu::kernel::pack::fours;
use crate::engine::gpu::kernel::{Kernel, NormSource};
use crate::engine::gpu::program::builder::{Builder, Draft, Index};
use crate::engine::gpu::program::op::Cost;
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value, Window};
use crate::engine::gpu::program::params::{Grid, Params};
use crate::engine::gpu::program::shape::{Rows, Shape};

impl Builder<'_> {
    /// A matrix product.
    pub(crate) fn product(&mut self, product: Product, matrix: &Matrix) {
        let Product {
            left, rows, out, ..
        } = product;
        let left_stride = product.left_stride.unwrap_or(left.width4);
        let (out_stride, out_column) = product.out_place.unwrap_or((out.width4, 0));
        let capacity_rows = rows.of(self.capacity);
        let tile = product
            .tile
            .unwrap_or_else(|| self.variants.tile(capacity_rows, matrix.n4));
        let mut params = Params::new(&[matrix.n4, matrix.k4, left_stride, out_stride, out_column]);
        let source = match &product.window {
            None => Source::Dense,
            Some((w, normalise)) => {
                let place = [w.height, w.width, w.channels4, w.out_height, w.out_width];
                params.put(5, &place);
                params.put(10, &[w.step, w.top, w.left, w.kernel]);
                match normalise {
                    None => Source::Convolution,
                    Some(normalise) => {
                        params.put_numbers(15, normalise.numbers());
                        Source::Pixels
                    }
                }
            }
        };
        let element = self.gpu.precision.bytes();
        let read = match &product.window {
            None => matrix.k as u64 * element,
            // Each pixel once, not once per neighbourhood.
            Some((w, normalise)) => {
                let bytes = normalise.map_or(w.channels4 as u64 * 4 * element, |_| 3);
                bytes * (w.height * w.width) as u64 / (w.out_height * w.out_width).max(1) as u64
            }
        };
        let written = matrix.n as u64 * if product.wide { 4 } else { element };
        self.drafts.push(Draft {
            kernel: Kernel::Gemm(Gemm {
                source,
                epilogue: product.epilogue,
                adds: product.adds,
                wide: product.wide,
                tile,
                whole: tile.ends_with(matrix.k4, matrix.n4),
            }),
            sizes: format!("{}×{}", matrix.k, matrix.n),
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
            cost: Cost {
                flops_per_row: 2 * (matrix.k * matrix.n) as u64,
                bytes_per_row: read + written * if product.adds { 2 } else { 1 },
                bytes_once: (matrix.k * matrix.n) as u64 * element,
            },
            in_block: self.in_block,
        });
    }

    /// Layer normalisation of `width` channels; for [`NormSource::Tokens`] with the positions and
    /// the number of tokens of a picture.
    pub(crate) fn norm(
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
            sizes: width.to_string(),
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
            cost: Cost {
                flops_per_row: 0,
                bytes_per_row: 2 * row_bytes,
                bytes_once: width as u64 * 8,
            },
            in_block: self.in_block,
        });
    }

    /// Attention of `heads` heads, `depth` deep, from rows of queries, keys and values.
    ///
    /// # Errors
    /// If the heads are too deep for the kernel.
    pub(crate) fn attention(
        &mut self,
        (left, out): (Value, Value),
        (heads, depth): (usize, usize),
        causal: bool,
        queries: Option<usize>,
    ) -> Result<()> {
        let most = queries.unwrap_or(u32::MAX as usize);
        self.attend((left, out), (heads, depth), [most, usize::from(causal), 0])
    }

    /// Attention among the `tokens` rows of each picture, however many the batch's shape says.
    ///
    /// # Errors
    /// If the heads are too deep for the kernel.
    pub(crate) fn attention_of(
        &mut self,
        sides: (Value, Value),
        form: (usize, usize),
        tokens: usize,
    ) -> Result<()> {
        self.attend(sides, form, [tokens, 0, tokens])
    }

    fn attend(
        &mut self,
        (left, out): (Value, Value),
        (heads, depth): (usize, usize),
        [most, causal, tokens]: [usize; 3],
    ) -> Result<()> {
        let depth4 = fours(depth);
        let limits = self.gpu.device.limits();
        let matrix = self.variants.attention;
        let matrix = matrix.filter(|m| cooperative_attention::fits(depth4 as u32, *m, &limits));
        if depth4 > MAX_DEPTH4 as usize / 4 {
            let reason = format!("attention heads {depth} deep");
            return Err(GpuError::Unsupported { reason });
        }
        let mut params = Params::new(&[heads, most, causal]);
        params.put_numbers(3, &[(depth as f64).powf(-0.5) as f32]);
        params.put(4, &[tokens]);
        self.drafts.push(Draft {
            kernel: Kernel::Attention {
                depth4: depth4 as u32,
                matrix,
            },
            sizes: format!("{heads}×{depth}"),
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
            cost: Cost {
                flops_per_row: 0,
                bytes_per_row: 4 * (heads * depth) as u64 * self.gpu.precision.bytes(),
                bytes_once: 0,
            },
            in_block: self.in_block,
        });
        Ok(())
    }

    /// Depthwise convolution with `then` after it; `out` can have several times as many channels.
    pub(crate) fn depthwise(
        &mut self,
        (left, out): (Value, Value),
        w: Window,
        (weight, bias): (&wgpu::Buffer, &wgpu::Buffer),
        then: Epilogue,
    ) {
        let mut params = Params::new(&[out.width4, w.height, w.width, w.out_height, w.out_width]);
        params.put(5, &[w.step, w.top, w.left, w.kernel, w.channels4]);
        let operands = (Some(weight.clone()), Some(bias.clone()));
        self.each_group(Kernel::Depthwise(then), (left, out), operands, params);
    }

    /// Multiplies the `pixels` pixels of each picture by the sigmoid of its row of gates, and applies
    /// GELU.
    pub(crate) fn gate(&mut self, (gates, x): (Value, Value), pixels: usize) {
        let params = Params::new(&[x.width4, pixels]);
        let then = Epilogue::Activation(Activation::Gelu);
        self.each_group(Kernel::Gate(then), (gates, x), (None, None), params);
    }

    /// Averages 2×2 pixels.
    pub(crate) fn pool(&mut self, (left, out): (Value, Value), w: Window) {
        let params = Params::new(&[w.channels4, w.height, w.width, w.out_height, w.out_width]);
        self.each_group(Kernel::Pool, (left, out), (None, None), params);
    }

    /// Patches with positions added, `tokens` to a picture, with or without a class token.
    pub(crate) fn positions(
        &mut self,
        sides: (Value, Value),
        positions: &wgpu::Buffer,
        (tokens, class): (usize, bool),
    ) {
        let params = Params::new(&[sides.1.width4, tokens]);
        let operands = (Some(positions.clone()), None);
        self.each_group(Kernel::Positions { class }, sides, operands, params);
    }

    /// The `grid`×`grid` patches of pictures of `side` pixels, normalised, a row each.
    pub(crate) fn patches(
        &mut self,
        sides: (Value, Value),
        (side, patch, grid): (usize, usize, usize),
        normalise: Normalise,
    ) {
        let mut params = Params::new(&[sides.1.width4, side, patch, grid]);
        params.put_numbers(7, normalise.numbers());
        self.each_group(Kernel::Patches, sides, (None, None), params);
    }

    /// Rows of queries, keys and values turned by rotary positions: cosine and sine of each pair of a
    /// head, for each of the `tokens` of a picture.
    pub(crate) fn rotate(
        &mut self,
        sides: (Value, Value),
        angles: &wgpu::Buffer,
        (tokens, depth): (usize, usize),
    ) {
        let params = Params::new(&[sides.1.width4, tokens, fours(depth)]);
        let operands = (Some(angles.clone()), None);
        self.each_group(Kernel::Rotate, sides, operands, params);
    }

    /// The mean of each picture's `pixels` pixels; with `positions` as tokens, the mean first.
    pub(crate) fn mean(
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
        let bytes_once = right.as_ref().map_or(0, wgpu::Buffer::size);
        self.drafts.push(Draft {
            kernel,
            sizes: (out.width4 * 4).to_string(),
            left: left.slot,
            right,
            bias,
            index: Index::None,
            out: out.slot,
            params,
            rows: out.rows,
            grid: Grid::Groups {
                per_row: out.width4,
            },
            cost: Cost {
                flops_per_row: 0,
                bytes_per_row: (out.width4 as u64 + left.width4 as u64 * ratio) * self.element(),
                bytes_once,
            },
            in_block: self.in_block,
        });
    }
}
