// A picture's patches with their positions added, after BEFORE class tokens, which are positions
// only.
struct Params {
$HEAD
    channels4: u32,
    // Tokens of a picture.
    tokens: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let i = $NUMBER * 64u + index;
    let c = i % p.channels4;
    let row = i / p.channels4;
    if (row >= p.rows) {
        return;
    }
    let token = row % p.tokens;
    var value = positions[token * p.channels4 + c];
    if (token >= $BEFORE) {
        let patch_row = row - (row / p.tokens + 1u) * $BEFORE;
        value += vec4<f32>(a[patch_row * p.channels4 + c]);
    }
    out[row * p.channels4 + c] = $ELEMENT(value);
}
