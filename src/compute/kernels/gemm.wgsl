// out[r, n] = f(sum over k of a[r, k] * b[k, n] + bias[n] (+ out[r, n])).
//
// Everything is counted in groups of four numbers: rows of `a` along k, rows of `b` along n. A
// workgroup of 16x16 computes TM*16 rows by TN*16 groups, 16 values of k at a time, which it
// brings into shared memory; each invocation keeps TM x TN groups in registers. The loops inside
// are written out by `kernel.rs`, since a loop would cost a bound check on every access.
struct Params {
    rows: u32,
    n4: u32,
    k4: u32,
    // From one row of `a`, and of `out`, to the next; where `out`'s columns begin.
    a_stride: u32,
    out_stride: u32,
    out_column: u32,
    height: u32,
    width: u32,
    channels4: u32,
    out_height: u32,
    out_width: u32,
    step: u32,
    top: u32,
    left: u32,
    kernel: u32,
    unused: u32,
    mean: vec4<f32>,
    deviation: vec4<f32>,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$A_ELEMENT>;
@group(0) @binding(2) var<storage, read> b: array<$WEIGHT>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> out: array<$OUT_ELEMENT>;

var<workgroup> a_tile: array<vec4<f32>, $A_TILE>;
var<workgroup> b_tile: array<vec4<f32>, $B_TILE>;

$A_SOURCE

$ACTIVATION

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first_row = group.y * $ROWS;
    let first_column = group.x * $COLUMNS;
$DECLARE
    for (var k = 0u; k < p.k4; k += 4u) {
$LOAD
        workgroupBarrier();
$MULTIPLY
        workgroupBarrier();
    }
$STORE
}
