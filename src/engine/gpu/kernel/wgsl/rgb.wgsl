// A pixel of three bytes, which may lie in two words; the last number is not meant.
fn rgb(pixel: u32) -> vec4<f32> {
    let at = pixel * 3u / 4u;
    let shift = pixel * 3u % 4u * 8u;
    var bits = a[at] >> shift;
    if (shift > 8u) {
        bits |= a[at + 1u] << (32u - shift);
    }
    return unpack4x8unorm(bits);
}

