// out[r, n] = f(sum over k of a[r, k] * b[k, n] + bias[n] (+ out[r, n])).
//
// Everything is counted in groups of four numbers: rows of `a` along k, rows of `b` along n.
struct Params {
$HEAD
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
    mean: vec4<f32>,
    deviation: vec4<f32>,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$A_ELEMENT>;
@group(0) @binding(2) var<storage, read> b: array<$WEIGHT>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> out: array<$OUT_ELEMENT>;

$A_SOURCE

fn load_b(row: u32, column: u32) -> $LOADED {
$INSIDE_B
    return $LOADED(b[row * p.n4 + column]);
}

$ACTIVATION

// What follows a sum, and where it goes, if anywhere.
fn finish(sum: vec4<f32>, row: u32, column: u32) {
    if (row < p.rows && column < p.n4) {
        let at = row * p.out_stride + p.out_column + column;
        let v = sum + bias[column]$ADDS;
        out[at] = $OUT_ELEMENT($VALUE);
    }
}

$MAIN
