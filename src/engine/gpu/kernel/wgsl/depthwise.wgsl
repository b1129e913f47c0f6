// Depthwise convolution with bias and what follows, channels last; an invocation computes four
// channels of one pixel. Outputs beyond the inputs' channels are of the first inputs again.
struct Params {
$HEAD
    channels4: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    step: u32,
    top: u32,
    left: u32,
    kernel: u32,
    input4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
@group(0) @binding(2) var<storage, read> b: array<$WEIGHT>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

$ACTIVATION

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
    let input = c % p.input4;
    var v = bias[c];
    for (var ky = 0u; ky < p.kernel; ky++) {
        let y = i32(line * p.step + ky) - i32(p.top);
        if (y < 0 || y >= i32(p.height)) {
            continue;
        }
        for (var kx = 0u; kx < p.kernel; kx++) {
            let x = i32(column * p.step + kx) - i32(p.left);
            if (x < 0 || x >= i32(p.width)) {
                continue;
            }
            let pixel = (item * p.height + u32(y)) * p.width + u32(x);
            let weight = vec4<f32>(b[(ky * p.kernel + kx) * p.channels4 + c]);
            v += vec4<f32>(a[pixel * p.input4 + input]) * weight;
        }
    }
    out[row * p.channels4 + c] = $ELEMENT($VALUE);
}
