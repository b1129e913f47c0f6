// Implicit GEMM: row r is the neighbourhood of output pixel r, k its taps with the channels
// innermost. Nothing is gathered into memory. Beyond the edges lie zeros.
fn place(row: u32) -> vec3<i32> {
    let r = min(row, p.rows - 1u);
    let column = r % p.out_width;
    let line = (r / p.out_width) % p.out_height;
    let item = r / (p.out_width * p.out_height);
    return vec3<i32>(
        i32(line * p.step) - i32(p.top),
        i32(column * p.step) - i32(p.left),
        i32(item * p.height),
    );
}

fn load_a(at: vec3<i32>, k4: u32) -> $LOADED {
    let tap = k4 / p.channels4;
    let y = at.x + i32(tap / p.kernel);
    let x = at.y + i32(tap % p.kernel);
    if (k4 >= p.k4 || y < 0 || x < 0 || y >= i32(p.height) || x >= i32(p.width)) {
        return $LOADED();
    }
    let pixel = u32(at.z + y) * p.width + u32(x);
    return $LOADED($READ);
}
