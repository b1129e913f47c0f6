// Attention with cooperative matrices: a workgroup has QUERIES queries of a head, each subgroup the
// rows of one matrix, and goes through the keys a tile at a time.
//
// A row of sums cannot be scaled while it is in matrices, as the online softmax would have it. So
// the keys are gone through twice: for each query's largest score, then for the answers, whose
// scores are computed anew. Where all keys are in one tile, once is enough.
//
// Loops, not branches, choose what is done, because matrices and barriers must not be in a branch
// that depends on memory.

$SEQUENCES

// The queries, and later the exponents of scores.
var<workgroup> left: array<$TILE_ELEMENT, $LEFT>;
var<workgroup> keys: array<$TILE_ELEMENT, $RIGHT>;
var<workgroup> values: array<$TILE_ELEMENT, $RIGHT>;
// Scores, and later a part of the answers.
var<workgroup> scores: array<f32, $SCORES>;
var<workgroup> shares: array<f32, $THREADS>;

fn score(at: u32) -> vec4<f32> {
    return vec4<f32>(scores[at], scores[at + 1u], scores[at + 2u], scores[at + 3u]);
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
    let block = (number % p.across) * $QUERIES;
    let head = number / p.across % p.along;
    let sequence = number / (p.across * p.along);
    let rows = rows_of(sequence);
    let first = rows.x;
    let length = rows.y;
    let width = p.heads * $DEPTH4;
    let stride = 3u * width;
    let column = head * $DEPTH4;
    var limit = length;
    if (p.causal != 0u) {
        limit = min(limit, block + $QUERIES);
    }
    if (block >= min(length, p.queries)) {
        limit = 0u;
    }
    let own = min(subgroup, $SUBGROUPS - 1u);
    let row = index / $PARTS;
    let part = index % $PARTS;
    var seen = limit;
    if (p.causal != 0u) {
        seen = min(limit, block + row + 1u);
    }
    for (var i = index; i < $QUERY_GROUPS; i += $THREADS) {
        let query = i / $PADDED4;
        let d = i % $PADDED4;
        var v = vec4<f16>();
        if (block + query < length && d < $DEPTH4) {
            v = a[(first + block + query) * stride + column + d];
        }
        $PUT_QUERY
    }
    workgroupBarrier();
$QUERIES_TO_MATRICES
    workgroupBarrier();

    var largest = -1e30;
    var sum = 0.0;
    let twice = select(0u, limit, limit > $KEYS);
    for (var k = 0u; k < twice; k += $KEYS) {
        for (var i = index; i < $KEY_GROUPS; i += $THREADS) {
            let key = i / $PADDED4;
            let d = i % $PADDED4;
            var v = vec4<f16>();
            if (k + key < limit && d < $DEPTH4) {
                v = a[(first + k + key) * stride + column + d + width];
            }
            $PUT_KEY
        }
        workgroupBarrier();
$SCORE
        workgroupBarrier();
$LARGEST
        workgroupBarrier();
    }
    $ALL_LARGEST
$ANSWERS
    for (var k = 0u; k < limit; k += $KEYS) {
        for (var i = index; i < $KEY_GROUPS; i += $THREADS) {
            let key = i / $PADDED4;
            let d = i % $PADDED4;
            var v = vec4<f16>();
            var w = vec4<f16>();
            if (k + key < limit && d < $DEPTH4) {
                let at = (first + k + key) * stride + column + d + width;
                v = a[at];
                w = a[at + width];
            }
            $PUT_KEY
            $PUT_VALUE
        }
        workgroupBarrier();
$SCORE
        workgroupBarrier();
        for (var once = twice; once < limit; once += limit) {
$LARGEST
            $ALL_LARGEST
        }
$EXPONENTS
        workgroupBarrier();
$ADD
        workgroupBarrier();
    }
    $ALL_SUM
    let answered = block + row < min(length, p.queries);
    let to = (first + block + row) * width + column;
$STORE
}
