//! The parameters of a dispatch.

use crate::engine::gpu::kernel::dispatch::{OWN, PARAMS_BYTES, WORDS};
use crate::engine::gpu::program::shape::Shape;

/// Parameters of one kernel.
#[derive(Clone, Copy)]
pub(crate) struct Params([u32; WORDS]);

impl Params {
    /// Takes the kernel's own parameters.
    pub(crate) fn new(own: &[usize]) -> Self {
        let mut params = Self([0; WORDS]);
        params.put(0, own);
        params
    }

    /// Sets own parameters from index `from` on.
    pub(crate) fn put(&mut self, from: usize, values: &[usize]) {
        for (place, value) in self.0.iter_mut().skip(OWN + from).zip(values) {
            // Larger values never occur: the largest buffer has fewer groups.
            *place = u32::try_from(*value).unwrap_or(u32::MAX);
        }
    }

    /// Sets own parameters that are not integers.
    pub(crate) fn put_numbers<'a>(
        &mut self,
        from: usize,
        values: impl IntoIterator<Item = &'a f32>,
    ) {
        for (place, value) in self.0.iter_mut().skip(OWN + from).zip(values) {
            *place = value.to_bits();
        }
    }

    /// Bytes of the parameters for a batch.
    pub(crate) fn of(&self, rows: usize, grid: Grid, shape: Shape) -> [u8; PARAMS_BYTES as usize] {
        let [across, along, _] = grid.sides(rows, shape);
        let head = [rows, grid.workgroups(rows, shape), 0, across, along];
        let mut words = *self;
        for (place, value) in words.0.iter_mut().zip(head) {
            *place = u32::try_from(value).unwrap_or(u32::MAX);
        }
        bytemuck::cast(words.0)
    }
}

/// The division of a kernel's work into workgroups.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Grid {
    /// A matrix product: groups of four columns, and the tile's rows and groups.
    Tiles {
        n4: usize,
        tile_rows: usize,
        tile_columns: usize,
    },
    /// One workgroup per row.
    Rows,
    /// One workgroup per 64 queries of a head; `queries` are the most in a sequence.
    Attention {
        heads: usize,
        depth: usize,
        queries: usize,
    },
    /// One invocation per group of four.
    Groups { per_row: usize },
}

impl Grid {
    fn sides(self, rows: usize, shape: Shape) -> [usize; 3] {
        match self {
            Self::Tiles {
                n4,
                tile_rows,
                tile_columns,
            } => [n4.div_ceil(tile_columns), rows.div_ceil(tile_rows), 1],
            Self::Rows => [rows, 1, 1],
            Self::Attention { heads, queries, .. } => {
                [shape.longest.min(queries).div_ceil(64), heads, shape.items]
            }
            Self::Groups { per_row } => [(rows * per_row).div_ceil(64), 1, 1],
        }
    }

    /// The number of workgroups.
    pub(crate) fn workgroups(self, rows: usize, shape: Shape) -> usize {
        self.sides(rows, shape).into_iter().product()
    }

    /// Operations other than a matrix product's that take longer than reading and writing.
    pub(crate) fn own_flops(self, rows: usize, shape: Shape) -> f64 {
        match self {
            Self::Attention {
                heads,
                depth,
                queries,
            } => {
                let queries = rows as f64 * queries.min(shape.longest) as f64;
                4.0 * (heads * depth) as f64 * queries
            }
            Self::Tiles { .. } | Self::Rows | Self::Groups { .. } => 0.0,
        }
    }
}
