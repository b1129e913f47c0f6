//! The matrix product with cooperative matrices, which a subgroup multiplies in hardware.
//!
//! Drivers may compute them wrongly, so [`crate::engine::gpu::tune`] compares their results with
//! the plain product's before they are used.

use crate::engine::gpu::kernel::source::line;
use crate::engine::gpu::kernel::tile::Fragments;

/// Groups of four values of k in shared memory at a time.
const DEPTH4: u32 = 8;
/// Empty groups after each row there, so that rows do not start in the same bank.
const PADDING4: u32 = 2;

/// Whether an adapter with `limits` supports a workgroup of so many invocations and so much shared
/// memory.
pub(crate) fn fits(fragments: Fragments, limits: &wgpu::Limits) -> bool {
    let halves = (fragments.a_tile() + fragments.b_tile()) * 8;
    let bytes = halves + fragments.staged() * 4;
    let threads = fragments.threads();
    bytes <= limits.max_compute_workgroup_storage_size
        && threads <= limits.max_compute_invocations_per_workgroup
        && threads <= limits.max_compute_workgroup_size_x
}

/// The entry point.
pub(crate) fn main(fragments: Fragments) -> String {
    let (element, numbers) = match fragments.fragment.from_numbers {
        true => ("f16", 4),
        false => ("vec4<f16>", 1),
    };
    let unsigned = |n: u32| format!("{n}u");
    include_str!("wgsl/cooperative.wgsl")
        .replace("$TILE_ELEMENT", element)
        .replace("$A_TILE", &(fragments.a_tile() * numbers).to_string())
        .replace("$B_TILE", &(fragments.b_tile() * numbers).to_string())
        .replace("$STAGED", &fragments.staged().to_string())
        .replace("$THREADS", &fragments.threads().to_string())
        .replace("$SUBGROUPS", &unsigned(fragments.count()))
        .replace("$ACROSS", &unsigned(fragments.subgroups.1))
        .replace("$EACH_ROWS", &unsigned(fragments.each.0))
        .replace("$EACH_COLUMNS", &unsigned(fragments.each.1 / 4))
        .replace("$DECLARE", &fragments.declare())
        .replace("$LOAD", &fragments.load())
        .replace("$MULTIPLY", &fragments.multiply())
        .replace("$STORE", &fragments.store())
}

/// The unrolled parts.
impl Fragments {
    fn threads(&self) -> u32 {
        self.count() * self.fragment.lanes
    }

    /// From one row of the left side in shared memory to the next, in groups.
    fn a_stride(&self) -> u32 {
        DEPTH4 + PADDING4
    }

    fn b_stride(&self) -> u32 {
        self.columns4() + PADDING4
    }

    fn a_tile(&self) -> u32 {
        self.rows() * self.a_stride()
    }

    fn b_tile(&self) -> u32 {
        DEPTH4 * 4 * self.b_stride()
    }

    /// Numbers: one matrix of each subgroup.
    fn staged(&self) -> u32 {
        self.count() * self.fragment.size.pow(2)
    }

    /// The matrices of a subgroup, by row and column.
    fn places(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (rows, columns) = self.each;
        let size = self.fragment.size;
        (0..rows / size).flat_map(move |i| (0..columns / size).map(move |j| (i, j)))
    }

    fn matrix(&self, numbers: &str, role: char) -> String {
        let size = self.fragment.size;
        format!("coop_mat{size}x{size}<{numbers}, {role}>")
    }

    /// The offsets at which `threads` invocations process `count` groups, and whether all of them
    /// have work there.
    fn rounds(&self, count: u32) -> impl Iterator<Item = (String, bool)> + use<> {
        let threads = self.threads();
        (0..count.div_ceil(threads)).map(move |round| {
            let at = format!("(index + {}u)", round * threads);
            (at, (round + 1) * threads <= count)
        })
    }

    fn declare(&self) -> String {
        let mut s = String::new();
        for (round, (at, _)) in self.rounds(self.rows() * DEPTH4).enumerate() {
            let row = format!("first_row + {at} / {DEPTH4}u");
            line(&mut s, &format!("let place{round} = place({row});"));
        }
        let sum = self.matrix("f32", 'C');
        for (i, j) in self.places() {
            line(&mut s, &format!("var s{i}_{j} = {sum}();"));
        }
        s
    }

    /// Writes the group `value` to the position `at` in a tile.
    fn put(&self, tile: &str, at: &str, value: &str) -> String {
        if !self.fragment.from_numbers {
            return format!("{tile}[{at}] = vec4<f16>({value});");
        }
        let mut s = format!("let at4 = ({at}) * 4u; let h = vec4<f16>({value});");
        for (i, lane) in ["x", "y", "z", "w"].into_iter().enumerate() {
            s.push_str(&format!(" {tile}[at4 + {i}u] = h.{lane};"));
        }
        s
    }

    fn load(&self) -> String {
        let mut s = String::new();
        let guard = |at: &str, count: u32, all: bool, what: String| match all {
            true => format!("{{ {what} }}"),
            false => format!("if ({at} < {count}u) {{ {what} }}"),
        };
        let count = self.rows() * DEPTH4;
        for (round, (at, all)) in self.rounds(count).enumerate() {
            let to = format!("{at} / {DEPTH4}u * {}u + {at} % {DEPTH4}u", self.a_stride());
            let value = format!("load_a(place{round}, k + {at} % {DEPTH4}u)");
            let what = self.put("a_tile", &to, &value);
            line(&mut s, &guard(&at, count, all, what));
        }
        let (columns4, count) = (self.columns4(), self.columns4() * DEPTH4 * 4);
        for (at, all) in self.rounds(count) {
            let to = format!(
                "{at} / {columns4}u * {}u + {at} % {columns4}u",
                self.b_stride()
            );
            let value =
                format!("load_b(k * 4u + {at} / {columns4}u, first_column + {at} % {columns4}u)");
            let what = self.put("b_tile", &to, &value);
            line(&mut s, &guard(&at, count, all, what));
        }
        s
    }

