//! A bag-of-words text encoder: the mean of the token embeddings, projected.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::CbowSpec;

/// The continuous bag of words that the CLIP paper uses as its cheap text encoder (section 2.3).
///
/// The tensor names are Taglens's own: `cbow.token_embedding.weight` `[vocabulary, width]`,
/// `cbow.projection.weight` `[embed_dim, width]` and optionally `cbow.projection.bias`.
#[derive(Clone, Debug)]
pub struct Cbow {
    token_embedding: Tensor,
    projection: Tensor,
    bias: Option<Tensor>,
}

impl Cbow {
    /// Reads the tower from below `cbow`.
    pub(crate) fn new(config: &CbowSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let randn = |stdev| Init::Randn { mean: 0.0, stdev };
        let embedding = vs.pp("token_embedding");
        let projection = vs.pp("projection");
        let spread = (config.width as f64).powf(-0.5);
        Ok(Self {
            token_embedding: embedding.get_with_hints(
                (config.vocabulary, config.width),
                "weight",
                randn(spread),
            )?,
            projection: projection.get_with_hints(
                (embed_dim, config.width),
                "weight",
                randn(spread),
            )?,
            bias: config
                .bias
                .then(|| projection.get_with_hints(embed_dim, "bias", Init::Const(0.0)))
                .transpose()?,
        })
    }

    /// Converts token ids, `[SOS] … [EOS]` each, to features `[batch, embed_dim]`, not yet of unit
    /// length.
    ///
    /// The mean is over the tokens in between. An empty text has none and is represented by its
    /// end-of-text token, so that it has an embedding.
    pub(crate) fn forward(&self, ids: &[impl AsRef<[u32]>]) -> Result<Tensor> {
        let words: Vec<&[u32]> = ids
            .iter()
            .map(|ids| CbowSpec::words(ids.as_ref()))
            .collect();
        let length = words.iter().map(|w| w.len()).max().unwrap_or(0).max(1);
        let (batch, width) = (words.len(), self.token_embedding.dim(1)?);
        let mut padded = vec![0u32; batch * length];
        let mut shares = vec![0f32; batch * length];
        for (i, words) in words.iter().enumerate() {
            for (j, id) in words.iter().enumerate() {
                padded[i * length + j] = *id;
                shares[i * length + j] = 1.0 / words.len() as f32;
            }
        }
        let device = self.token_embedding.device();
        let padded = Tensor::from_vec(padded, batch * length, device)?;
        let shares = Tensor::from_vec(shares, (batch, length, 1), device)?
            .to_dtype(self.token_embedding.dtype())?;
        let mean = self
            .token_embedding
            .index_select(&padded, 0)?
            .reshape((batch, length, width))?
            .broadcast_mul(&shares)?
            .sum(1)?;
        let features = mean.matmul(&self.projection.t()?)?;
        match &self.bias {
            Some(bias) => features.broadcast_add(bias),
            None => Ok(features),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use candle_core::{DType, Device};

    use super::*;

    #[test]
    fn is_the_projected_mean() {
        let device = Device::Cpu;
        let table = Tensor::new(&[[1f32, 0.0], [0.0, 1.0], [4.0, 2.0], [9.0, 9.0]], &device);
        let projection = Tensor::new(&[[1f32, 1.0], [0.0, 2.0], [1.0, 0.0]], &device);
        let bias = Tensor::new(&[0f32, 0.0, 0.5], &device);
        let tensors = HashMap::from([
            ("token_embedding.weight".to_owned(), table.unwrap()),
            ("projection.weight".to_owned(), projection.unwrap()),
            ("projection.bias".to_owned(), bias.unwrap()),
        ]);
        let vs = VarBuilder::from_tensors(tensors, DType::F32, &device);
        let config = CbowSpec {
            vocabulary: 4,
            width: 2,
            bias: true,
        };
        let cbow = Cbow::new(&config, 3, vs).unwrap();
        let texts = [vec![2, 0, 1, 3], vec![2, 1, 3], vec![2, 3]];
        let out = cbow.forward(&texts).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(out[0], [1.0, 1.0, 1.0]);
        assert_eq!(out[1], [1.0, 2.0, 0.5]);
        assert_eq!(out[2], [18.0, 18.0, 9.5]);
    }
}
