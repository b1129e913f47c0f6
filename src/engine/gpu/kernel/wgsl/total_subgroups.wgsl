// Each subgroup adds up by itself; what remains is one number of each.
fn total(value: f32, place: vec2<u32>) -> f32 {
    let part = subgroupAdd(value);
    workgroupBarrier();
    sums[place.x] = part;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < place.y; i++) {
        sum += sums[i];
    }
    return sum;
}
