//! Attention for every adapter: the source, with a query in the registers of an invocation.

use std::fmt::Write;

use crate::engine::gpu::kernel::source::line;

/// The workgroup memory of every adapter (WebGPU's default limit), in groups of four f32.
const SHARED: u32 = 16_384 / 16;

/// The deepest head that attention supports, in groups of four.
pub(crate) const MAX_DEPTH4: u32 = SHARED / 2;

/// The WGSL source for heads of `depth4` groups, stored as `element`.
pub(crate) fn source(depth4: u32, element: &str) -> String {
    let keys = (SHARED / 2 / depth4).clamp(1, 16);
    let mut declare = String::new();
    let mut store = String::new();
    for d in 0..depth4 {
        line(
            &mut declare,
            &format!("let q{d} = vec4<f32>(a[at + {d}u]) * p.scale; var o{d} = vec4<f32>();"),
        );
        line(
            &mut store,
            &format!("out[to + {d}u] = {element}(o{d} / sum);"),
        );
    }
    let mut body = String::new();
    for j in 0..keys {
        let mut dot = String::from("vec4<f32>()");
        for d in 0..depth4 {
            let _ = write!(dot, " + q{d} * keys[{}u]", j * depth4 + d);
        }
        line(
            &mut body,
            &format!(
                "let v{j} = {dot};
        let seen{j} = k + {j}u < length && (p.causal == 0u || k + {j}u <= query);
        let s{j} = select(-1e30, v{j}.x + v{j}.y + v{j}.z + v{j}.w, seen{j});"
            ),
        );
    }
    line(&mut body, "var next = largest;");
    for j in 0..keys {
        line(&mut body, &format!("next = max(next, s{j});"));
    }
    line(
        &mut body,
        "let shrink = exp(largest - next); largest = next; sum *= shrink;",
    );
    for j in 0..keys {
        line(
            &mut body,
            &format!("let e{j} = exp(s{j} - next); sum += e{j};"),
        );
    }
    for d in 0..depth4 {
        let mut answer = format!("o{d} * shrink");
        for j in 0..keys {
            let _ = write!(answer, " + e{j} * values[{}u]", j * depth4 + d);
        }
        line(&mut body, &format!("o{d} = {answer};"));
    }
    include_str!("wgsl/attention.wgsl")
        .replace("$DECLARE", &declare)
        .replace("$TILE_BODY", &body)
        .replace("$STORE", &store)
        .replace("$TILE", &format!("{}u", keys * depth4))
        .replace("$DEPTH4", &format!("{depth4}u"))
        .replace("$KEYS", &format!("{keys}u"))
}
