//! A point on the unit sphere that images and texts share.

/// A unit-length vector.
///
/// Two embeddings of the same model are compared by [`Embedding::similarity`]; those of different
/// models must not be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// Scales `values` to unit length (L2).
    ///
    /// Returns `None` if that is impossible: for an empty or zero vector, or one with a value that
    /// is not finite. The norm is summed in f64, so the length is 1 to the last bits of f32.
    pub fn normalised(mut values: Vec<f32>) -> Option<Self> {
        let squares: f64 = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
        if !squares.is_finite() || squares <= 0.0 {
            return None;
        }
        let norm = squares.sqrt();
        for v in &mut values {
            *v = (f64::from(*v) / norm) as f32;
        }
        Some(Self(values))
    }

    /// The mean of some embeddings, scaled to unit length: how CLIP combines several prompts into
    /// one label vector. `None` if there are none or they cancel out.
    pub(crate) fn mean<'a>(embeddings: impl IntoIterator<Item = &'a Embedding>) -> Option<Self> {
        let mut embeddings = embeddings.into_iter();
        let mut sum = embeddings.next()?.0.clone();
        for e in embeddings {
            if e.0.len() != sum.len() {
                return None;
            }
            for (s, v) in sum.iter_mut().zip(&e.0) {
                *s += v;
            }
        }
        Self::normalised(sum)
    }

    /// Cosine similarity, −1 to 1.
    ///
    /// Both must come from the same model. Vectors of different length are compared only up to the
    /// shorter length, so callers keep models apart.
    pub fn similarity(&self, other: &Embedding) -> f32 {
        debug_assert_eq!(self.0.len(), other.0.len());
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }

    /// The values.
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// The number of values.
    pub fn dimension(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_unit_length() {
        let e = Embedding::normalised(vec![3.0, 4.0]).unwrap();
        assert_eq!(e.values(), [0.6, 0.8]);
        assert!((e.similarity(&e) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn refuses_what_has_no_direction() {
        assert!(Embedding::normalised(Vec::new()).is_none());
        assert!(Embedding::normalised(vec![0.0, 0.0]).is_none());
        assert!(Embedding::normalised(vec![1.0, f32::NAN]).is_none());
        assert!(Embedding::normalised(vec![f32::INFINITY]).is_none());
    }

    #[test]
    fn mean_lies_between() {
        let a = Embedding::normalised(vec![1.0, 0.0]).unwrap();
        let b = Embedding::normalised(vec![0.0, 1.0]).unwrap();
        let m = Embedding::mean([&a, &b]).unwrap();
        assert!((m.values()[0] - m.values()[1]).abs() < 1e-7);
        let minus = Embedding::normalised(vec![-1.0, 0.0]).unwrap();
        assert!(Embedding::mean([&a, &minus]).is_none());
        assert!(Embedding::mean([]).is_none());
    }
}
