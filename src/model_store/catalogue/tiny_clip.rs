//! TinyCLIP: CLIP, made smaller (Wu et al. 2023, ICCV).
//!
//! Repositories and sizes: the hub's listings of its authors' models. Accuracy: the model zoo in
//! `TinyCLIP/README.md` of Microsoft's Cream at 2bb193b. That table counts operations of pictures and
//! texts together, so there is no figure for pictures.

use super::base::OPENAI;
use super::entry::{Beside, Entry, Figures, Files};
use super::pins;

/// As transformers publishes a CLIP; its tokenizer is CLIP's.
const FILES: Files = Files {
    weights: &["model.safetensors", "pytorch_model.bin"],
    beside: &[Beside::HUGGING_FACE, Beside::PREPROCESSOR.optional()],
};

const TINY_CLIP: Entry = Entry {
    trained_on: "LAION-400M, from larger models",
    files: FILES,
    licence: "MIT",
    reading: None,
    ..OPENAI
};

pub(super) const VIT_40M_32: Entry = Entry {
    name: "tinyclip-40m-32",
    pin: pins::TINYCLIP_40M_32,
    architecture: "ViT-M/32",
    repository: "wkcn/TinyCLIP-ViT-40M-32-Text-19M-LAION400M",
    size_mb: 337,
    figures: Figures::top1(59.8),
    good_for: "half of ViT-B/32, free to use: for old machines",
    ..TINY_CLIP
};

pub(super) const VIT_61M_32: Entry = Entry {
    name: "tinyclip-61m-32",
    pin: pins::TINYCLIP_61M_32,
    architecture: "ViT-12x640/32",
    repository: "wkcn/TinyCLIP-ViT-61M-32-Text-29M-LAION400M",
    size_mb: 462,
    figures: Figures::top1(62.4),
    good_for: "three quarters of ViT-B/32, nearly as good as OpenAI's",
    ..TINY_CLIP
};

pub(super) const VIT_39M_16: Entry = Entry {
    name: "tinyclip-39m-16",
    pin: pins::TINYCLIP_39M_16,
    architecture: "ViT-M/16",
    trained_on: "YFCC-15M, from larger models",
    repository: "wkcn/TinyCLIP-ViT-39M-16-Text-19M-YFCC15M",
    size_mb: 332,
    figures: Figures::top1(63.5),
    good_for: "half of ViT-B/16, as good as OpenAI's ViT-B/32",
    ..TINY_CLIP
};
