//! Weights in the order in which the kernels read them: everything in groups of four, padded with
//! zeros, so that models of odd widths need no special kernels.

/// The source of each position along a dimension; `None` is padding.
pub(crate) type Order = Vec<Option<usize>>;

/// The number of groups of four for `n` numbers.
pub(crate) fn fours(n: usize) -> usize {
    n.div_ceil(4)
}

/// The original order, padded at the end.
pub(crate) fn plain(n: usize) -> Order {
    (0..fours(n) * 4).map(|i| (i < n).then_some(i)).collect()
}

/// `parts` of `length` each, every one padded: heads, or the taps of a kernel.
pub(crate) fn parts(parts: usize, length: usize) -> Order {
    (0..parts)
        .flat_map(|p| {
            plain(length)
                .into_iter()
                .map(move |i| Some(p * length + i?))
        })
        .collect()
}

/// A matrix of `rows` by `columns` with the values `value(row, column)`.
pub(crate) fn matrix(
    rows: &Order,
    columns: &Order,
    value: impl Fn(usize, usize) -> Option<f32>,
) -> Vec<f32> {
    let mut out = vec![0f32; rows.len() * columns.len()];
    for (line, row) in out.chunks_exact_mut(columns.len().max(1)).zip(rows) {
        let Some(row) = *row else { continue };
        for (place, column) in line.iter_mut().zip(columns) {
            if let Some(column) = *column {
                *place = value(row, column).unwrap_or(0.0);
            }
        }
    }
    out
}

/// A vector in `order`.
pub(crate) fn vector(order: &Order, values: &[f32]) -> Vec<f32> {
    let value = |i: &Option<usize>| i.and_then(|i| values.get(i).copied()).unwrap_or(0.0);
    order.iter().map(value).collect()
}

/// Rows of `width`, each padded.
pub(crate) fn lines(width: usize, values: &[f32]) -> Vec<f32> {
    let order = plain(width);
    values
        .chunks_exact(width.max(1))
        .flat_map(|line| vector(&order, line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_up_to_fours() {
        assert_eq!(plain(3), [Some(0), Some(1), Some(2), None]);
        assert_eq!(parts(2, 1)[4..6], [Some(1), None]);
        let m = matrix(&plain(1), &plain(2), |r, c| Some((r * 10 + c) as f32 + 1.0));
        assert_eq!(m.len(), 16);
        assert_eq!(m[..4], [1.0, 2.0, 0.0, 0.0]);
        assert!(m[4..].iter().all(|v| *v == 0.0));
        assert_eq!(
            lines(1, &[5.0, 6.0]),
            [5.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0]
        );
    }
}
