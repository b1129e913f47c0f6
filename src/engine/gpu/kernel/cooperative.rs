//! The matrix product with cooperative matrices, which a subgroup multiplies in hardware.
//!
//! Drivers may compute them wrongly, so [`crate::engine::gpu::tune`] compares their results with
//! the plain product's before they are used.

use crate::engine::gpu::kernel::fragment::PADDING4;
use crate::engine::gpu::kernel::source::line;
use crate::engine::gpu::kernel::tile::{DEPTH4, Fragments};

/// The most columns of a subgroup that go through shared memory at a time in the end.
const STRIP: u32 = 32;
/// Empty numbers after each of its rows.
const STRIP_PADDING: u32 = 4;

/// What each invocation processes at a time.
struct Round {
    /// The group.
    at: String,
    /// If not all invocations have one: how many groups there are.
    count: Option<u32>,
}

impl Round {
    fn guard(&self, what: &str) -> String {
        match self.count {
            None => format!("{{ {what} }}"),
            Some(count) => format!("if ({} < {count}u) {{ {what} }}", self.at),
        }
    }
}

/// Whether an adapter with `limits` supports a workgroup of so many invocations and so much shared
/// memory.
pub(crate) fn fits(fragments: Fragments, limits: &wgpu::Limits) -> bool {
    let halves = (fragments.a_tile() + fragments.b_tile()) * fragments.steps() * 8;
    let shared_bytes = halves + fragments.staged() * 4;
    let fragment = fragments.fragment;
    fragment.fits(fragments.count(), shared_bytes, limits)
}

/// The entry point.
pub(crate) fn main(fragments: Fragments) -> String {
    let fragment = fragments.fragment;
    let elements = fragment.per_group() * fragments.steps();
    let unsigned = |n: u32| format!("{n}u");
    include_str!("wgsl/cooperative.wgsl")
        .replace("$TILE_ELEMENT", fragment.element())
        .replace("$A_TILE", &(fragments.a_tile() * elements).to_string())
        .replace("$B_TILE", &(fragments.b_tile() * elements).to_string())
        .replace("$STAGED", &fragments.staged().to_string())
        .replace("$THREADS", &fragments.threads().to_string())
        .replace("$SUBGROUPS", &unsigned(fragments.count()))
        .replace("$ACROSS", &unsigned(fragments.subgroups.1))
        .replace("$EACH_ROWS", &unsigned(fragments.each.0))
        .replace("$EACH_COLUMNS", &unsigned(fragments.each.1 / 4))
        .replace("$DECLARE", &fragments.declare())
        .replace("$FETCH", &fragments.fetch())
        .replace("$PUT", &fragments.put())
        .replace("$MULTIPLY", &fragments.multiply())
        .replace("$TURN", &fragments.turn())
        .replace("$STORE", &fragments.store())
}

/// The unrolled parts.
impl Fragments {
    fn threads(&self) -> u32 {
        self.count() * self.fragment.lanes
    }

    /// Steps along k that shared memory holds.
    fn steps(&self) -> u32 {
        if self.two_steps { 2 } else { 1 }
    }

    /// From one row of the left side in shared memory to the next, in groups.
    fn a_stride(&self) -> u32 {
        DEPTH4 + PADDING4
    }

    fn b_stride(&self) -> u32 {
        self.columns4() + PADDING4
    }

    /// Groups of a step.
    fn a_tile(&self) -> u32 {
        self.rows() * self.a_stride()
    }

    fn b_tile(&self) -> u32 {
        DEPTH4 * 4 * self.b_stride()
    }

    /// Columns of a subgroup that are staged at a time.
    fn strip(&self) -> u32 {
        let most = (self.each.1 / 2).clamp(self.fragment.size, STRIP);
        self.each.1.min(most)
    }

    /// From one staged row to the next, in numbers.
    fn strip_stride(&self) -> u32 {
        self.strip() + STRIP_PADDING
    }

    /// Numbers: one strip of each subgroup.
    fn staged(&self) -> u32 {
        self.count() * self.fragment.size * self.strip_stride()
    }

    /// The matrices of a subgroup, by row and column.
    fn places(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (rows, columns) = self.each;
        let size = self.fragment.size;
        (0..rows / size).flat_map(move |i| (0..columns / size).map(move |j| (i, j)))
    }

