// The average of squares of 2x2 pixels, channels last; an odd row or column at the end is left
// out, as torch does.
struct Params {
$HEAD
    channels4: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
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
    let column = row % p.out_width;
    let line = (row / p.out_width) % p.out_height;
    let item = row / (p.out_width * p.out_height);
    let at = ((item * p.height + 2u * line) * p.width + 2u * column) * p.channels4 + c;
    let below = at + p.width * p.channels4;
    let sum = vec4<f32>(a[at]) + vec4<f32>(a[at + p.channels4])
        + vec4<f32>(a[below]) + vec4<f32>(a[below + p.channels4]);
    out[row * p.channels4 + c] = $ELEMENT(sum * 0.25);
}
