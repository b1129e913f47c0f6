//! The table of the catalogue's models. Some families are in files of their own.
//!
//! Repositories, and whether a CLIP was trained with QuickGELU: open_clip 3.2.0,
//! `src/open_clip/pretrained.py`. Figures of CLIP: column "ImageNet 1k" of open_clip's
//! `docs/openclip_results.csv` at commit f862f86, and "MSCOCO … retr. R@1" of
//! `docs/openclip_retrieval_results.csv` at 05e7db4, zero-shot with that library's prompts. Figures of
//! SigLIP 2: its paper, arXiv 2502.14786v1, table 1. Operations:
//! `image_gflops` of open_clip's `docs/model_profile.csv` at 3b37473, where SigLIP's towers are those of
//! SigLIP 2. Sizes: the hub's listings, or four bytes a parameter if there was none to read.

use super::base::{OPEN_CLIP, OPENAI, QUICK_GELU};
use super::entry::{Beside, Entry, Figures, Files, Normalisation, Reading};
use super::{mobile_clip, pe_core, pins, tiny_clip};

/// A model with a tokenizer of its own.
const SIGLIP_FILES: Files = Files {
    weights: OPEN_CLIP,
    beside: &[
        Beside::CONFIG,
        Beside::TOKENIZER,
        Beside::TOKENIZER_CONFIG.optional(),
    ],
};

const GELU: Reading = Reading {
    quick_gelu: false,
    ..QUICK_GELU
};

/// Zero-shot top-1 on ImageNet-1k, recall at 1 on COCO (pictures for a text, texts for a picture),
/// both in percent, and 10⁹ operations a picture.
const fn figures(top1: f32, coco: Option<[f32; 2]>, gflops: f32) -> Figures {
    Figures {
        imagenet_top1_percent: Some(top1),
        coco_recall_percent: coco,
        gflops_per_image: Some(gflops),
    }
}

const LAION_2B: Entry = Entry {
    trained_on: "LAION-2B, the English part of LAION-5B",
    reading: Some(GELU),
    ..OPENAI
};

const DATACOMP_XL: Entry = Entry {
    trained_on: "DataComp-1B, filtered from 12.8 billion pairs",
    reading: Some(GELU),
    ..OPENAI
};