    /// The offsets at which the invocations process `count` groups.
    fn rounds(&self, count: u32) -> impl Iterator<Item = Round> + use<> {
        let threads = self.threads();
        (0..count.div_ceil(threads)).map(move |round| Round {
            at: format!("(index + {}u)", round * threads),
            count: ((round + 1) * threads > count).then_some(count),
        })
    }

    fn a_rounds(&self) -> impl Iterator<Item = (usize, Round)> + use<> {
        self.rounds(self.rows() * DEPTH4).enumerate()
    }

    fn b_rounds(&self) -> impl Iterator<Item = (usize, Round)> + use<> {
        self.rounds(self.columns4() * DEPTH4 * 4).enumerate()
    }

    fn declare(&self) -> String {
        let mut s = String::new();
        for (i, Round { at, .. }) in self.a_rounds() {
            let row = format!("first_row + {at} / {DEPTH4}u");
            line(
                &mut s,
                &format!("let place{i} = place({row}); var a_next{i} = vec4<f16>();"),
            );
        }
        for (i, _) in self.b_rounds() {
            line(&mut s, &format!("var b_next{i} = vec4<f16>();"));
        }
        if self.two_steps {
            line(&mut s, "var a_from = 0u; var b_from = 0u;");
        }
        let sum = self.fragment.matrix("f32", 'C');
        for (i, j) in self.places() {
            line(&mut s, &format!("var s{i}_{j} = {sum}();"));
        }
        s
    }

    /// Reads the groups at `next` into registers.
    fn fetch(&self) -> String {
        let mut s = String::new();
        for (i, round) in self.a_rounds() {
            let at = &round.at;
            let what = format!("a_next{i} = load_a(place{i}, next + {at} % {DEPTH4}u);");
            line(&mut s, &round.guard(&what));
        }
        let columns4 = self.columns4();
        for (i, round) in self.b_rounds() {
            let at = &round.at;
            let (row, column) = (format!("{at} / {columns4}u"), format!("{at} % {columns4}u"));
            let what = format!("b_next{i} = load_b(next * 4u + {row}, first_column + {column});");
            line(&mut s, &round.guard(&what));
        }
        s
    }

    /// Writes what was read to shared memory.
    fn put(&self) -> String {
        let mut s = String::new();
        let (a_from, b_from) = self.from();
        for (i, round) in self.a_rounds() {
            let (at, stride) = (&round.at, self.a_stride());
            let to = format!("{a_from}{at} / {DEPTH4}u * {stride}u + {at} % {DEPTH4}u");
            let what = self.fragment.write("a_tile", &to, &format!("a_next{i}"));
            line(&mut s, &round.guard(&what));
        }
        let (columns4, stride) = (self.columns4(), self.b_stride());
        for (i, round) in self.b_rounds() {
            let at = &round.at;
            let to = format!("{b_from}{at} / {columns4}u * {stride}u + {at} % {columns4}u");
            let what = self.fragment.write("b_tile", &to, &format!("b_next{i}"));
            line(&mut s, &round.guard(&what));
        }
        s
    }

    /// Where the step's tiles begin.
    fn from(&self) -> (&'static str, &'static str) {
        match self.two_steps {
            true => ("a_from + ", "b_from + "),
            false => ("", ""),
        }
    }

    fn load(&self, s: &mut String, name: &str, role: char, at: &str) {
        let place = match role {
            'A' => ("a_tile", at, self.a_stride()),
            _ => ("b_tile", at, self.b_stride()),
        };
        line(s, &self.fragment.load((name, role, false), place));
    }

