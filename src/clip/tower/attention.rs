//! Multi-head self-attention with one fused projection for queries, keys and values.

use candle_core::{D, Result, Tensor};
use candle_nn::rotary_emb::rope_i;
use candle_nn::{Init, VarBuilder};

use crate::clip::tower::linear::Linear;

/// Self-attention as `torch.nn.MultiheadAttention` computes it.
#[derive(Clone, Debug)]
pub(crate) struct Attention {
    in_proj: Linear,
    out_proj: Linear,
    heads: usize,
    /// Cosines and sines, `[tokens, pairs]`, by which queries and keys are turned.
    rotation: Option<(Tensor, Tensor)>,
}

impl Attention {
    /// Reads `in_proj_weight` `[3·width, width]`, `in_proj_bias` and `out_proj`.
    ///
    /// `layers` only sets the deviation of initial weights (the original's initialisation).
    pub(crate) fn new(width: usize, heads: usize, layers: usize, vs: VarBuilder) -> Result<Self> {
        if heads == 0 || !width.is_multiple_of(heads) {
            candle_core::bail!("width {width} does not divide into {heads} heads");
        }
        let stdev = (width as f64).powf(-0.5);
        let in_init = Init::Randn { mean: 0.0, stdev };
        let out_stdev = stdev * (2.0 * layers as f64).powf(-0.5);
        let in_weight = vs.get_with_hints((3 * width, width), "in_proj_weight", in_init)?;
        let in_bias = vs.get_with_hints(3 * width, "in_proj_bias", Init::Const(0.0))?;
        Ok(Self {
            in_proj: Linear::new(in_weight, in_bias),
            out_proj: Linear::load(width, width, out_stdev, vs.pp("out_proj"))?,
            heads,
            rotation: None,
        })
    }

    /// Takes layers that are already read.
    pub(crate) fn of(in_proj: Linear, out_proj: Linear, heads: usize) -> Self {
        Self {
            in_proj,
            out_proj,
            heads,
            rotation: None,
        }
    }

    /// Turns queries and keys by these cosines and sines, `[tokens, pairs]`.
    pub(crate) fn rotate(&mut self, cos: &Tensor, sin: &Tensor) {
        self.rotation = Some((cos.clone(), sin.clone()));
    }

    /// `x` is `[batch, tokens, width]`; `mask`, `[tokens, tokens]`, is added to the logits.
    pub(crate) fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let (batch, tokens, width) = x.dims3()?;
        let depth = width / self.heads;
        // One copy puts all three into the order that the matrix products need.
        let qkv = self
            .in_proj
            .forward(x)?
            .reshape((batch, tokens, 3, self.heads, depth))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let q = (qkv.get(0)? * (depth as f64).powf(-0.5))?;
        let (k, v) = (qkv.get(1)?, qkv.get(2)?);
        let (q, k) = match &self.rotation {
            Some((cos, sin)) => (rope_i(&q, cos, sin)?, rope_i(&k, cos, sin)?),
            None => (q, k),
        };
        let logits = q.matmul(&k.t()?)?;
        let logits = match mask {
            Some(mask) => logits.broadcast_add(mask)?,
            None => logits,
        };
        let answers = softmax(&logits)?
            .matmul(&v)?
            .transpose(1, 2)?
            .reshape((batch, tokens, width))?;
        self.out_proj.forward(&answers)
    }

    /// The answers to `queries`, `[batch, queries, width]`, from `x`, `[batch, tokens, width]`.
    pub(crate) fn ask(&self, queries: &Tensor, x: &Tensor) -> Result<Tensor> {
        let (batch, count, width) = queries.dims3()?;
        let depth = width / self.heads;
        let heads = |x: &Tensor, part: usize| {
            let rows = x.dim(1)?;
            let projection = self.in_proj.part(part * width, width)?;
            projection
                .forward(x)?
                .reshape((batch, rows, self.heads, depth))?
                .transpose(1, 2)?
                .contiguous()
        };
        let q = (heads(queries, 0)? * (depth as f64).powf(-0.5))?;
        let (k, v) = (heads(x, 1)?, heads(x, 2)?);
        let answers = softmax(&q.matmul(&k.t()?)?)?
            .matmul(&v)?
            .transpose(1, 2)?
            .reshape((batch, count, width))?;
        self.out_proj.forward(&answers)
    }
}

/// Softmax over the last dimension: the fused operation, which has no gradient, or for training the
/// differentiable one.
pub(crate) fn softmax(x: &Tensor) -> Result<Tensor> {
    if x.track_op() {
        candle_nn::ops::softmax(x, D::Minus1)
    } else {
        candle_nn::ops::softmax_last_dim(x)
    }
}