const SIGLIP_2: Entry = Entry {
    trained_on: "WebLI, pictures with texts from the web",
    languages: "109 languages",
    files: SIGLIP_FILES,
    licence: "Apache-2.0",
    reading: None,
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
        figures: figures(59.82, Some([28.5, 48.8]), 12.2),
        good_for: "the smallest download; a convolutional encoder for comparison",
        ..OPENAI
    },
    Entry {
        name: "rn101-openai",
        pin: pins::RN101_OPENAI,
        architecture: "RN101",
        repository: "timm/resnet101_clip.openai",
        size_mb: 479,
        figures: figures(62.28, Some([30.7, 49.8]), 19.5),
        good_for: "a deeper RN50; vit-b-32-openai is faster and better",
        ..OPENAI
    },
    Entry {
        name: "rn50x4-openai",
        pin: pins::RN50X4_OPENAI,
        architecture: "RN50x4",
        repository: "timm/resnet50x4_clip.openai",
        size_mb: 714,
        figures: figures(66.27, Some([33.4, 53.0]), 42.6),
        good_for: "finer detail than RN50 at 288 pixels",
        ..OPENAI
    },
    Entry {
        name: "rn50x16-openai",
        pin: pins::RN50X16_OPENAI,
        architecture: "RN50x16",
        repository: "timm/resnet50x16_clip.openai",
        size_mb: 1_165,
        figures: figures(70.72, Some([35.4, 55.4]), 149.4),
        good_for: "small things and writing in pictures, if time does not matter",
        ..OPENAI
    },
    Entry {
        name: "rn50x64-openai",
        pin: pins::RN50X64_OPENAI,
        architecture: "RN50x64",
        repository: "timm/resnet50x64_clip.openai",
        size_mb: 2_490,
        figures: figures(73.91, Some([35.2, 58.4]), 529.1),
        good_for: "the largest convolutional encoder; slow without a graphics card",
        ..OPENAI
    },
    Entry {
        name: "vit-b-32-openai",
        pin: pins::VIT_B_32_OPENAI,
        architecture: "ViT-B/32",
        repository: "timm/vit_base_patch32_clip_224.openai",
        size_mb: 605,
        figures: figures(63.32, Some([30.4, 50.1]), 8.82),
        good_for: "the classic; fast on any machine",
        ..OPENAI
    },
    Entry {
        name: "vit-b-16-openai",
        pin: pins::VIT_B_16_OPENAI,
        architecture: "ViT-B/16",
        repository: "timm/vit_base_patch16_clip_224.openai",
        size_mb: 599,
        figures: figures(68.34, Some([33.1, 52.4]), 35.1),
        good_for: "finer detail than ViT-B/32 at about three times the work",
        ..OPENAI
    },
    Entry {
        name: "vit-l-14-openai",
        pin: pins::VIT_L_14_OPENAI,
        architecture: "ViT-L/14",
        repository: "timm/vit_large_patch14_clip_224.openai",
        size_mb: 1_711,
        figures: figures(75.54, Some([36.5, 56.3]), 162.0),
        good_for: "scenes, people and writing; wants a graphics card for large folders",
        ..OPENAI
    },
    Entry {
        name: "vit-l-14-336-openai",
        pin: pins::VIT_L_14_336_OPENAI,
        architecture: "ViT-L/14@336px",
        repository: "timm/vit_large_patch14_clip_336.openai",
        size_mb: 1_712,
        figures: figures(76.56, Some([37.1, 57.9]), 381.9),
        good_for: "OpenAI's best; small things in large pictures, at twice the work of ViT-L/14",
        ..OPENAI
    },
    Entry {
        name: "vit-b-32-laion2b",
        pin: pins::VIT_B_32_LAION2B,
        architecture: "ViT-B/32",
        repository: "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        size_mb: 605,
        figures: figures(66.56, Some([39.3, 56.3]), 8.82),
        good_for: "as fast as OpenAI's ViT-B/32, from open data",
        ..LAION_2B
    },
    Entry {
        name: "vit-b-16-laion2b",
        pin: pins::VIT_B_16_LAION2B,
        architecture: "ViT-B/16",
        repository: "laion/CLIP-ViT-B-16-laion2B-s34B-b88K",
        size_mb: 599,
        figures: figures(70.23, Some([42.3, 59.4]), 35.1),
        good_for: "finer detail than ViT-B/32, from open data",
        ..LAION_2B
    },
    Entry {
        name: "vit-l-14-laion2b",
        pin: pins::VIT_L_14_LAION2B,
        architecture: "ViT-L/14",
        repository: "laion/CLIP-ViT-L-14-laion2B-s32B-b82K",
        size_mb: 1_711,
        figures: figures(75.25, Some([46.5, 63.4]), 162.0),
        reading: Some(Reading {
            normalisation: Normalisation::Half,
            ..GELU
        }),
        good_for: "a large model from open data; vit-l-14-datacomp is better",
        ..LAION_2B
    },
    Entry {
        name: "vit-h-14-laion2b",
        pin: pins::VIT_H_14_LAION2B,
        architecture: "ViT-H/14",
        repository: "laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        size_mb: 3_944,
        figures: figures(77.96, Some([49.5, 65.9]), 334.6),
        good_for: "a very large model from open data; vit-l-14-datacomp is better at half the work",
        ..LAION_2B
    },
    Entry {
        name: "vit-b-32-datacomp",
        pin: pins::VIT_B_32_DATACOMP,
        architecture: "ViT-B/32",
        repository: "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
        size_mb: 605,
        figures: figures(69.17, Some([37.1, 53.5]), 8.82),
        good_for: "the best of the fast ones: a good first model on a processor",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-b-32-256-datacomp",
        pin: pins::VIT_B_32_256_DATACOMP,
        architecture: "ViT-B/32@256px",
        repository: "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K",
        size_mb: 605,
        figures: figures(72.81, Some([39.9, 57.9]), 11.5),
        good_for: "nearly as good as ViT-B/16 at little more work than ViT-B/32",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-b-16-datacomp",
        pin: pins::VIT_B_16_DATACOMP,
        architecture: "ViT-B/16",
        repository: "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K",
        size_mb: 599,
        figures: figures(73.49, Some([40.2, 57.4]), 35.1),
        good_for: "a good balance of quality and speed, free to use",
        ..DATACOMP_XL
    },
    Entry {
        name: "vit-l-14-datacomp",
        pin: pins::VIT_L_14_DATACOMP,
        architecture: "ViT-L/14",
        repository: "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        size_mb: 1_711,
        figures: figures(79.21, Some([45.7, 63.3]), 162.0),
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
        figures: figures(76.24, None, 35.1),
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
        figures: figures(81.41, None, 162.0),
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
        figures: figures(67.66, Some([38.1, 55.2]), 8.82),
        good_for: "rare things and names, where its non-commercial licence allows it",
        ..OPENAI
    },
    Entry {
        name: "siglip2-b-32-256",
        pin: pins::SIGLIP2_B_32_256,
        architecture: "SigLIP 2 ViT-B/32@256px",
        repository: "timm/ViT-B-32-SigLIP2-256",
        size_mb: 1_508,
        figures: Figures {
            // open_clip's profile has no such tower.
            gflops_per_image: None,
            ..figures(74.0, Some([47.2, 63.7]), 0.0)
        },
        good_for: "labels in any language, on any machine",
        ..SIGLIP_2
    },
    Entry {
        name: "siglip2-b-16-224",
        pin: pins::SIGLIP2_B_16_224,
        architecture: "SigLIP 2 ViT-B/16",
        repository: "timm/ViT-B-16-SigLIP2",
        size_mb: 1_501,
        figures: figures(78.2, Some([52.1, 68.9]), 35.42),
        good_for: "labels in any language, and finer detail",
        ..SIGLIP_2
    },
    Entry {
        name: "siglip2-b-16-256",
        pin: pins::SIGLIP2_B_16_256,
        architecture: "SigLIP 2 ViT-B/16@256px",
        repository: "timm/ViT-B-16-SigLIP2-256",
        size_mb: 1_501,
        figures: figures(79.1, Some([53.2, 69.7]), 46.82),
        good_for: "nearly as good as ViT-L/14 at a third of its work, in any language",
        ..SIGLIP_2
    },
    Entry {
        name: "siglip2-l-16-256",
        pin: pins::SIGLIP2_L_16_256,
        architecture: "SigLIP 2 ViT-L/16@256px",
        repository: "timm/ViT-L-16-SigLIP2-256",
        size_mb: 3_526,
        figures: figures(82.5, Some([54.7, 71.5]), 162.56),
        good_for: "any language, and more than any CLIP here; wants a graphics card for large folders",
        ..SIGLIP_2
    },
    Entry {
        name: "siglip2-so400m-14-224",
        pin: pins::SIGLIP2_SO400M_14_224,
        architecture: "SigLIP 2 ViT-So400m/14",
        repository: "timm/ViT-SO400M-14-SigLIP2",
        size_mb: 4_543,
        figures: figures(83.2, Some([55.1, 71.5]), 220.35),
        good_for: "the best for any language; wants a fast graphics card",
        ..SIGLIP_2
    },
    pe_core::B_16_224,
    pe_core::L_14_336,
    mobile_clip::V2_S0,
    mobile_clip::S1,
    mobile_clip::S2,
    mobile_clip::V2_S2,
    mobile_clip::B,
    mobile_clip::B_LT,
    mobile_clip::V2_B,
    mobile_clip::V2_S3,
    mobile_clip::V2_L_14,
    mobile_clip::V2_S4,
    tiny_clip::VIT_39M_16,
    tiny_clip::VIT_40M_32,
    tiny_clip::VIT_61M_32,
];
