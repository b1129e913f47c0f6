// The pixels of each patch, normalised, as a row: line by line, the channels innermost.
struct Params {
$HEAD
    // Groups of a row.
    width4: u32,
    // Sides of a picture and of a patch in pixels, and of a picture in patches.
    side: u32,
    patch_side: u32,
    grid: u32,
    mean: vec4<f32>,
    deviation: vec4<f32>,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let at = $NUMBER * 64u + index;
    let row = at / p.width4;
    if (row >= p.rows) {
        return;
    }
    let across = p.patch_side * 3u;
    let column = row % p.grid;
    let line = row / p.grid % p.grid;
    let item = row / (p.grid * p.grid);
    let corner = (item * p.side + line * p.patch_side) * p.side + column * p.patch_side;
    var v = vec4<f32>();
    for (var i = 0u; i < 4u; i += 1u) {
        let k = at % p.width4 * 4u + i;
        if (k < across * p.patch_side) {
            let byte = (corner + k / across * p.side) * 3u + k % across;
            let sample = f32(a[byte / 4u] >> (byte % 4u * 8u) & 255u) / 255.0;
            v[i] = (sample - p.mean[k % 3u]) / p.deviation[k % 3u];
        }
    }
    out[at] = $ELEMENT(v);
}
