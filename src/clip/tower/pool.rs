//! Multihead attention pooling.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::TransformerSpec;
use crate::clip::tower::attention::Attention;
use crate::clip::tower::block::Mlp;
use crate::clip::tower::layer_norm::LayerNorm;

/// One learned query's answer from all tokens, then an MLP (Zhai et al. 2022,
/// <https://arxiv.org/abs/2106.04560>).
#[derive(Clone, Debug)]
pub(crate) struct MapPool {
    probe: Tensor,
    attention: Attention,
    ln: LayerNorm,
    mlp: Mlp,
}

impl MapPool {
    /// Reads `probe`, `attn`, `ln` and `mlp`; `form` has its heads and the width of its MLP.
    pub(crate) fn new(form: &TransformerSpec, vs: VarBuilder) -> Result<Self> {
        let width = form.width;
        let init = Init::Randn {
            mean: 0.0,
            stdev: (width as f64).powf(-0.5),
        };
        Ok(Self {
            probe: vs.get_with_hints((1, 1, width), "probe", init)?,
            attention: Attention::new(width, form.heads, form.layers, vs.pp("attn"))?,
            ln: LayerNorm::new(width, form.layer_norm_eps, vs.pp("ln"))?,
            mlp: Mlp::new(form, vs.pp("mlp"))?,
        })
    }

    /// `tokens` are `[batch, tokens, width]`, the result `[batch, width]`.
    pub(crate) fn forward(&self, tokens: &Tensor) -> Result<Tensor> {
        let (batch, _, width) = tokens.dims3()?;
        let probe = self.probe.expand((batch, 1, width))?.contiguous()?;
        let answer = self.attention.ask(&probe, tokens)?.squeeze(1)?;
        &answer + self.mlp.forward(&self.ln.forward(&answer)?)?
    }
}
