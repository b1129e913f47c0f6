//! Attention with cooperative matrices, which a subgroup multiplies in hardware. As with products,
//! [`crate::engine::gpu::tune`] compares the results before they are used.

use crate::engine::gpu::kernel::fragment::PADDING4;
use crate::engine::gpu::kernel::source::line;
use crate::engine::gpu::kernel::tile::Fragment;

/// Queries of a workgroup, as many as of the kernel for every adapter.
const QUERIES: u32 = 64;
/// Keys in shared memory at a time.
const KEYS: u32 = 32;
/// Empty numbers after each row of scores.
const SCORE_PADDING: u32 = 8;

/// The sizes of a variant.
#[derive(Clone, Copy)]
struct Form {
    depth4: u32,
    matrix: Fragment,
}

/// Whether an adapter with `limits` supports the variant for heads of `depth4` groups.
pub(crate) fn fits(depth4: u32, matrix: Fragment, limits: &wgpu::Limits) -> bool {
    let form = Form { depth4, matrix };
    matrix.fits(form.subgroups(), form.shared_bytes(), limits)
        // Each invocation has a share of one query's scores.
        && form.threads().is_multiple_of(QUERIES)
        && (KEYS / 4).is_multiple_of(form.parts())
}

/// The WGSL source for heads of `depth4` groups.
pub(crate) fn source(depth4: u32, matrix: Fragment) -> String {
    let form = Form { depth4, matrix };
    let unsigned = |n: u32| format!("{n}u");
    let (padded4, numbers) = (form.padded4(), matrix.per_group());
    let put =
        |array: &str, row: &str, value: &str| form.put(array, row, form.stride4(), "d", value);
    include_str!("wgsl/attention_cooperative.wgsl")
        .replace("$QUERIES_TO_MATRICES", &form.queries())
        .replace("$PUT_QUERY", &put("left", "query", "v"))
        .replace("$PUT_KEY", &put("keys", "key", "v"))
        .replace("$PUT_VALUE", &put("values", "key", "w"))
        .replace("$SCORES", &(QUERIES * form.score_stride()).to_string())
        .replace("$SCORE", &form.score())
        .replace("$ALL_LARGEST", &form.of_all_parts("largest", "max"))
        .replace("$LARGEST", &form.largest())
        .replace("$ALL_SUM", &form.of_all_parts("sum", ""))
        .replace("$ANSWERS", &form.answers())
        .replace("$EXPONENTS", &form.exponents())
        .replace("$ADD", &form.add())
        .replace("$STORE", &form.store())
        .replace("$TILE_ELEMENT", matrix.element())
        .replace("$LEFT", &(form.left4() * numbers).to_string())
        .replace("$RIGHT", &(KEYS * form.stride4() * numbers).to_string())
        .replace("$THREADS", &unsigned(form.threads()))
        .replace("$SUBGROUPS", &unsigned(form.subgroups()))
        .replace("$PARTS", &unsigned(form.parts()))
        .replace("$QUERY_GROUPS", &unsigned(QUERIES * padded4))
        .replace("$KEY_GROUPS", &unsigned(KEYS * padded4))
        .replace("$QUERIES", &unsigned(QUERIES))
        .replace("$KEYS", &unsigned(KEYS))
        .replace("$PADDED4", &unsigned(padded4))
        .replace("$DEPTH4", &unsigned(depth4))
}

/// The unrolled parts.
impl Form {
    fn subgroups(self) -> u32 {
        QUERIES / self.matrix.size
    }

    fn threads(self) -> u32 {
        self.subgroups() * self.matrix.lanes
    }

    /// Invocations that share a query's scores.
    fn parts(self) -> u32 {
        (self.threads() / QUERIES).max(1)
    }

    /// Groups of a head, up to whole matrices.
    fn padded4(self) -> u32 {
        (self.depth4 * 4).next_multiple_of(self.matrix.size) / 4
    }

    /// From one query, key or value in shared memory to the next, in groups.
    fn stride4(self) -> u32 {
        self.padded4() + PADDING4
    }

