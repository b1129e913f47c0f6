//! Meta's PE-Core. Figures: its model card.

use super::base::OPENAI;
use super::entry::{Beside, Entry, Figures, Files};
use super::pins;

/// PE-Core has CLIP's tokenizer.
const FILES: Files = Files {
    beside: &[Beside::CONFIG],
    ..OPENAI.files
};

const PE_CORE: Entry = Entry {
    trained_on: "Meta's own collection, for its Perception Encoder",
    files: FILES,
    licence: "Apache-2.0",
    reading: None,
    ..OPENAI
};

pub(super) const B_16_224: Entry = Entry {
    name: "pe-core-b-16-224",
    pin: pins::PE_CORE_B_16_224,
    architecture: "PE ViT-B/16",
    repository: "timm/PE-Core-B-16",
    size_mb: 1_791,
    figures: Figures::top1(78.4),
    good_for: "as good as SigLIP 2 B/16, in English",
    ..PE_CORE
};

pub(super) const L_14_336: Entry = Entry {
    name: "pe-core-l-14-336",
    pin: pins::PE_CORE_L_14_336,
    architecture: "PE ViT-L/14@336px",
    repository: "timm/PE-Core-L-14-336",
    size_mb: 2_685,
    figures: Figures::top1(83.5),
    good_for: "small things in large pictures, in English; wants a fast graphics card",
    ..PE_CORE
};
