//! The catalogue of models: descriptions, sources and uses.
//!
//! Repositories and whether a model was trained with QuickGELU: open_clip 3.2.0,
//! `src/open_clip/pretrained.py`. Top-1: column "ImageNet 1k" of open_clip's
//! `docs/openclip_results.csv` at commit f862f86, zero-shot with that library's prompts. Sizes: the
//! hub's listings, or four bytes a parameter if there was none to read.

mod pin;
mod pins;

pub use pin::{Pin, PinnedFile};

use crate::core::encoder::{Filter, Fit, Preprocessing};

/// One model of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// The architecture as papers write it.
    pub architecture: &'static str,
    /// The pictures and captions it was trained on.
    pub trained_on: &'static str,
    /// Repository on the hub, `owner/name`.
    pub repository: &'static str,
    /// Possible names of the weights there, the better first.
    pub weights: &'static [&'static str],
    /// The approximate download size, in megabytes (10⁶ bytes).
    pub size_mb: u32,
    /// The weights' licence.
    pub licence: &'static str,
    /// Published zero-shot top-1 accuracy on ImageNet-1k, in percent.
    pub imagenet_top1_percent: f32,
    /// Whether the activation is QuickGELU, which the tensors do not show.
    pub quick_gelu: bool,
    /// Width and height of the pictures it takes, in pixels.
    pub image_size: u32,
    /// Mean and deviation that samples were normalised by in training.
    pub normalisation: Normalisation,
    /// The files' digests, if a machine with a network has looked them up.
    pub pin: Option<Pin>,
    /// One line to help users choose.
    pub good_for: &'static str,
}

/// Mean and deviation of the training pictures' samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// The original CLIP's, see [`Preprocessing::clip`].
    Clip,
    /// One half for each, which maps samples to -1..=1 (open_clip's `INCEPTION_MEAN`).
    Half,
}

impl Entry {
    /// The entry of that name, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        ENTRIES.iter().find(|e| e.name.eq_ignore_ascii_case(name))
    }

    /// The preprocessing for this model.
    pub(crate) fn preprocessing(&self) -> Preprocessing {
        match self.normalisation {
            Normalisation::Clip => Preprocessing::clip(self.image_size),
            Normalisation::Half => Preprocessing {
                size: self.image_size,
                fit: Fit::CentreCrop,
                filter: Filter::Bicubic,
                mean: [0.5; 3],
                std: [0.5; 3],
            },
        }
    }
}

/// open_clip looks for these names in this order.
const OPEN_CLIP: &[&str] = &["open_clip_model.safetensors", "open_clip_pytorch_model.bin"];

const OPENAI: Entry = Entry {
    name: "",
    architecture: "",
    trained_on: "WIT-400M, OpenAI's own collection",
    repository: "",
    weights: OPEN_CLIP,
    size_mb: 0,
    licence: "MIT",
    imagenet_top1_percent: 0.0,
    quick_gelu: true,
    image_size: 224,
    normalisation: Normalisation::Clip,
    pin: None,
    good_for: "",
};

const LAION_2B: Entry = Entry {
    trained_on: "LAION-2B, the English part of LAION-5B",
    quick_gelu: false,
    ..OPENAI
};

const DATACOMP_XL: Entry = Entry {
    trained_on: "DataComp-1B, filtered from 12.8 billion pairs",
    quick_gelu: false,
    ..OPENAI
};

