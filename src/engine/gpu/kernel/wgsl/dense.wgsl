// Rows that lie one after the other.
fn place(row: u32) -> vec3<i32> {
    return vec3<i32>(i32(min(row, p.rows - 1u) * p.a_stride), 0, 0);
}

fn load_a(at: vec3<i32>, k4: u32) -> $LOADED {
$INSIDE_A
    return $LOADED(a[u32(at.x) + k4]);
}