    fn multiply(&self) -> String {
        let mut s = String::new();
        let size = self.fragment.size;
        let (rows, columns) = (self.each.0 / size, self.each.1 / size);
        let numbers = if self.fragment.from_numbers { 4 } else { 1 };
        let load = |s: &mut String, name: &str, role, tile: &str, at: &str, stride: u32| {
            let matrix = self.matrix("f16", role);
            let stride = stride * numbers;
            let at = format!("&{tile}[({at}) * {numbers}u], {stride}u");
            line(s, &format!("let {name} = coopLoadT<{matrix}>({at});"));
        };
        for step in 0..DEPTH4 * 4 / size {
            line(&mut s, "{");
            for i in 0..rows {
                let (row, k) = (i * size, step * size / 4);
                let at = format!("(own_row + {row}u) * {}u + {k}u", self.a_stride());
                load(
                    &mut s,
                    &format!("a{i}"),
                    'A',
                    "a_tile",
                    &at,
                    self.a_stride(),
                );
            }
            for j in 0..columns {
                let (k, column) = (step * size, j * size / 4);
                let at = format!("{k}u * {}u + own_column + {column}u", self.b_stride());
                load(
                    &mut s,
                    &format!("b{j}"),
                    'B',
                    "b_tile",
                    &at,
                    self.b_stride(),
                );
            }
            for (i, j) in self.places() {
                let sum = format!("s{i}_{j}");
                line(
                    &mut s,
                    &format!("{sum} = coopMultiplyAdd(a{i}, b{j}, {sum});"),
                );
            }
            line(&mut s, "}");
        }
        s
    }

    fn store(&self) -> String {
        let mut s = String::new();
        let size = self.fragment.size;
        let (matrix4, across) = (size * size / 4, self.subgroups.1);
        let (rows, columns4) = (self.each.0, self.each.1 / 4);
        let count = self.staged() / 4;
        for (i, j) in self.places() {
            let to = format!("&staged[own * {}u], {size}u", size * size);
            line(&mut s, &format!("coopStoreT(s{i}_{j}, {to});"));
            line(&mut s, "workgroupBarrier();");
            for (at, all) in self.rounds(count) {
                let finish = format!(
                    "let owner = {at} / {matrix4}u; let in_matrix = {at} % {matrix4}u;
        let row = first_row + owner / {across}u * {rows}u + in_matrix / {}u + {}u;
        let column = first_column + owner % {across}u * {columns4}u + in_matrix % {}u + {}u;
        finish(staged_at({at} * 4u), row, column);",
                    size / 4,
                    i * size,
                    size / 4,
                    j * size / 4
                );
                let finish = match all {
                    true => format!("{{ {finish} }}"),
                    false => format!("if ({at} < {count}u) {{ {finish} }}"),
                };
                line(&mut s, &finish);
            }
            line(&mut s, "workgroupBarrier();");
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use wgpu::naga;

    use crate::clip::spec::activation::Activation;
    use crate::engine::gpu::kernel::epilogue::Epilogue;
    use crate::engine::gpu::kernel::gemm::{Gemm, Source};
    use crate::engine::gpu::kernel::tile::{Fragment, Tile};
    use crate::engine::gpu::kernel::{Kernel, Precision};

    /// This needs no adapter: wgpu's own compiler parses and validates the source.
    #[test]
    fn every_size_is_sound_source() {
        for (size, lanes) in [(8, 8), (8, 32), (16, 32), (16, 64)] {
            for from_numbers in [false, true] {
                let fragment = Fragment {
                    size,
                    lanes,
                    from_numbers,
                };
                for tile in [
                    Tile::cooperative_large(fragment),
                    Tile::cooperative_small(fragment),
                ] {
                    let kernel = Kernel::Gemm(Gemm {
                        source: Source::Pixels,
                        epilogue: Epilogue::Activation(Activation::Gelu),
                        adds: true,
                        wide: false,
                        tile,
                    });
                    let source = kernel.source(Precision::Half);
                    let module = naga::front::wgsl::parse_str(&source);
                    let module = module.unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source)));
                    let flags = naga::valid::ValidationFlags::all();
                    let all = naga::valid::Capabilities::all();
                    naga::valid::Validator::new(flags, all)
                        .validate(&module)
                        .unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source)));
                }
            }
        }
    }

    #[test]
    fn what_an_adapter_has_no_room_for_is_not_used() {
        let fits = |size, lanes, limits| {
            let fragment = Fragment {
                size,
                lanes,
                from_numbers: false,
            };
            let tiles = [
                Tile::cooperative_large(fragment),
                Tile::cooperative_small(fragment),
            ];
            tiles.map(|tile| match tile {
                Tile::Cooperative(fragments) => {
                    crate::engine::gpu::kernel::cooperative::fits(fragments, &limits)
                }
                Tile::Plain(_) => unreachable!(),
            })
        };
        // WebGPU's minimum: 16 KiB and 256 invocations.
        let least = wgpu::Limits::default();
        assert_eq!(fits(16, 32, least.clone()), [false, true]);
        let usual = wgpu::Limits {
            max_compute_workgroup_storage_size: 32 << 10,
            max_compute_invocations_per_workgroup: 1024,
            max_compute_workgroup_size_x: 1024,
            ..least
        };
        assert_eq!(fits(16, 32, usual.clone()), [true, true]);
        assert_eq!(fits(16, 128, usual.clone()), [true, true]);
        assert_eq!(fits(16, 256, usual), [false, true]);
    }
}
