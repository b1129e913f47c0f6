//! A kernel with its operands, as dispatched for each batch.

use crate::engine::gpu::program::pace::OpCost;
use crate::engine::gpu::program::params::{Grid, Params};
use crate::engine::gpu::program::shape::{Rows, Shape};

/// The operations and the memory traffic of a kernel.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Operations of matrix products.
    pub(crate) flops_per_row: u64,
    pub(crate) bytes_per_row: u64,
    /// Bytes read once for any number of rows: weights.
    pub(crate) bytes_once: u64,
}

/// One kernel with its operands.
pub(crate) struct Op {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) bindings: wgpu::BindGroup,
    /// What it is, for people.
    pub(crate) name: String,
    /// Kernels with the same source have the same kind.
    pub(crate) kind: usize,
    pub(crate) params: Params,
    pub(crate) rows: Rows,
    pub(crate) grid: Grid,
    pub(crate) cost: Cost,
    /// Whether it belongs to the first of the repeated blocks.
    pub(crate) in_block: bool,
}

impl Op {
    /// A rough estimate of its time: operations, and bytes at ten operations each.
    fn cost(&self, shape: Shape) -> f64 {
        self.flops(shape) + 10.0 * self.bytes(shape) as f64
    }

    /// The operations of matrix products.
    pub(crate) fn product_flops(&self, shape: Shape) -> u64 {
        self.cost.flops_per_row * self.rows.of(shape) as u64
    }

    /// All operations that take longer than reading and writing.
    pub(crate) fn flops(&self, shape: Shape) -> f64 {
        let own = self.grid.own_flops(self.rows.of(shape), shape);
        self.product_flops(shape) as f64 + own
    }

    /// The bytes read and written, each operand once.
    pub(crate) fn bytes(&self, shape: Shape) -> u64 {
        self.cost.bytes_once + self.cost.bytes_per_row * self.rows.of(shape) as u64
    }

    pub(crate) fn work(&self, shape: Shape) -> OpCost {
        OpCost {
            kind: self.kind,
            cost: self.cost(shape),
            workgroups: self.grid.workgroups(self.rows.of(shape), shape),
        }
    }
}
