//! What the catalogue says about a model.

use super::pin::Pin;
use crate::core::encoder::Preprocessing;

/// One model of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// The architecture as papers write it.
    pub architecture: &'static str,
    /// The pictures and captions it was trained on.
    pub trained_on: &'static str,
    /// The languages of those captions, and so of labels.
    pub languages: &'static str,
    /// Repository on the hub, `owner/name`.
    pub repository: &'static str,
    /// The files there.
    pub files: Files,
    /// The approximate download size, in megabytes (10⁶ bytes).
    pub size_mb: u32,
    /// The weights' licence.
    pub licence: &'static str,
    /// What its publisher, or open_clip, measured.
    pub figures: Figures,
    /// How to read it, if that is known without its configuration.
    pub reading: Option<Reading>,
    /// The files' digests, if a machine with a network has looked them up.
    pub pin: Option<Pin>,
    /// One line to help users choose.
    pub good_for: &'static str,
}

/// The files of a model on the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// Possible names of the weights, the better first.
    pub weights: &'static [&'static str],
    /// What comes with them.
    pub beside: &'static [Beside],
}

impl Files {
    /// The weights and what is required beside them; none if the weights are enough.
    pub(crate) fn required(&self) -> Vec<&'static str> {
        let beside = self.beside.iter().filter(|file| file.required);
        let mut names: Vec<&'static str> = beside.map(|file| file.name).collect();
        if !names.is_empty() {
            names.splice(0..0, self.weights.first().copied());
        }
        names
    }
}

/// A file that comes with the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its name, on the hub and in the model's folder.
    pub name: &'static str,
    /// The most that it may have, in bytes.
    pub(crate) max_bytes: u64,
    /// Whether the model cannot be used without it.
    pub required: bool,
}

impl Beside {
    /// How pictures and texts are prepared. The `config.json` of these repositories describes
    /// another layout, or timm's image encoder.
    pub(crate) const CONFIG: Self = Self {
        name: "open_clip_config.json",
        // It has 500 bytes.
        max_bytes: 1 << 20,
        required: true,
    };
    /// The same of a model in transformers' layout.
    pub(crate) const HUGGING_FACE: Self = Self {
        name: "config.json",
        ..Self::CONFIG
    };
    /// How a model in transformers' layout has its pictures prepared.
    pub(crate) const PREPROCESSOR: Self = Self {
        name: "preprocessor_config.json",
        ..Self::CONFIG
    };
    /// The tokenizer of a model that does not have CLIP's.
    pub(crate) const TOKENIZER: Self = Self {
        name: "tokenizer.json",
        // That of 256,000 tokens has 34 MB.
        max_bytes: 128 << 20,
        required: true,
    };
    /// Names the token that texts are padded with.
    pub(crate) const TOKENIZER_CONFIG: Self = Self {
        name: "tokenizer_config.json",
        // Gemma's lists its special tokens in 50 kB.
        max_bytes: 8 << 20,
        required: true,
    };

    /// The same, for a model that can do without.
    pub(crate) const fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }
}

/// Published figures; `None` where no source has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Zero-shot top-1 accuracy on ImageNet-1k, in percent.
    pub imagenet_top1_percent: Option<f32>,
    /// Recall at 1 on COCO's captions, in percent: pictures for a text, and texts for a picture.
    pub coco_recall_percent: Option<[f32; 2]>,
    /// Operations for a picture, in 10⁹.
    pub gflops_per_image: Option<f32>,
}

impl Figures {
    pub(crate) const NONE: Self = Self {
        imagenet_top1_percent: None,
        coco_recall_percent: None,
        gflops_per_image: None,
    };

    /// Only the accuracy, in percent.
    pub(crate) const fn top1(percent: f32) -> Self {
        Self {
            imagenet_top1_percent: Some(percent),
            ..Self::NONE
        }
    }

    /// Operations for a picture, as a multiple of ViT-B/32's.
    pub fn work(&self) -> Option<f32> {
        const VIT_B_32: f32 = 8.82;
        self.gflops_per_image.map(|gflops| gflops / VIT_B_32)
    }
}

/// What the tensors of a CLIP do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether the activation is QuickGELU.
    pub quick_gelu: bool,
    /// Mean and deviation that samples were normalised by in training.
    pub normalisation: Normalisation,
}

/// Mean and deviation of the training pictures' samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// The original CLIP's, see [`Preprocessing::clip`].
    Clip,
    /// One half for each, which maps samples to -1..=1 (open_clip's `INCEPTION_MEAN`).
    Half,
}

impl Normalisation {
    /// Mean and deviation of each channel.
    pub(crate) fn values(self) -> ([f32; 3], [f32; 3]) {
        match self {
            Self::Clip => {
                let clip = Preprocessing::clip(1);
                (clip.mean, clip.std)
            }
            Self::Half => ([0.5; 3], [0.5; 3]),
        }
    }
}

impl Entry {
    /// What to know before a download of weights that not everybody may use; one sentence.
    pub fn licence_notice(&self) -> Option<String> {
        let allows = match self.licence {
            licence if licence.contains("research only") => "is for research only",
            licence if licence.contains("-NC-") => "forbids commercial use",
            _ => return None,
        };
        let Self { name, licence, .. } = self;
        Some(format!("the licence of `{name}`, {licence}, {allows}"))
    }
}