    /// From one query's exponents to the next, in groups.
    fn exponent_stride4(self) -> u32 {
        KEYS / 4 + PADDING4
    }

    /// From one query's scores to the next, in numbers.
    fn score_stride(self) -> u32 {
        KEYS + SCORE_PADDING
    }

    fn left4(self) -> u32 {
        QUERIES * self.stride4().max(self.exponent_stride4())
    }

    fn shared_bytes(self) -> u32 {
        let halves = self.left4() + 2 * KEYS * self.stride4();
        halves * 8 + (QUERIES * self.score_stride() + self.threads()) * 4
    }

    /// The matrices along a head, and along a tile of keys.
    fn along_head(self) -> u32 {
        self.padded4() * 4 / self.matrix.size
    }

    fn along_keys(self) -> u32 {
        KEYS / self.matrix.size
    }

    /// Groups of a query's scores in a tile that each invocation has.
    fn own_groups(self) -> u32 {
        KEYS / 4 / self.parts()
    }

    /// Writes a group to a row of an array in shared memory.
    fn put(self, array: &str, row: &str, stride4: u32, group: &str, value: &str) -> String {
        let at = format!("{row} * {stride4}u + {group}");
        self.matrix.write(array, &at, value)
    }

    fn queries(self) -> String {
        let mut s = String::new();
        let (size, stride4) = (self.matrix.size, self.stride4());
        for t in 0..self.along_head() {
            let at = format!("own * {}u + {}u", size * stride4, t * size / 4);
            line(
                &mut s,
                &self
                    .matrix
                    .load((&format!("q{t}"), 'A', false), ("left", &at, stride4)),
            );
        }
        s
    }

    /// The scores of a tile of keys, into shared memory.
    fn score(self) -> String {
        let mut s = String::new();
        let (size, stride4) = (self.matrix.size, self.stride4());
        for n in 0..self.along_keys() {
            line(
                &mut s,
                &format!("{{ var s = {}();", self.matrix.matrix("f32", 'C')),
            );
            for t in 0..self.along_head() {
                let at = format!("{}u", n * size * stride4 + t * size / 4);
                let name = format!("b{t}");
                line(
                    &mut s,
                    &self.matrix.load((&name, 'B', true), ("keys", &at, stride4)),
                );
                line(&mut s, &format!("s = coopMultiplyAdd(q{t}, {name}, s);"));
            }
            let stride = self.score_stride();
            let to = format!(
                "&scores[own * {}u + {}u], {stride}u",
                size * stride,
                n * size
            );
            line(&mut s, &format!("coopStoreT(s, {to}); }}"));
        }
        s
    }

