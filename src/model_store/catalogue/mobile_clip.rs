//! Apple's MobileCLIP and MobileCLIP 2.
//!
//! Repositories: open_clip 3.2.0, `src/open_clip/pretrained.py`. Accuracy, and recall on COCO: README
//! and `results/*.jsonl` of Apple's ml-mobileclip, at e15d36e and a2e4041. Operations: only the large
//! Vision Transformer, which is ViT-L/14's tower, has a figure in a table of open_clip. Sizes: the hub's
//! listings; S4 and L/14: four bytes a number.

use super::base::OPENAI;
use super::entry::{Beside, Entry, Figures, Files};
use super::pins;

/// Some texts see all of their context, and pictures are prepared in three ways: the configuration says
/// which.
const WITH_CONFIG: Files = Files {
    beside: &[Beside::CONFIG],
    ..OPENAI.files
};

/// Top-1 and recall in percent.
const fn figures(top1: f32, coco: Option<[f32; 2]>) -> Figures {
    Figures {
        coco_recall_percent: coco,
        ..Figures::top1(top1)
    }
}

const MOBILE_CLIP: Entry = Entry {
    trained_on: "DataCompDR-1B: DataComp-1B with synthetic captions and the answers of larger models",
    files: WITH_CONFIG,
    licence: "Apple AMLR (research only)",
    reading: None,
    ..OPENAI
};

const MOBILE_CLIP_2: Entry = Entry {
    trained_on: "DFNDR-2B: DFN-2B with synthetic captions and the answers of larger models",
    ..MOBILE_CLIP
};

pub(super) const S1: Entry = Entry {
    name: "mobileclip-s1",
    pin: pins::MOBILECLIP_S1,
    architecture: "MobileCLIP MCi1",
    repository: "apple/MobileCLIP-S1-OpenCLIP",
    size_mb: 340,
    figures: figures(72.6, Some([44.0, 62.2])),
    good_for: "a small download, where its licence allows it; mobileclip2-s2 is better",
    ..MOBILE_CLIP
};

pub(super) const S2: Entry = Entry {
    name: "mobileclip-s2",
    pin: pins::MOBILECLIP_S2,
    architecture: "MobileCLIP MCi2",
    repository: "apple/MobileCLIP-S2-OpenCLIP",
    size_mb: 398,
    figures: figures(74.4, Some([45.4, 63.4])),
    good_for: "as good as ViT-B/16 in a small download, where its licence allows it",
    ..MOBILE_CLIP
};

pub(super) const B: Entry = Entry {
    name: "mobileclip-b",
    pin: pins::MOBILECLIP_B,
    architecture: "MobileCLIP ViT-B/16",
    repository: "apple/MobileCLIP-B-OpenCLIP",
    size_mb: 599,
    figures: figures(76.8, None),
    good_for: "better than ViT-B/16, where its licence allows it",
    ..MOBILE_CLIP
};

pub(super) const B_LT: Entry = Entry {
    name: "mobileclip-b-lt",
    pin: pins::MOBILECLIP_B_LT,
    architecture: "MobileCLIP ViT-B/16",
    repository: "apple/MobileCLIP-B-LT-OpenCLIP",
    size_mb: 599,
    figures: figures(77.2, Some([50.0, 68.7])),
    good_for: "mobileclip-b, trained for longer",
    ..MOBILE_CLIP
};

pub(super) const V2_S0: Entry = Entry {
    name: "mobileclip2-s0",
    pin: pins::MOBILECLIP2_S0,
    architecture: "MobileCLIP MCi0",
    repository: "timm/MobileCLIP2-S0-OpenCLIP",
    size_mb: 300,
    figures: figures(71.5, Some([43.7, 62.7])),
    good_for: "the smallest download, and better than ViT-B/32, where its licence allows it",
    ..MOBILE_CLIP_2
};

pub(super) const V2_S2: Entry = Entry {
    name: "mobileclip2-s2",
    pin: pins::MOBILECLIP2_S2,
    architecture: "MobileCLIP MCi2",
    repository: "timm/MobileCLIP2-S2-OpenCLIP",
    size_mb: 398,
    figures: figures(77.2, Some([48.8, 66.7])),
    good_for: "a small download that finds more than ViT-B/16, where its licence allows it",
    ..MOBILE_CLIP_2
};

pub(super) const V2_B: Entry = Entry {
    name: "mobileclip2-b",
    pin: pins::MOBILECLIP2_B,
    architecture: "MobileCLIP ViT-B/16",
    repository: "timm/MobileCLIP2-B-OpenCLIP",
    size_mb: 599,
    figures: figures(79.4, Some([49.9, 67.5])),
    good_for: "the best of its size, where its licence allows it",
    ..MOBILE_CLIP_2
};

pub(super) const V2_S3: Entry = Entry {
    name: "mobileclip2-s3",
    pin: pins::MOBILECLIP2_S3,
    architecture: "MobileCLIP MCi3",
    repository: "timm/MobileCLIP2-S3-OpenCLIP",
    size_mb: 996,
    figures: figures(80.7, Some([50.9, 68.4])),
    good_for: "better than ViT-L/14, where its licence allows it",
    ..MOBILE_CLIP_2
};

pub(super) const V2_L_14: Entry = Entry {
    name: "mobileclip2-l-14",
    pin: pins::MOBILECLIP2_L_14,
    architecture: "ViT-L/14",
    repository: "timm/MobileCLIP2-L-14-OpenCLIP",
    size_mb: 1_710,
    figures: Figures {
        gflops_per_image: Some(162.0),
        ..figures(81.9, None)
    },
    good_for: "the best ViT-L/14 here, where its licence allows it; wants a graphics card",
    ..MOBILE_CLIP_2
};

pub(super) const V2_S4: Entry = Entry {
    name: "mobileclip2-s4",
    pin: pins::MOBILECLIP2_S4,
    architecture: "MobileCLIP MCi4",
    repository: "timm/MobileCLIP2-S4-OpenCLIP",
    size_mb: 1_783,
    figures: figures(81.9, Some([51.5, 69.3])),
    good_for: "as good as mobileclip2-l-14 with less work, where its licence allows it",
    ..MOBILE_CLIP_2
};
