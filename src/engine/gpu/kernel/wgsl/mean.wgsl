// The mean of a picture's pixels. With TOKENS it is put before the pixels themselves, and the
// positions are added: what an attention pool starts from.
struct Params {
$HEAD
    channels4: u32,
    pixels: u32,
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
    let item = i / p.channels4;
    if (item >= p.rows) {
        return;
    }
    var sum = vec4<f32>();
    for (var pixel = 0u; pixel < p.pixels; pixel++) {
        let v = vec4<f32>(a[(item * p.pixels + pixel) * p.channels4 + c]);
        sum += v;
$EACH
    }
    let mean = sum / f32(p.pixels);
$LAST
}
