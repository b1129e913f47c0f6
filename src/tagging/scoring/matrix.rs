//! Many stored embeddings at once: their similarities to labels, and the nearest to a query.
//!
//! The store keeps embeddings as 16-bit floats, because reading them dominates the time: a million
//! photos are 1 GB. They are widened to 32 bits one block at a time, in cache, and never all at
//! once.

use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use crate::tagging::scoring::nearest::Best;
use crate::tagging::scoring::product::{dot, product};

/// Rows widened at once: with 512 dimensions half a megabyte, which stays in cache while every
/// label is multiplied with it.
const BLOCK_ROWS: usize = 256;
/// Rows that one thread scans for the nearest before results are merged.
const SCAN_ROWS: usize = 4096;
/// From this many labels on, packing the factors for a matrix product pays off.
const PRODUCT_LABELS: usize = 4;

/// The sizes of a product do not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A slice does not consist of whole rows.
    #[error(
        "{values} values are not rows of {dimension}; the store and the model do not belong together"
    )]
    Rows {
        /// The number of values.
        values: usize,
        /// The number of values per row.
        dimension: usize,
    },
    /// The output has another size than the results.
    #[error("{expected} results do not fit into {got} places")]
    Out {
        /// The number of results.
        expected: usize,
        /// The size of the output.
        got: usize,
    },
}

/// Unit-length embeddings, row after row, as stored: `[len, dimension]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    rows: &'a [f16],
    dimension: usize,
}

impl<'a> Matrix<'a> {
    /// # Errors
    /// [`ShapeError::Rows`] if `rows` is not a multiple of `dimension`, or `dimension` is 0.
    pub fn new(rows: &'a [f16], dimension: usize) -> Result<Self, ShapeError> {
        match rows.len().checked_rem(dimension) {
            Some(0) => Ok(Self { rows, dimension }),
            _ => Err(ShapeError::Rows {
                values: rows.len(),
                dimension,
            }),
        }
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() / self.dimension
    }