    /// For each group of an invocation: its number `c`, its scores `v`, and which of them count.
    fn each_group(self, then: &str) -> String {
        let mut s = String::new();
        for i in 0..self.own_groups() {
            let (first, stride) = (i * self.parts(), self.score_stride());
            let text = format!(
                "{{ let c = part + {first}u; let v = score(row * {stride}u + c * 4u);
        let at = vec4<u32>(k + c * 4u) + vec4<u32>(0u, 1u, 2u, 3u); let counts = at < vec4<u32>(seen);
        {then} }}"
            );
            line(&mut s, &text);
        }
        s
    }

    fn largest(self) -> String {
        self.each_group(
            "let m = select(vec4<f32>(-1e30), v, counts);
        largest = max(largest, max(max(m.x, m.y), max(m.z, m.w)));",
        )
    }

    fn exponents(self) -> String {
        let put = self.put("left", "row", self.exponent_stride4(), "c", "h");
        self.each_group(&format!(
            "let e = select(vec4<f32>(), exp((v - largest) * p.scale), counts);
        sum += e.x + e.y + e.z + e.w; let h = vec4<f16>(e); {put}"
        ))
    }

    /// Joins what the invocations of a query have found; with no `function`, by adding.
    fn of_all_parts(self, name: &str, function: &str) -> String {
        let parts = self.parts();
        let share = |i: u32| format!("shares[row * {parts}u + {i}u]");
        let all = (1..parts).fold(share(0), |all, i| match function {
            "" => format!("{all} + {}", share(i)),
            _ => format!("{function}({all}, {})", share(i)),
        });
        format!("shares[index] = {name}; workgroupBarrier(); {name} = {all}; workgroupBarrier();")
    }

    fn answers(self) -> String {
        let mut s = String::new();
        for t in 0..self.along_head() {
            line(
                &mut s,
                &format!("var o{t} = {}();", self.matrix.matrix("f32", 'C')),
            );
        }
        s
    }

    /// Adds the values of a tile, weighted by the exponents.
    fn add(self) -> String {
        let mut s = String::new();
        let (size, stride4) = (self.matrix.size, self.stride4());
        let left4 = self.exponent_stride4();
        for n in 0..self.along_keys() {
            let at = format!("own * {}u + {}u", size * left4, n * size / 4);
            let load = self.matrix.load(("e", 'A', false), ("left", &at, left4));
            line(&mut s, &format!("{{ {load}"));
            for t in 0..self.along_head() {
                let at = format!("{}u", n * size * stride4 + t * size / 4);
                let name = format!("v{t}");
                line(
                    &mut s,
                    &self
                        .matrix
                        .load((&name, 'B', false), ("values", &at, stride4)),
                );
                line(&mut s, &format!("o{t} = coopMultiplyAdd(e, {name}, o{t});"));
            }
            line(&mut s, "}");
        }
        s
    }

    /// Writes the answers, through shared memory, as many columns at a time as there are scores.
    fn store(self) -> String {
        let mut s = String::new();
        let (size, stride, parts) = (self.matrix.size, self.score_stride(), self.parts());
        for from in (0..self.padded4() * 4).step_by(KEYS as usize) {
            let columns = KEYS.min(self.padded4() * 4 - from);
            for t in (0..columns).step_by(size as usize) {
                let to = format!("&scores[own * {}u + {t}u], {stride}u", size * stride);
                line(
                    &mut s,
                    &format!("coopStoreT(o{}, {to});", (from + t) / size),
                );
            }
            line(&mut s, "workgroupBarrier();");
            let (from4, end4) = (from / 4, self.depth4.min((from + columns) / 4));
            let text = format!(
                "if (answered) {{ for (var d = {from4}u + part; d < {end4}u; d += {parts}u) {{
            out[to + d] = vec4<f16>(score(row * {stride}u + (d - {from4}u) * 4u) / sum);
        }} }}"
            );
            line(&mut s, &text);
            line(&mut s, "workgroupBarrier();");
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::kernel::{Kernel, Precision};
    use crate::engine::gpu::testing::sound_source;

    fn matrices() -> impl Iterator<Item = Fragment> {
        let sizes = [(8, 8), (8, 32), (16, 32), (16, 64)];
        sizes.into_iter().flat_map(|(size, lanes)| {
            [false, true].map(|from_numbers| Fragment {
                size,
                lanes,
                from_numbers,
            })
        })
    }

    #[test]
    fn every_size_is_sound_source() {
        for matrix in matrices() {
            for depth4 in [5, 16, 18, 26] {
                let kernel = Kernel::Attention {
                    depth4,
                    matrix: Some(matrix),
                };
                sound_source(&kernel.source(Precision::Half));
            }
        }
    }

    #[test]
    fn what_an_adapter_has_no_room_for_is_not_used() {
        let matrix = Fragment {
            size: 16,
            lanes: 32,
            from_numbers: false,
        };
        let limits = |bytes| wgpu::Limits {
            max_compute_workgroup_storage_size: bytes,
            max_compute_invocations_per_workgroup: 1024,
            max_compute_workgroup_size_x: 1024,
            ..wgpu::Limits::default()
        };
        assert!(fits(16, matrix, &limits(32 << 10)));
        assert!(!fits(16, matrix, &limits(16 << 10)));
        assert!(!fits(64, matrix, &limits(48 << 10)));
        // A subgroup of four could not share the queries of its matrix.
        let narrow = Fragment { lanes: 4, ..matrix };
        assert!(!fits(16, narrow, &limits(32 << 10)));
    }
}