    fn multiply(&self) -> String {
        let mut s = String::new();
        let size = self.fragment.size;
        let (a_from, b_from) = self.from();
        let (a_stride, b_stride) = (self.a_stride(), self.b_stride());
        for step in 0..DEPTH4 * 4 / size {
            line(&mut s, "{");
            for i in 0..self.each.0 / size {
                let (row, k) = (i * size, step * size / 4);
                let at = format!("{a_from}(own_row + {row}u) * {a_stride}u + {k}u");
                self.load(&mut s, &format!("a{i}"), 'A', &at);
            }
            for j in 0..self.each.1 / size {
                let (k, column) = (step * size, j * size / 4);
                let at = format!("{b_from}{k}u * {b_stride}u + own_column + {column}u");
                self.load(&mut s, &format!("b{j}"), 'B', &at);
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

    /// What comes between two steps.
    fn turn(&self) -> String {
        let mut s = String::new();
        match self.two_steps {
            // The barrier before the next multiplication is also after the last one of this half.
            true => {
                let (a, b) = (self.a_tile(), self.b_tile());
                line(
                    &mut s,
                    &format!("a_from = {a}u - a_from; b_from = {b}u - b_from;"),
                );
            }
            false => line(&mut s, "workgroupBarrier();"),
        }
        s
    }

    fn store(&self) -> String {
        let mut s = String::new();
        let (size, across, stride) = (self.fragment.size, self.subgroups.1, self.strip_stride());
        let (strip4, own4) = (self.strip() / 4, size * self.strip() / 4);
        let (rows, columns4) = (self.each.0, self.each.1 / 4);
        let own = size * stride;
        for row in (0..rows).step_by(size as usize) {
            for column in (0..self.each.1).step_by(self.strip() as usize) {
                for j in (0..self.strip()).step_by(size as usize) {
                    let sum = format!("s{}_{}", row / size, (column + j) / size);
                    let to = format!("&staged[own * {own}u + {j}u], {stride}u");
                    line(&mut s, &format!("coopStoreT({sum}, {to});"));
                }
                line(&mut s, "workgroupBarrier();");
                for round in self.rounds(self.count() * own4) {
                    let finish = format!(
                        "let owner = {at} / {own4}u; let in_strip = {at} % {own4}u;
        let strip_row = in_strip / {strip4}u; let strip_column = in_strip % {strip4}u;
        let row = first_row + owner / {across}u * {rows}u + {row}u + strip_row;
        let column = first_column + owner % {across}u * {columns4}u + {}u + strip_column;
        finish(staged_at(owner * {own}u + strip_row * {stride}u + strip_column * 4u), row, column);",
                        column / 4,
                        at = round.at,
                    );
                    line(&mut s, &round.guard(&finish));
                }
                line(&mut s, "workgroupBarrier();");
            }
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::spec::activation::Activation;
    use crate::engine::gpu::kernel::epilogue::Epilogue;
    use crate::engine::gpu::kernel::gemm::{Gemm, Source};
    use crate::engine::gpu::kernel::tile::{Fragment, Tile};
    use crate::engine::gpu::kernel::{Kernel, Precision};
    use crate::engine::gpu::testing::sound_source;
    use crate::engine::gpu::tune::candidates;

    #[test]
    fn every_size_is_sound_source() {
        for (size, lanes) in [(8, 8), (8, 32), (16, 32), (16, 64)] {
            for from_numbers in [false, true] {
                let fragment = Fragment {
                    size,
                    lanes,
                    from_numbers,
                };
                for tile in candidates::cooperative(fragment).map(|candidate| candidate.1) {
                    for (source, whole) in [(Source::Pixels, false), (Source::Dense, true)] {
                        let kernel = Kernel::Gemm(Gemm {
                            source,
                            epilogue: Epilogue::Activation(Activation::Gelu),
                            adds: true,
                            wide: false,
                            tile,
                            whole,
                        });
                        sound_source(&kernel.source(Precision::Half));
                    }
                }
            }
        }
    }

    #[test]
    fn what_an_adapter_has_no_room_for_is_not_used() {
        let fitting = |size, lanes, limits| {
            let fragment = Fragment {
                size,
                lanes,
                from_numbers: false,
            };
            let all = candidates::cooperative(fragment).into_iter();
            let fitting = all.filter(|candidate| match candidate.1 {
                Tile::Cooperative(fragments) => fits(fragments, limits),
                Tile::Plain(_) => unreachable!(),
            });
            fitting.map(|candidate| candidate.0).collect::<Vec<_>>()
        };
        // WebGPU's minimum: 16 KiB and 256 invocations.
        let least = wgpu::Limits::default();
        assert_eq!(fitting(16, 32, &least), ["cooperative 64x64"]);
        let usual = wgpu::Limits {
            max_compute_workgroup_storage_size: 48 << 10,
            max_compute_invocations_per_workgroup: 1024,
            max_compute_workgroup_size_x: 1024,
            ..least
        };
        assert_eq!(fitting(16, 32, &usual).len(), 6);
        assert!(!fitting(16, 256, &usual).contains(&"cooperative 128x256"));
        assert!(fitting(16, 256, &usual).contains(&"cooperative 64x64"));
    }
}
