// A row holds queries, keys and values, each `heads` times DEPTH4 groups. Sequence i takes the
// rows from index[i] to index[i + 1], or all have the same number of rows.
struct Params {
$HEAD
    heads: u32,
    // Only the first so many queries of each sequence are answered.
    queries: u32,
    causal: u32,
    scale: f32,
    // Rows of a sequence; 0 takes them from the index.
    tokens: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<$ELEMENT>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<$ELEMENT>;

// The first row of a sequence, and the number of its rows.
fn rows_of(sequence: u32) -> vec2<u32> {
    if (p.tokens == 0u) {
        let first = starts[sequence];
        return vec2<u32>(first, starts[sequence + 1u] - first);
    }
    return vec2<u32>(sequence * p.tokens, p.tokens);
}
