// A workgroup of 16x16 computes ROWS rows by COLUMNS groups, 16 values of k at a time, which it
// brings into shared memory; each invocation keeps its groups in registers. The loops inside are
// written out by `plain.rs`, since a loop would cost a bound check on every access.
var<workgroup> a_tile: array<vec4<f32>, $A_TILE>;
var<workgroup> b_tile: array<vec4<f32>, $B_TILE>;

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let number = $NUMBER;
    if (number >= p.workgroups) {
        return;
    }
    let first_row = number / p.across * $ROWS;
    let first_column = number % p.across * $COLUMNS;
$DECLARE
    for (var k = 0u; k < p.k4; k += 4u) {
$LOAD
        workgroupBarrier();
$MULTIPLY
        workgroupBarrier();
    }
$STORE
}
