//! From the published EfficientNet-Lite checkpoint to the starter's image side: batch norm folded
//! into the weights, the features' centre, and the classifier's class vectors as anchors.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use candle_core::{D, DType, Tensor};
use taglens::clip::read_tensors;
use taglens::clip::spec::efficientnet::EfficientNetLiteSpec;

use crate::linear_algebra::principal_axes;

/// The batch norms' epsilon in efficientnet-lite-pytorch.
const BATCH_NORM_EPS: f64 = 1e-3;

/// The image side, ready to be written, and what the text side aims at.
pub struct ImageSide {
    /// The encoder's tensors under the names of `taglens::clip::starter`.
    pub tensors: HashMap<String, Tensor>,
    /// `[classes, dim]`, unit length: where photographs of each class lie.
    pub anchors: Tensor,
}

/// Reads the checkpoint and folds it.
pub fn build(checkpoint: &Path, config: &EfficientNetLiteSpec, dim: usize) -> Result<ImageSide> {
    let source = read_tensors(checkpoint)
        .with_context(|| format!("cannot read {}", checkpoint.display()))?;
    let fold = Fold { source: &source };
    let mut tensors = HashMap::new();
    fold.pointwise(&mut tensors, "stem", "_conv_stem", "_bn0")?;
    for (i, block) in config.blocks().iter().enumerate() {
        let from = |name: &str| format!("_blocks.{i}.{name}");
        let to = |name: &str| format!("blocks.{i}.{name}");
        if block.expanded != block.input {
            let (conv, norm) = (from("_expand_conv"), from("_bn0"));
            fold.pointwise(&mut tensors, &to("expand"), &conv, &norm)?;
        }
        let (conv, norm) = (from("_depthwise_conv"), from("_bn1"));
        fold.depthwise(&mut tensors, &to("depthwise"), &conv, &norm)?;
        let (conv, norm) = (from("_project_conv"), from("_bn2"));
        fold.pointwise(&mut tensors, &to("project"), &conv, &norm)?;
    }
    fold.pointwise(&mut tensors, "head", "_conv_head", "_bn1")?;
    let mut tensors: HashMap<String, Tensor> = tensors
        .into_iter()
        .map(|(name, tensor)| (format!("visual.{name}"), tensor))
        .collect();

    let classes = fold.get("_fc.weight")?;
    let classes = classes.broadcast_sub(&classes.mean_keepdim(0)?)?;
    let axes = principal_axes(&classes, dim)?;
    let anchors = classes.matmul(&axes)?;
    let anchors = anchors.broadcast_div(&anchors.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)?;
    let centre = expected_feature(&fold.get("_bn1.weight")?, &fold.get("_bn1.bias")?)?;
    // Centring and projection in one: the projected centre is subtracted as a bias.
    let bias = centre.unsqueeze(0)?.matmul(&axes)?.squeeze(0)?.neg()?;
    tensors.insert("visual.proj.weight".into(), axes);
    tensors.insert("visual.proj.bias".into(), bias);
    Ok(ImageSide { tensors, anchors })
}

struct Fold<'a> {
    source: &'a HashMap<String, Tensor>,
}

impl Fold<'_> {
    fn get(&self, name: &str) -> Result<Tensor> {
        let tensor = self
            .source
            .get(name)
            .with_context(|| format!("the checkpoint lacks {name}"))?;
        Ok(tensor.to_dtype(DType::F32)?)
    }

    /// Per output channel: the factor and the bias that a batch norm comes to.
    fn norm(&self, norm: &str) -> Result<(Tensor, Tensor)> {
        let variance = self.get(&format!("{norm}.running_var"))?;
        let factor =
            (self.get(&format!("{norm}.weight"))? / (variance + BATCH_NORM_EPS)?.sqrt()?)?;
        let shift = (self.get(&format!("{norm}.running_mean"))? * &factor)?;
        Ok((factor, (self.get(&format!("{norm}.bias"))? - shift)?))
    }

    /// `[out, in, h, w]` to `[h·w·in, out]`.
    fn pointwise(
        &self,
        tensors: &mut HashMap<String, Tensor>,
        to: &str,
        conv: &str,
        norm: &str,
    ) -> Result<()> {
        let (factor, bias) = self.norm(norm)?;
        let weight = self.get(&format!("{conv}.weight"))?;
        let output = weight.dim(0)?;
        let weight = weight
            .permute((2, 3, 1, 0))?
            .contiguous()?
            .reshape(((), output))?;
        tensors.insert(format!("{to}.weight"), weight.broadcast_mul(&factor)?);
        tensors.insert(format!("{to}.bias"), bias);
        Ok(())
    }

    /// `[c, 1, k, k]` to `[k·k, c]`.
    fn depthwise(
        &self,
        tensors: &mut HashMap<String, Tensor>,
        to: &str,
        conv: &str,
        norm: &str,
    ) -> Result<()> {
        let (factor, bias) = self.norm(norm)?;
        let weight = self.get(&format!("{conv}.weight"))?;
        let channels = weight.dim(0)?;
        let weight = weight.reshape((channels, ()))?.t()?.contiguous()?;
        tensors.insert(format!("{to}.weight"), weight.broadcast_mul(&factor)?);
        tensors.insert(format!("{to}.bias"), bias);
        Ok(())
    }
}

/// The features' mean over ImageNet, without ImageNet: before ReLU6 a channel is about normal with
/// the last batch norm's bias as mean and weight as deviation, so its mean behind is an integral.
fn expected_feature(deviation: &Tensor, mean: &Tensor) -> Result<Tensor> {
    const STEPS: i32 = 400;
    let deviation = deviation.to_vec1::<f32>()?;
    let mean = mean.to_vec1::<f32>()?;
    let expected: Vec<f32> = deviation
        .iter()
        .zip(&mean)
        .map(|(deviation, mean)| {
            let (mut sum, mut weights) = (0f64, 0f64);
            for step in -STEPS..=STEPS {
                let z = 5.0 * f64::from(step) / f64::from(STEPS);
                let weight = (-0.5 * z * z).exp();
                let value = f64::from(*mean) + f64::from(*deviation) * z;
                sum += weight * value.clamp(0.0, 6.0);
                weights += weight;
            }
            (sum / weights) as f32
        })
        .collect();
    Ok(Tensor::new(expected, &candle_core::Device::Cpu)?)
}
