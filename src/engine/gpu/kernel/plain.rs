//! The matrix product for every adapter.
//!
//! Loops over registers are unrolled here. WGSL has no unrolling, and indexing an array costs a
//! bounds check each time, which would dominate the innermost loop.

use crate::engine::gpu::kernel::source::line;
use crate::engine::gpu::kernel::tile::Registers;

/// The entry point.
pub(crate) fn main(registers: Registers) -> String {
    include_str!("wgsl/plain.wgsl")
        .replace("$A_TILE", &(registers.rows * 64).to_string())
        .replace("$B_TILE", &(registers.columns * 256).to_string())
        .replace("$DECLARE", &registers.declare())
        .replace("$LOAD", &registers.load())
        .replace("$MULTIPLY", &registers.multiply())
        .replace("$STORE", &registers.store())
}

/// The unrolled parts.
impl Registers {
    /// The number of groups of `a` that an invocation loads for each tile.
    fn loads(&self) -> u32 {
        (self.rows * 64).div_ceil(256)
    }

    fn declare(&self) -> String {
        let mut s = String::new();
        for i in 0..self.loads() {
            line(
                &mut s,
                &format!(
                    "let place{i} = place(first_row + (index + {}u) / 4u);",
                    i * 256
                ),
            );
        }
        for (i, j) in self.places() {
            line(&mut s, &format!("var s{i}_{j} = vec4<f32>();"));
        }
        s
    }

    fn places(&self) -> impl Iterator<Item = (u32, u32)> {
        let columns = self.columns;
        (0..self.rows).flat_map(move |i| (0..columns).map(move |j| (i, j)))
    }

    fn load(&self) -> String {
        let mut s = String::new();
        let size = self.rows * 64;
        for i in 0..self.loads() {
            let at = format!("index + {}u", i * 256);
            let load = format!("a_tile[{at}] = load_a(place{i}, k + index % 4u);");
            if (i + 1) * 256 > size {
                line(&mut s, &format!("if ({at} < {size}u) {{ {load} }}"));
            } else {
                line(&mut s, &load);
            }
        }
        let columns = self.columns * 16;
        for i in 0..self.columns {
            let at = format!("(index + {}u)", i * 256);
            let load =
                format!("load_b(k * 4u + {at} / {columns}u, first_column + {at} % {columns}u)");
            line(&mut s, &format!("b_tile[{at}] = {load};"));
        }
        s
    }

    fn multiply(&self) -> String {
        let mut s = String::new();
        let columns = self.columns * 16;
        for k in 0..4 {
            line(&mut s, "{");
            for j in 0..self.columns {
                for q in 0..4 {
                    let at = (k * 4 + q) * columns + j * 16;
                    line(&mut s, &format!("let b{j}_{q} = b_tile[local.x + {at}u];"));
                }
            }
            for i in 0..self.rows {
                let at = i * 64 + k;
                line(&mut s, &format!("let a{i} = a_tile[local.y * 4u + {at}u];"));
                for j in 0..self.columns {
                    for (q, lane) in ["x", "y", "z", "w"].into_iter().enumerate() {
                        line(&mut s, &format!("s{i}_{j} += a{i}.{lane} * b{j}_{q};"));
                    }
                }
            }
            line(&mut s, "}");
        }
        s
    }

    fn store(&self) -> String {
        let mut s = String::new();
        for (i, j) in self.places() {
            let (row, column) = (i * 16, j * 16);
            let to = format!("first_row + local.y + {row}u, first_column + local.x + {column}u");
            line(&mut s, &format!("finish(s{i}_{j}, {to});"));
        }
        s
    }
}
