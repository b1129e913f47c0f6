//! What the catalogue's entries have in common.

use super::entry::{Beside, Entry, Figures, Files, Normalisation, Reading};

/// open_clip looks for these names in this order.
pub(super) const OPEN_CLIP: &[&str] =
    &["open_clip_model.safetensors", "open_clip_pytorch_model.bin"];

/// A CLIP: all that its configuration says is in the table too.
const CLIP_FILES: Files = Files {
    weights: OPEN_CLIP,
    beside: &[Beside::CONFIG.optional()],
};

/// As OpenAI trained.
pub(super) const QUICK_GELU: Reading = Reading {
    quick_gelu: true,
    normalisation: Normalisation::Clip,
};

/// What OpenAI's models share, and the others change.
pub(super) const OPENAI: Entry = Entry {
    name: "",
    architecture: "",
    trained_on: "WIT-400M, OpenAI's own collection",
    languages: "English",
    repository: "",
    files: CLIP_FILES,
    size_mb: 0,
    licence: "MIT",
    figures: Figures::NONE,
    reading: Some(QUICK_GELU),
    pin: None,
    good_for: "",
};
