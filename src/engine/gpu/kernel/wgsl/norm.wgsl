// Layer normalisation, a workgroup a row: mean first, then the variance of the centred values, as
// torch does, since the mean square has lost its digits where a few channels are huge.
struct Params {
$HEAD
    width: u32,
    width4: u32,
    // Tokens of a picture.
    tokens: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
// Gain, then bias.
@group(0) @binding(3) var<storage, read> affine: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> picks: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

var<workgroup> sums: array<f32, 64>;

$TOTAL

// Zero where the row is only padding.
fn inside(i: u32) -> vec4<f32> {
    let at = vec4<u32>(i * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
    return select(vec4<f32>(), vec4<f32>(1.0), at < vec4<u32>(p.width));
}

$SOURCE

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,$BUILTINS
) {
    let row = $NUMBER;
    if (row >= p.rows) {
        return;
    }
    var sum = vec4<f32>();
    for (var i = index; i < p.width4; i += 64u) {
        sum += value(row, i) * inside(i);
    }
    let mean = total(sum.x + sum.y + sum.z + sum.w, $PLACE) / f32(p.width);
    var squares = vec4<f32>();
    for (var i = index; i < p.width4; i += 64u) {
        let centred = (value(row, i) - mean) * inside(i);
        squares += centred * centred;
    }
    let variance = total(squares.x + squares.y + squares.z + squares.w, $PLACE) / f32(p.width);
    let scale = 1.0 / sqrt(variance + p.epsilon);
    for (var i = index; i < p.width4; i += 64u) {
        let centred = (value(row, i) - mean) * scale;
        let y = (centred * affine[i] + affine[p.width4 + i]) * inside(i);
        out[row * p.width4 + i] = $ELEMENT(y);
    }
}
