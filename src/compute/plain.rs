//! The matrix product that every adapter computes.
//!
//! What would be a loop over registers is written out here. WGSL has no unrolling, and indexing an
//! array costs a bound check each time, which in the innermost loop is most of the work.

use super::gemm::Gemm;
use super::kernel::line;
use super::tile::Registers;

/// The entry point, where `out` is a group of four as it is written.
pub(super) fn main(product: &Gemm, registers: Registers, out: &str) -> String {
    let written = Written {
        product,
        registers,
        out,
    };
    include_str!("kernels/plain.wgsl")
        .replace("$A_TILE", &(registers.rows * 64).to_string())
        .replace("$B_TILE", &(registers.columns * 256).to_string())
        .replace("$DECLARE", &written.declare())
        .replace("$LOAD", &written.load())
        .replace("$MULTIPLY", &written.multiply())
        .replace("$STORE", &written.store())
}

/// The written-out parts.
struct Written<'a> {
    product: &'a Gemm,
    registers: Registers,
    out: &'a str,
}

impl Written<'_> {
    /// How many groups of `a` an invocation brings in for each tile.
    fn loads(&self) -> u32 {
        (self.registers.rows * 64).div_ceil(256)
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
        for (i, j) in self.registers() {
            line(&mut s, &format!("var s{i}_{j} = vec4<f32>();"));
        }
        s
    }

    fn registers(&self) -> impl Iterator<Item = (u32, u32)> {
        let columns = self.registers.columns;
        (0..self.registers.rows).flat_map(move |i| (0..columns).map(move |j| (i, j)))
    }

    fn load(&self) -> String {
        let mut s = String::new();
        let size = self.registers.rows * 64;
        for i in 0..self.loads() {
            let at = format!("index + {}u", i * 256);
            let load = format!("a_tile[{at}] = load_a(place{i}, k + index % 4u);");
            if (i + 1) * 256 > size {
                line(&mut s, &format!("if ({at} < {size}u) {{ {load} }}"));
            } else {
                line(&mut s, &load);
            }
        }
        let columns = self.registers.columns * 16;
        for i in 0..self.registers.columns {
            let at = format!("(index + {}u)", i * 256);
            line(
                &mut s,
                &format!(
                    "{{ let row = k * 4u + {at} / {columns}u; let column = first_column + {at} % {columns}u;
        var w = vec4<f32>();
        if (row < p.k4 * 4u && column < p.n4) {{ w = vec4<f32>(b[row * p.n4 + column]); }}
        b_tile[{at}] = w; }}"
                ),
            );
        }
        s
    }

    fn multiply(&self) -> String {
        let mut s = String::new();
        let columns = self.registers.columns * 16;
        for k in 0..4 {
            line(&mut s, "{");
            for j in 0..self.registers.columns {
                for q in 0..4 {
                    let at = (k * 4 + q) * columns + j * 16;
                    line(&mut s, &format!("let b{j}_{q} = b_tile[local.x + {at}u];"));
                }
            }
            for i in 0..self.registers.rows {
                let at = i * 64 + k;
                line(&mut s, &format!("let a{i} = a_tile[local.y * 4u + {at}u];"));
                for j in 0..self.registers.columns {
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
        let out = self.out;
        for (i, j) in self.registers() {
            let adds = if self.product.adds {
                " + vec4<f32>(out[at])"
            } else {
                ""
            };
            let value = self.product.activation.apply("v");
            line(
                &mut s,
                &format!(
                    "{{ let row = first_row + local.y + {}u; let column = first_column + local.x + {}u;
        if (row < p.rows && column < p.n4) {{
            let at = row * p.out_stride + p.out_column + column;
            let v = s{i}_{j} + bias[column]{adds};
            out[at] = {out}({value});
        }} }}",
                    i * 16,
                    j * 16
                ),
            );
        }
        s
    }
}
