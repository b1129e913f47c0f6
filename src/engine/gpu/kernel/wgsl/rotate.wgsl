// Rows of queries, keys and values: queries and keys are turned by the angles of their token's place,
// pair by pair of channels; values stay.
struct Params {
$HEAD
    channels4: u32,
    // Tokens of a picture.
    tokens: u32,
    depth4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
// Cosine and sine of two pairs.
@group(0) @binding(2) var<storage, read> angles: array<vec4<f32>>;
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
    var v = vec4<f32>(a[i]);
    if (c < p.channels4 / 3u * 2u) {
        let angle = angles[row % p.tokens * p.depth4 + c % p.depth4];
        v = v * angle.xxzz + vec4<f32>(-v.y, v.x, -v.w, v.z) * angle.yyww;
    }
    out[i] = $ELEMENT(v);
}
