//! The names of architectures.

use crate::clip::spec::{ImageSpec, Spec, TextSpec};

/// (width, layers, letters) of the named Vision Transformer sizes.
const VIT_SIZES: &[(usize, usize, &str)] = &[
    (384, 12, "S"),
    (512, 12, "M"),
    (768, 12, "B"),
    (896, 12, "B+"),
    (1024, 24, "L"),
    (1280, 32, "H"),
    (1152, 27, "So400m"),
    (1408, 40, "g"),
    (1664, 48, "bigG"),
    (1792, 56, "e"),
];

/// (width, blocks by stage, name).
const RESNETS: &[(usize, [usize; 4], &str)] = &[
    (64, [3, 4, 6, 3], "RN50"),
    (64, [3, 4, 23, 3], "RN101"),
    (80, [4, 6, 10, 6], "RN50x4"),
    (96, [6, 8, 18, 8], "RN50x16"),
    (128, [3, 15, 36, 10], "RN50x64"),
];

impl Spec {
    /// The name of the architecture in CLIP's style, such as `ViT-B/32`, `ViT-L/14@336px` or
    /// `RN50x4`; unnamed sizes are described by their numbers.
    pub fn architecture(&self) -> String {
        let image = match &self.image {
            ImageSpec::Vit(c) => {
                let (width, layers) = (c.transformer.width, c.transformer.layers);
                let size = VIT_SIZES
                    .iter()
                    .find(|(w, l, _)| (*w, *l) == (width, layers))
                    .map_or_else(|| format!("{layers}x{width}"), |s| s.2.to_owned());
                // 224 pixels are usual and are not mentioned.
                let resolution = if self.preprocessing.size == 224 {
                    String::new()
                } else {
                    format!("@{}px", self.preprocessing.size)
                };
                format!("ViT-{size}/{}{resolution}", c.patch_size)
            }
            ImageSpec::ResNet(c) => RESNETS
                .iter()
                .find(|(w, l, _)| (*w, *l) == (c.width, c.layers))
                .map_or_else(
                    || format!("RN{:?}x{}", c.layers, c.width),
                    |r| r.2.to_owned(),
                ),
            ImageSpec::FastVit(c) => return format!("MobileCLIP {}", c.name()),
            ImageSpec::EfficientNetLite(c) => {
                return format!("{} and a {}", c.name(), self.text.architecture());
            }
        };
        match &self.text {
            // Of the known text towers, only SigLIP's have a bias there.
            TextSpec::Transformer(text) if text.projection_bias => format!("SigLIP {image}"),
            TextSpec::Transformer(_) => match &self.image {
                ImageSpec::Vit(c) if c.rotary => format!("PE {image}"),
                ImageSpec::Vit(c) if !c.stem.is_empty() => format!("MobileCLIP {image}"),
                _ => image,
            },
            TextSpec::Cbow(_) => format!("{image} with CBOW"),
        }
    }
}
