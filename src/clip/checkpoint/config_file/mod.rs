//! The configuration files beside a checkpoint.
//!
//! Shapes determine nearly everything, and take precedence. The files supply only the rest: head
//! counts, the non-linearity, the layer norms' epsilon, what a token of a text sees, and how pictures
//! and texts are prepared.

mod facts;
mod hugging_face;
mod open_clip;

use std::ops::RangeInclusive;
use std::path::Path;

pub(crate) use facts::{ConfigFile, read};

use crate::clip::checkpoint::config_file::facts::Tower;
use crate::clip::checkpoint::layout::Layout;
use crate::clip::error::ModelError;
use crate::clip::spec::{
    ImageSpec, Normalisation, Pooling, ResNetSpec, Spec, TextAttention, TextSpec, TransformerSpec,
};

/// The sizes in pixels that a FastViT is computed for. Its convolutions would take any.
const FAST_VIT_SIZES: RangeInclusive<usize> = 32..=1024;

impl ConfigFile {
    /// Reads the files for `layout` from `folder`, if there are any.
    pub(crate) fn find(folder: &Path, layout: Layout) -> Result<Option<Self>, ModelError> {
        match layout {
            Layout::HuggingFace => hugging_face::find(folder),
            Layout::OpenAi => open_clip::find(folder),
        }
    }

    /// Overrides the values that shapes could only suggest.
    pub(crate) fn apply(&self, config: &mut Spec) -> Result<(), ModelError> {
        match &mut config.image {
            ImageSpec::Vit(c) => {
                self.apply_tower(&self.vision, &mut c.transformer)?;
                let depth = c.transformer.width / c.transformer.heads;
                if c.rotary && !depth.is_multiple_of(4) {
                    return Err(self.error(format!("heads {depth} deep cannot be turned")));
                }
                if let (Pooling::Map { heads, .. }, false) = (&mut c.pooling, c.rotary) {
                    *heads = c.transformer.heads;
                }
            }
            ImageSpec::ResNet(c) => self.apply_pool(c)?,
            ImageSpec::FastVit(_) | ImageSpec::EfficientNetLite(_) => {}
        }
        if let TextSpec::Transformer(c) = &mut config.text {
            self.apply_tower(&self.text, &mut c.transformer)?;
            if let Some(attention) = self.attention {
                c.attention = attention;
            }
            if let (TextAttention::Causal(end), Some(said)) = (&mut c.attention, self.end_of_text) {
                *end = said;
            }
        }
        self.apply_pictures(config)
    }

    fn apply_pictures(&self, config: &mut Spec) -> Result<(), ModelError> {
        let preprocessing = &mut config.preprocessing;
        if let Some(Normalisation { mean, std }) = self.pictures.normalisation {
            (preprocessing.mean, preprocessing.std) = (mean, std);
        }
        preprocessing.fit = self.pictures.fit.unwrap_or(preprocessing.fit);
        preprocessing.filter = self.pictures.filter.unwrap_or(preprocessing.filter);
        let Some(size) = self.pictures.size else {
            return Ok(());
        };
        match &config.image {
            // A patch that does not fit in whole is not seen.
            ImageSpec::Vit(vit) if size / vit.patch_size != vit.grid => {
                let (grid, patch) = (vit.grid, vit.patch_size);
                return Err(self.error(format!(
                    "pictures of {size} pixels do not make the {grid}×{grid} patches of {patch} pixels that the checkpoint has positions for"
                )));
            }
            ImageSpec::FastVit(_) if !FAST_VIT_SIZES.contains(&size) => {
                return Err(self.error(format!("pictures of {size} pixels are not supported")));
            }
            ImageSpec::Vit(_) | ImageSpec::FastVit(_) => preprocessing.size = size as u32,
            ImageSpec::ResNet(_) | ImageSpec::EfficientNetLite(_) => {}
        }
        Ok(())
    }

    fn apply_tower(&self, tower: &Tower, c: &mut TransformerSpec) -> Result<(), ModelError> {
        if let Some(heads) = self.heads(tower, c.width)? {
            c.heads = heads;
        }
        c.activation = tower.activation.unwrap_or(c.activation);
        if let Some(eps) = tower.layer_norm_eps {
            if !(eps > 0.0 && eps < 1.0) {
                return Err(self.error(format!("a layer norm epsilon of {eps} is not valid")));
            }
            c.layer_norm_eps = eps;
        }
        Ok(())
    }

    fn apply_pool(&self, c: &mut ResNetSpec) -> Result<(), ModelError> {
        if let Some(heads) = self.heads(&self.vision, c.width.saturating_mul(32))? {
            c.heads = heads;
        }
        Ok(())
    }

    fn heads(&self, tower: &Tower, width: usize) -> Result<Option<usize>, ModelError> {
        let heads = match (tower.heads, tower.head_width) {
            (Some(heads), _) => heads,
            (None, Some(head_width)) => width.checked_div(head_width).unwrap_or(0),
            (None, None) => return Ok(None),
        };
        if heads == 0 || !width.is_multiple_of(heads) {
            let reason = format!("a width of {width} does not divide into {heads} heads");
            return Err(self.error(reason));
        }
        Ok(Some(heads))
    }
}

#[cfg(test)]
mod tests;
