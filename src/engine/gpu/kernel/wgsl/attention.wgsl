// Attention with the online softmax (Milakov and Gimelshein 2018, arXiv 1805.02867; Dao et al.
// 2022, arXiv 2205.14135): an invocation has one query and goes through the keys a tile at a
// time, keeping the largest score, the sum and the answer so far. Scores are never stored.

$SEQUENCES

var<workgroup> keys: array<vec4<f32>, $TILE>;
var<workgroup> values: array<vec4<f32>, $TILE>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let number = $NUMBER;
    if (number >= p.workgroups) {
        return;
    }
    let block = (number % p.across) * 64u;
    let head = number / p.across % p.along;
    let sequence = number / (p.across * p.along);
    let rows = rows_of(sequence);
    let first = rows.x;
    let length = rows.y;
    let query = block + index;
    let width = p.heads * $DEPTH4;
    let stride = 3u * width;
    let column = head * $DEPTH4;
    let row = first + min(query, max(length, 1u) - 1u);
    let at = row * stride + column;
    var largest = -1e30;
    var sum = 0.0;
$DECLARE
    var limit = length;
    if (p.causal != 0u) {
        limit = min(limit, block + 64u);
    }
    if (block >= min(length, p.queries)) {
        limit = 0u;
    }
    for (var k = 0u; k < limit; k += $KEYS) {
        for (var i = index; i < $TILE; i += 64u) {
            let key = k + i / $DEPTH4;
            let source = (first + min(key, length - 1u)) * stride + column + i % $DEPTH4;
            keys[i] = vec4<f32>(a[source + width]);
            values[i] = vec4<f32>(a[source + 2u * width]);
        }
        workgroupBarrier();
$TILE_BODY
        workgroupBarrier();
    }
    if (query < min(length, p.queries)) {
        let to = row * width + column;
$STORE
    }
}