/// All models, families together, the smaller first.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "rn50-openai",
        pin: pins::RN50_OPENAI,
        architecture: "RN50",
        repository: "timm/resnet50_clip.openai",
        size_mb: 408,
        imagenet_top1_percent: 59.82,
        good_for: "the smallest download; a convolutional encoder for comparison",
        ..OPENAI
    },
    Entry {
        name: "rn101-openai",
        pin: pins::RN101_OPENAI,
        architecture: "RN101",
        repository: "timm/resnet101_clip.openai",
        size_mb: 479,
        imagenet_top1_percent: 62.28,
        good_for: "a deeper RN50; vit-b-32-openai is faster and better",
        ..OPENAI
    },
    Entry {
        name: "rn50x4-openai",
        pin: pins::RN50X4_OPENAI,
        architecture: "RN50x4",
        repository: "timm/resnet50x4_clip.openai",
        size_mb: 714,
        imagenet_top1_percent: 66.27,
        image_size: 288,
        good_for: "finer detail than RN50 at 288 pixels",
        ..OPENAI
    },
    Entry {
        name: "rn50x16-openai",
        pin: pins::RN50X16_OPENAI,
        architecture: "RN50x16",
        repository: "timm/resnet50x16_clip.openai",
        size_mb: 1_165,
        imagenet_top1_percent: 70.72,
        image_size: 384,
        good_for: "small things and writing in pictures, if time does not matter",
        ..OPENAI
    },
    Entry {
        name: "rn50x64-openai",
        pin: pins::RN50X64_OPENAI,
        architecture: "RN50x64",
        repository: "timm/resnet50x64_clip.openai",
        size_mb: 2_490,
        imagenet_top1_percent: 73.91,
        image_size: 448,
        good_for: "the largest convolutional encoder; slow without a graphics card",
        ..OPENAI
    },
    Entry {
        name: "vit-b-32-openai",
        pin: pins::VIT_B_32_OPENAI,
        architecture: "ViT-B/32",
        repository: "timm/vit_base_patch32_clip_224.openai",
        size_mb: 605,
        imagenet_top1_percent: 63.32,
        good_for: "the classic; fast on any machine",
        ..OPENAI
    },
    Entry {
        name: "vit-b-16-openai",
        pin: pins::VIT_B_16_OPENAI,
        architecture: "ViT-B/16",
        repository: "timm/vit_base_patch16_clip_224.openai",
        size_mb: 599,
        imagenet_top1_percent: 68.34,
        good_for: "finer detail than ViT-B/32 at about three times the work",
        ..OPENAI
    },
    Entry {
        name: "vit-l-14-openai",
        pin: pins::VIT_L_14_OPENAI,
        architecture: "ViT-L/14",
        repository: "timm/vit_large_patch14_clip_224.openai",
        size_mb: 1_711,
        imagenet_top1_percent: 75.54,
        good_for: "scenes, people and writing; wants a graphics card for large folders",
        ..OPENAI
    },
    Entry {
        name: "vit-l-14-336-openai",
        pin: pins::VIT_L_14_336_OPENAI,
        architecture: "ViT-L/14@336px",
        repository: "timm/vit_large_patch14_clip_336.openai",
        size_mb: 1_712,
        imagenet_top1_percent: 76.56,
        image_size: 336,
        good_for: "OpenAI's best; small things in large pictures, at twice the work of ViT-L/14",
        ..OPENAI
    },
    Entry {
        name: "vit-b-32-laion2b",
        pin: pins::VIT_B_32_LAION2B,
        architecture: "ViT-B/32",
        repository: "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        size_mb: 605,
        imagenet_top1_percent: 66.56,
        good_for: "as fast as OpenAI's ViT-B/32, from open data",
        ..LAION_2B
    },
    Entry {
        name: "vit-b-16-laion2b",
        pin: pins::VIT_B_16_LAION2B,
        architecture: "ViT-B/16",
        repository: "laion/CLIP-ViT-B-16-laion2B-s34B-b88K",
        size_mb: 599,
        imagenet_top1_percent: 70.23,
        good_for: "finer detail than ViT-B/32, from open data",
        ..LAION_2B
    },
    Entry {
        name: "vit-l-14-laion2b",
        pin: pins::VIT_L_14_LAION2B,
        architecture: "ViT-L/14",
        repository: "laion/CLIP-ViT-L-14-laion2B-s32B-b82K",
        size_mb: 1_711,
        imagenet_top1_percent: 75.25,
        normalisation: Normalisation::Half,
        good_for: "a large model from open data; vit-l-14-datacomp is better",
        ..LAION_2B
    },
    Entry {
        name: "vit-h-14-laion2b",
        pin: pins::VIT_H_14_LAION2B,
        architecture: "ViT-H/14",
        repository: "laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        size_mb: 3_944,
        imagenet_top1_percent: 77.96,
        good_for: "a very large model from open data; vit-l-14-datacomp is better at half the work",
        ..LAION_2B
    },
    Entry {
        name: "vit-b-32-datacomp",
        pin: pins::VIT_B_32_DATACOMP,
        architecture: "ViT-B/32",
        repository: "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
        size_mb: 605,
        imagenet_top1_percent: 69.17,
        good_for: "the best of the fast ones: a good first model on a processor",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-b-32-256-datacomp",
        pin: pins::VIT_B_32_256_DATACOMP,
        architecture: "ViT-B/32@256px",
        repository: "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K",
        size_mb: 605,
        imagenet_top1_percent: 72.81,
        image_size: 256,
        good_for: "nearly as good as ViT-B/16 at little more work than ViT-B/32",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-b-16-datacomp",
        pin: pins::VIT_B_16_DATACOMP,
        architecture: "ViT-B/16",
        repository: "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K",
        size_mb: 599,
        imagenet_top1_percent: 73.49,
        good_for: "a good balance of quality and speed, free to use",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-l-14-datacomp",
        pin: pins::VIT_L_14_DATACOMP,
        architecture: "ViT-L/14",
        repository: "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        size_mb: 1_711,
        imagenet_top1_percent: 79.21,
        good_for: "the best that is free to use; wants a graphics card for large folders",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-b-16-dfn2b",
        pin: pins::VIT_B_16_DFN2B,
        architecture: "ViT-B/16",
        trained_on: "DFN-2B, chosen by Apple's data filtering network",
        repository: "apple/DFN2B-CLIP-ViT-B-16",
        size_mb: 599,
        licence: "Apple AMLR (research only)",
        imagenet_top1_percent: 76.24,
        good_for: "the best ViT-B/16, where its licence allows it",
        ..OPENAI
    },
    Entry {
        name: "vit-l-14-dfn2b",
        pin: pins::VIT_L_14_DFN2B,
        architecture: "ViT-L/14",
        trained_on: "DFN-2B, chosen by Apple's data filtering network",
        repository: "apple/DFN2B-CLIP-ViT-L-14",
        size_mb: 1_711,
        licence: "Apple AMLR (research only)",
        imagenet_top1_percent: 81.41,
        good_for: "the best ViT-L/14, where its licence allows it",
        ..OPENAI
    },
    Entry {
        name: "vit-b-32-metaclip",
        pin: pins::VIT_B_32_METACLIP,
        architecture: "ViT-B/32",
        trained_on: "MetaCLIP's 2.5 billion pairs, balanced over words",
        repository: "timm/vit_base_patch32_clip_224.metaclip_2pt5b",
        size_mb: 605,
        licence: "CC-BY-NC-4.0",
        imagenet_top1_percent: 67.66,
        good_for: "rare things and names, where its non-commercial licence allows it",
        ..OPENAI
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_store::names::{check_name, is_hexadecimal};

    #[test]
    fn the_catalogue_is_complete_and_consistent() {
        assert_eq!(ENTRIES.len(), 20);
        let openai = ENTRIES.iter().filter(|e| e.name.ends_with("-openai"));
        assert_eq!(openai.clone().count(), 9);
        assert!(openai.clone().all(|e| e.quick_gelu && e.licence == "MIT"));
        for entry in ENTRIES {
            let name = entry.name;
            assert_eq!(check_name(name).ok(), Some(()), "{name}");
            assert_eq!(name, name.to_lowercase());
            assert_eq!(
                ENTRIES.iter().filter(|e| e.name == name).count(),
                1,
                "{name}"
            );
            let place = |e: &&Entry| e.repository == entry.repository;
            assert_eq!(ENTRIES.iter().filter(place).count(), 1, "{name}");
            assert_eq!(entry.repository.split('/').count(), 2, "{name}");
            assert!((400..4_000).contains(&entry.size_mb), "{name}");
            assert!(
                (59.0..82.0).contains(&entry.imagenet_top1_percent),
                "{name}"
            );
            assert!(
                !entry.good_for.is_empty() && !entry.architecture.is_empty(),
                "{name}"
            );
            assert_eq!(entry.preprocessing().size, entry.image_size);
            let Some(pin) = entry.pin else { continue };
            assert!(is_hexadecimal(pin.commit, 160), "{name}");
            assert!(entry.weights.contains(&pin.files[0].name), "{name}");
            let sound = |file: &PinnedFile| is_hexadecimal(file.sha256, 256) && file.size_bytes > 0;
            assert!(pin.files.iter().all(sound), "{name}");
        }
    }

    #[test]
    fn quick_gelu_is_as_open_clip_has_it() {
        let quick = |name: &str| Entry::find(name).map(|e| e.quick_gelu);
        assert_eq!(quick("ViT-B-32-OpenAI"), Some(true));
        assert_eq!(quick("vit-b-16-dfn2b"), Some(true));
        assert_eq!(quick("vit-b-32-metaclip"), Some(true));
        assert_eq!(quick("vit-b-32-datacomp"), Some(false));
        assert_eq!(quick("vit-l-14-laion2b"), Some(false));
        assert_eq!(quick("vit-h-14"), None);
    }
}
