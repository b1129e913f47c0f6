fn total(value: f32, index: u32) -> f32 {
    workgroupBarrier();
    sums[index] = value;
    workgroupBarrier();
    for (var reach = 32u; reach > 0u; reach /= 2u) {
        if (index < reach) {
            sums[index] += sums[index + reach];
        }
        workgroupBarrier();
    }
    return sums[0];
}
