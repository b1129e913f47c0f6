// A workgroup of THREADS computes ROWS rows by COLUMNS groups, 32 values of k at a time, which it
// brings into shared memory as 16-bit numbers. While it multiplies those, the next ones are on
// their way into registers, so that nobody waits for memory. Each subgroup multiplies matrices out
// of shared memory and keeps its sums; at the end they go through shared memory, a strip of each
// subgroup at a time, for what a matrix cannot be given: bias, residual, activation.
//
// A subgroup may turn out smaller than it can be at most. Then there are more of them than have
// something to multiply, and the others repeat what the last does: matrices must not be in a
// branch that only some take.
var<workgroup> a_tile: array<$TILE_ELEMENT, $A_TILE>;
var<workgroup> b_tile: array<$TILE_ELEMENT, $B_TILE>;
var<workgroup> staged: array<f32, $STAGED>;

fn staged_at(at: u32) -> vec4<f32> {
    return vec4<f32>(staged[at], staged[at + 1u], staged[at + 2u], staged[at + 3u]);
}

@compute @workgroup_size($THREADS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
    @builtin(subgroup_id) subgroup: u32,
) {
    let number = $NUMBER;
    if (number >= p.workgroups) {
        return;
    }
    let first_row = number / p.across * $ROWS;
    let first_column = number % p.across * $COLUMNS;
    let own = min(subgroup, $SUBGROUPS - 1u);
    let own_row = own / $ACROSS * $EACH_ROWS;
    let own_column = own % $ACROSS * $EACH_COLUMNS;
    var next = 0u;
$DECLARE
$FETCH
    for (var k = 0u; k < p.k4; k += 8u) {
$PUT
        workgroupBarrier();
        next = k + 8u;
        if (next < p.k4) {
$FETCH
        }
$MULTIPLY
$TURN
    }
$STORE
}