    /// The number of values per row.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// All the values, row after row.
    pub fn values(&self) -> &'a [f16] {
        self.rows
    }

    /// The `row`th embedding in 32 bits; `None` past the end.
    pub(crate) fn row(&self, row: usize) -> Option<Vec<f32>> {
        let start = row.checked_mul(self.dimension)?;
        let row = self.rows.get(start..start.checked_add(self.dimension)?)?;
        Some(row.to_f32_vec())
    }

    /// Computes the similarity of every row to every label, `out[row * labels + label]`, on all
    /// threads of rayon. `labels` has the label vectors, `[labels, dimension]`.
    ///
    /// For many labels, [`Matrix::for_each_block`] does the same in bounded memory.
    ///
    /// # Errors
    /// If `labels` does not consist of whole rows, or `out` has another size than the result.
    pub fn scores(&self, labels: &[f32], out: &mut [f32]) -> Result<(), ShapeError> {
        let count = self.count(labels)?;
        let expected = self.len() * count;
        if out.len() != expected {
            return Err(ShapeError::Out {
                expected,
                got: out.len(),
            });
        }
        if expected > 0 {
            self.rows
                .par_chunks(BLOCK_ROWS * self.dimension)
                .zip(out.par_chunks_mut(BLOCK_ROWS * count))
                .for_each_init(Vec::new, |wide, (rows, out)| {
                    self.block(rows, labels, wide, out);
                });
        }
        Ok(())
    }

    /// Passes the scores of some rows at a time to `take`, as `(first row, [rows, labels])`, from
    /// several threads and in no particular order. The blocks cover every row once and have at most
    /// 256 rows, so memory stays bounded for any number of photos.
    ///
    /// # Errors
    /// If `labels` does not consist of whole rows.
    pub fn for_each_block(
        &self,
        labels: &[f32],
        take: impl Fn(usize, &[f32]) + Sync,
    ) -> Result<(), ShapeError> {
        let count = self.count(labels)?;
        if count > 0 {
            self.rows
                .par_chunks(BLOCK_ROWS * self.dimension)
                .enumerate()
                .for_each_init(
                    || (Vec::new(), Vec::new()),
                    |(wide, out), (block, rows)| {
                        out.clear();
                        out.resize(rows.len() / self.dimension * count, 0.0);
                        self.block(rows, labels, wide, out);
                        take(block * BLOCK_ROWS, out);
                    },
                );
        }
        Ok(())
    }

    /// Returns the `k` rows most similar to `query`, the most similar first; of equals the earlier
    /// row. Rows whose similarity is not a number are left out.
    ///
    /// # Errors
    /// If `query` has another dimension than the rows.
    pub fn nearest(&self, query: &[f32], k: usize) -> Result<Vec<(usize, f32)>, ShapeError> {
        self.nearest_where(query, k, |_| true)
    }

    /// Like [`Matrix::nearest`], among the rows that `wanted` accepts: photos of one folder, or
    /// those that pass a filter.
    ///
    /// # Errors
    /// If `query` has another dimension than the rows.
    pub(crate) fn nearest_where(
        &self,
        query: &[f32],
        k: usize,
        wanted: impl Fn(usize) -> bool + Sync,
    ) -> Result<Vec<(usize, f32)>, ShapeError> {
        if query.len() != self.dimension {
            return Err(ShapeError::Rows {
                values: query.len(),
                dimension: self.dimension,
            });
        }
        let scan = |(chunk, rows): (usize, &[f16])| {
            let mut best = Best::new(k);
            let mut wide = vec![0.0; self.dimension];
            for (i, row) in rows.chunks_exact(self.dimension).enumerate() {
                let at = chunk * SCAN_ROWS + i;
                if wanted(at) {
                    row.convert_to_f32_slice(&mut wide);
                    best.offer(at, dot(&wide, query));
                }
            }
            best
        };
        let best = self
            .rows
            .par_chunks(SCAN_ROWS * self.dimension)
            .enumerate()
            .map(scan)
            .reduce(|| Best::new(k), Best::merge);
        Ok(best.sorted())
    }

    /// The number of label vectors in `labels`.
    fn count(&self, labels: &[f32]) -> Result<usize, ShapeError> {
        match labels.len() % self.dimension {
            0 => Ok(labels.len() / self.dimension),
            _ => Err(ShapeError::Rows {
                values: labels.len(),
                dimension: self.dimension,
            }),
        }
    }

    /// The scores of one block of rows. `wide` is a buffer for the rows in 32 bits.
    fn block(&self, rows: &[f16], labels: &[f32], wide: &mut Vec<f32>, out: &mut [f32]) {
        let count = labels.len() / self.dimension;
        wide.resize(rows.len(), 0.0);
        if count >= PRODUCT_LABELS {
            rows.convert_to_f32_slice(wide);
            product(wide, labels, self.dimension, out);
            return;
        }
        let rows = rows.chunks_exact(self.dimension);
        let wide = wide.chunks_exact_mut(self.dimension);
        for ((row, wide), out) in rows.zip(wide).zip(out.chunks_exact_mut(count)) {
            row.convert_to_f32_slice(wide);
            for (label, out) in labels.chunks_exact(self.dimension).zip(out) {
                *out = dot(wide, label);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    fn random(len: usize, seed: u64) -> Vec<f32> {
        let mut rng = StdRng::seed_from_u64(seed);
        (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()
    }

    fn halved(values: &[f32]) -> Vec<f16> {
        values.iter().map(|&v| f16::from_f32(v)).collect()
    }

    /// The result by definition, in f64.
    fn expected(rows: &[f16], labels: &[f32], dimension: usize) -> Vec<f64> {
        let mut out = Vec::new();
        for row in rows.chunks(dimension) {
            for label in labels.chunks(dimension) {
                let products = row.iter().zip(label);
                out.push(products.map(|(r, l)| r.to_f64() * f64::from(*l)).sum());
            }
        }
        out
    }

    #[test]
    fn scores_are_dot_products_whatever_the_shape() {
        for (rows, labels, dimension) in [
            (0, 3, 8),
            (5, 0, 8),
            (1, 1, 1),
            (700, 1, 70),
            (700, 3, 513),
            (257, 9, 65),
            (600, 33, 512),
        ] {
            let matrix = halved(&random(rows * dimension, 1));
            let labels = random(labels * dimension, 2);
            let expected = expected(&matrix, &labels, dimension);
            let matrix = Matrix::new(&matrix, dimension).unwrap();
            let mut out = vec![f32::NAN; expected.len()];
            matrix.scores(&labels, &mut out).unwrap();
            for (got, expected) in out.iter().zip(&expected) {
                assert!((f64::from(*got) - expected).abs() < 1e-4 * dimension as f64);
            }

            let count = labels.len() / dimension;
            let blocks = std::sync::Mutex::new(vec![f32::NAN; out.len()]);
            matrix
                .for_each_block(&labels, |first, scores| {
                    blocks.lock().unwrap()[first * count..][..scores.len()].copy_from_slice(scores);
                })
                .unwrap();
            assert_eq!(blocks.into_inner().unwrap(), out);
        }
    }

    #[test]
    fn nearest_is_what_sorting_gives() {
        let dimension = 16;
        let rows = halved(&random(10_000 * dimension, 3));
        let query = random(dimension, 4);
        let matrix = Matrix::new(&rows, dimension).unwrap();
        let mut scores = vec![0.0; 10_000];
        matrix.scores(&query, &mut scores).unwrap();
        let sorted = |wanted: fn(&usize) -> bool| {
            let mut order: Vec<usize> = (0..10_000).filter(wanted).collect();
            order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
            order
        };
        let got = matrix.nearest(&query, 20).unwrap();
        let rows: Vec<usize> = got.iter().map(|r| r.0).collect();
        assert_eq!(rows, sorted(|_| true)[..20]);
        assert!(got.iter().all(|&(row, s)| scores[row] == s));
        let odd = matrix.nearest_where(&query, 7, |row| row % 2 == 1).unwrap();
        let rows: Vec<usize> = odd.iter().map(|r| r.0).collect();
        assert_eq!(rows, sorted(|row| row % 2 == 1)[..7]);
        assert_eq!(matrix.nearest(&query, 0).unwrap(), []);
        assert_eq!(matrix.nearest(&query, 20_000).unwrap().len(), 10_000);
    }

    #[test]
    fn of_equals_the_earlier_comes_first_and_no_number_never() {
        let one = f16::ONE;
        let rows = [one, f16::ZERO, f16::NAN, one, one, f16::ZERO];
        let matrix = Matrix::new(&rows, 1).unwrap();
        let got = matrix.nearest(&[2.0], 4).unwrap();
        assert_eq!(got, [(0, 2.0), (3, 2.0), (4, 2.0), (1, 0.0)]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let rows = halved(&random(12, 5));
        assert!(Matrix::new(&rows, 5).is_err());
        assert!(Matrix::new(&rows, 0).is_err());
        let matrix = Matrix::new(&rows, 4).unwrap();
        assert_eq!((matrix.len(), matrix.dimension()), (3, 4));
        assert!(matrix.scores(&[0.0; 5], &mut [0.0; 3]).is_err());
        assert!(matrix.scores(&[0.0; 4], &mut [0.0; 4]).is_err());
        assert!(matrix.for_each_block(&[0.0; 5], |_, _| {}).is_err());
        assert!(matrix.nearest(&[0.0; 3], 1).is_err());
        assert_eq!(matrix.row(2).map(|r| r.len()), Some(4));
        assert_eq!(matrix.row(3), None);
        assert_eq!(matrix.row(usize::MAX), None);
    }
}
