// Pixels times the sigmoid of their picture's gate, then an activation, in place.
struct Params {
$HEAD
    channels4: u32,
    pixels: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gates: array<$ELEMENT>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

$ACTIVATION

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let i = $NUMBER * 64u + index;
    let row = i / p.channels4;
    if (row >= p.rows) {
        return;
    }
    let c = i % p.channels4;
    let gate = vec4<f32>(gates[row / p.pixels * p.channels4 + c]);
    let v = vec4<f32>(out[i]) / (1.0 + exp(min(-gate, vec4<f32>(80.0))));
    out[i] = $ELEMENT($VALUE);
}
