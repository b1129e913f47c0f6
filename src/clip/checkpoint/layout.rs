//! Unifies the naming schemes of CLIP's tensors.
//!
//! Inside Taglens a tensor has its original name (`visual.conv1.weight`,
//! `transformer.resblocks.0.attn.in_proj_weight`). OpenCLIP kept those, in some files with a
//! prefix, but names image towers of timm as timm does. Hugging Face transformers renamed all, split
//! the fused attention projection in three and transposed the two embedding projections.

use std::collections::BTreeMap;
use std::path::Path;

use crate::clip::checkpoint::foreign;
use crate::clip::checkpoint::hugging_face::{HF_QKV, Target, from_hugging_face, to_hugging_face};
use crate::clip::checkpoint::timm;
use crate::clip::error::ModelError;

/// The naming scheme of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// The original's, and OpenCLIP's.
    OpenAi,
    /// Hugging Face transformers'.
    HuggingFace,
}

/// The source of a tensor, by names in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TensorSource {
    /// Unchanged.
    Plain(String),
    /// With its two dimensions exchanged.
    Transposed(String),
    /// Several tensors stacked along the first dimension: queries, keys, values.
    Stacked(Vec<String>),
}

/// A checkpoint's tensors under their internal names.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    layout: Layout,
    original: bool,
    entries: BTreeMap<String, (TensorSource, Vec<usize>)>,
}

/// Prefixes that wrappers of a model leave on its names.
const WRAPPERS: &[&str] = &["module.", "_orig_mod."];

/// The text tower's original names, which have no prefix.
const TEXT_NAMES: &[&str] = &[
    "transformer.",
    "token_embedding.",
    "positional_embedding",
    "ln_final.",
    "text_projection",
];

/// Scalars that only the original state dicts contain.
const ORIGINAL_SCALARS: [&str; 3] = ["input_resolution", "context_length", "vocab_size"];

/// Whether a tensor does not affect embeddings.
fn is_buffer(name: &str) -> bool {
    name.ends_with("position_ids")
        || name.ends_with("num_batches_tracked")
        || name.ends_with("attn_mask")
        || ORIGINAL_SCALARS.contains(&name)
}

impl Index {
    /// Maps the tensors of the checkpoint at `path` to their internal names.
    ///
    /// Fails unless they are one complete CLIP model, rather than another model, two layouts, or a
    /// single tower.
    pub(crate) fn new<'a>(
        path: &Path,
        tensors: impl Iterator<Item = (&'a str, &'a [usize])>,
    ) -> Result<Self, ModelError> {
        let tensors: Vec<(&str, &str, &[usize])> = tensors
            .map(|(name, shape)| (unwrapped(name), name, shape))
            .collect();
        let names: Vec<&str> = tensors.iter().map(|t| t.0).collect();
        let layout = layout_of(path, &names)?;
        if let Some(kind) = foreign::recognise(&names) {
            let path = path.to_owned();
            return Err(ModelError::Unsupported { path, kind });
        }
        let mut index = Self {
            layout,
            original: ORIGINAL_SCALARS
                .iter()
                .all(|s| tensors.iter().any(|t| t.0 == *s)),
            entries: BTreeMap::new(),
        };
        let mut stacks: BTreeMap<String, Parts> = BTreeMap::new();
        for (name, in_file, shape) in tensors {
            if is_buffer(name) {
                continue;
            }
            if shape.contains(&0) {
                return Err(ModelError::tensor(in_file, "it is empty"));
            }
            let target = match (layout, name.strip_prefix(timm::PREFIX)) {
                (Layout::OpenAi, Some(name)) => timm::from_timm(name),
                (Layout::OpenAi, None) => Some(from_openai(name)),
                (Layout::HuggingFace, _) => from_hugging_face(name),
            };
            let Some(target) = target else {
                let tensor = in_file.to_owned();
                return Err(ModelError::Unexpected { tensor });
            };
            let (in_file, shape) = (in_file.to_owned(), shape.to_vec());
            match target {
                Target::Plain(name) => {
                    index.insert(path, name, TensorSource::Plain(in_file), shape)?
                }
                Target::Transposed(name) => {
                    let shape = shape.into_iter().rev().collect();
                    index.insert(path, name, TensorSource::Transposed(in_file), shape)?;
                }
                Target::Only(name) => {
                    let rest = shape.into_iter().skip_while(|d| *d == 1).collect();
                    index.insert(path, name, TensorSource::Plain(in_file), rest)?;
                }
                Target::Part { name, part, of } => {
                    let parts = stacks.entry(name).or_insert_with(|| vec![None; of]);
                    if let Some(slot) = parts.get_mut(part) {
                        *slot = Some((in_file, shape));
                    }
                }
            }
        }
        for (name, parts) in stacks {
            let (names, shape) = stacked(&name, parts)?;
            index.insert(path, name, TensorSource::Stacked(names), shape)?;
        }
        index.check_towers(path)?;
        Ok(index)
    }

    fn insert(
        &mut self,
        path: &Path,
        name: String,
        source: TensorSource,
        shape: Vec<usize>,
    ) -> Result<(), ModelError> {
        if self.entries.contains_key(&name) {
            return Err(mixed(path, &format!("tensor `{name}` occurs twice")));
        }
        self.entries.insert(name, (source, shape));
        Ok(())
    }

    fn check_towers(&self, path: &Path) -> Result<(), ModelError> {
        let has = |prefix: &str| self.names_from(prefix).next().is_some();
        let vit = has("visual.transformer.");
        let convolutional = has("visual.layer1.") || has("visual.stages.");
        let (transformer, cbow) = (has("transformer.resblocks."), has("cbow."));
        let reason = match (vit, convolutional, transformer, cbow) {
            (true, true, ..) => "it has a Vision Transformer and a convolutional image tower",
            (_, _, true, true) => "it has a text Transformer and a bag of words",
            (false, false, ..) => "it has a text tower but no image tower",
            (_, _, false, false) => "it has an image tower but no text tower",
            _ => return Ok(()),
        };
        Err(mixed(path, reason))
    }

    /// The naming scheme of the checkpoint.
    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether it is one of OpenAI's own state dicts, which have three scalars that no other has.
    pub(crate) fn is_original(&self) -> bool {
        self.original
    }

    /// A tensor's shape, by internal name.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.entries.get(name).map(|e| e.1.as_slice())
    }

    /// A tensor's source, by internal name.
    pub(crate) fn source(&self, name: &str) -> Option<&TensorSource> {
        self.entries.get(name).map(|e| &e.0)
    }

    /// The internal names that begin with `prefix`.
    pub(crate) fn names_from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries
            .range(prefix.to_owned()..)
            .map(|(name, _)| name.as_str())
            .take_while(move |name| name.starts_with(prefix))
    }

    /// The name that a tensor has, or would have, in the file, for error messages.
    pub(crate) fn name_in_file(&self, name: &str) -> String {
        match self.source(name) {
            Some(TensorSource::Plain(n) | TensorSource::Transposed(n)) => n.clone(),
            Some(TensorSource::Stacked(parts)) => parts.first().cloned().unwrap_or_default(),
            None if self.layout == Layout::HuggingFace => to_hugging_face(name),
            None => timm::of_fast_vit(name).unwrap_or_else(|| name.to_owned()),
        }
    }
}

/// The naming scheme of these tensors.
fn layout_of(path: &Path, names: &[&str]) -> Result<Layout, ModelError> {
    let has = |prefixes: &[&str]| {
        let mut names = names.iter();
        names.any(|name| prefixes.iter().any(|p| name.starts_with(p)))
    };
    let hf = has(&["text_model.", "vision_model."]);
    let openai = has(&[
        "visual.",
        "transformer.resblocks.",
        "token_embedding.",
        "cbow.",
    ]);
    match (openai, hf) {
        (true, false) => Ok(Layout::OpenAi),
        (false, true) => Ok(Layout::HuggingFace),
        (true, true) => {
            let reason = "it has tensors named as in OpenCLIP and as in transformers";
            Err(mixed(path, reason))
        }
        (false, false) => {
            let reason = "it has neither CLIP's image tower nor its text tower";
            Err(not_clip(path, reason))
        }
    }
}

/// The parts of a fused tensor found so far: name and shape.
type Parts = Vec<Option<(String, Vec<usize>)>>;

fn unwrapped(mut name: &str) -> &str {
    while let Some(rest) = WRAPPERS.iter().find_map(|p| name.strip_prefix(p)) {
        name = rest;
    }
    name
}

fn from_openai(name: &str) -> Target {
    let name = name
        .strip_prefix("text.")
        .filter(|rest| TEXT_NAMES.iter().any(|n| rest.starts_with(n)))
        .unwrap_or(name);
    match name {
        // Newer text towers of OpenCLIP store their projection as a linear layer.
        "text_projection.weight" => Target::Transposed("text_projection".to_owned()),
        "text_projection.bias" => Target::Plain("text_projection_bias".to_owned()),
        _ => Target::Plain(name.to_owned()),
    }
}

/// The names of the parts, and their shape when stacked.
fn stacked(name: &str, parts: Parts) -> Result<(Vec<String>, Vec<usize>), ModelError> {
    let missing = |which: usize| ModelError::Missing {
        tensor: match name.strip_prefix("visual.pool.attn.in_proj_") {
            Some(kind) => format!(
                "{}attn_pool.{}.{kind}",
                timm::PREFIX,
                ["q", "kv"][which.min(1)]
            ),
            None => to_hugging_face(name).replace(HF_QKV[0], HF_QKV[which.min(2)]),
        },
    };
    let mut names = Vec::new();
    let mut whole: Option<Vec<usize>> = None;
    let equal = parts.len() == HF_QKV.len();
    let first = parts.iter().flatten().next().map(|part| part.1.clone());
    for (which, part) in parts.into_iter().enumerate() {
        let (in_file, shape) = part.ok_or_else(|| missing(which))?;
        let Some((length, rest)) = shape.split_first() else {
            return Err(ModelError::tensor(in_file, "it is a scalar"));
        };
        // Queries, keys and values are alike; a part that has two of them is longer.
        let expected = match (&first, equal) {
            (Some(first), true) => first.clone(),
            (Some(first), false) => [&[*length][..], first.get(1..).unwrap_or_default()].concat(),
            (None, _) => shape.clone(),
        };
        if shape != expected {
            return Err(ModelError::Shape {
                tensor: in_file,
                expected,
                found: shape,
            });
        }
        match whole.as_mut().and_then(|whole| whole.first_mut()) {
            Some(sum) => *sum = sum.saturating_add(*length),
            None => whole = Some([&[*length][..], rest].concat()),
        }
        names.push(in_file);
    }
    Ok((names, whole.unwrap_or_default()))
}

fn mixed(path: &Path, reason: &str) -> ModelError {
    let (path, reason) = (path.to_owned(), reason.to_owned());
    ModelError::Mixed { path, reason }
}

fn not_clip(path: &Path, reason: &str) -> ModelError {
    let (path, reason) = (path.to_owned(), reason.to_owned());
    ModelError::NotClip { path, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> Result<Index, ModelError> {
        Index::new(
            Path::new("x"),
            names.iter().map(|n| (*n, [2, 2].as_slice())),
        )
    }

    #[test]
    fn prefixes_are_taken_off() {
        let index = index(&[
            "module.visual.transformer.resblocks.0.ln_1.weight",
            "module.text.transformer.resblocks.0.ln_1.weight",
            "module.text.text_projection.weight",
        ])
        .unwrap();
        assert_eq!(index.layout(), Layout::OpenAi);
        assert!(index.shape("transformer.resblocks.0.ln_1.weight").is_some());
        let source = index.source("text_projection").unwrap();
        let file = "module.text.text_projection.weight".to_owned();
        assert_eq!(*source, TensorSource::Transposed(file));
    }

    #[test]
    fn says_what_is_wrong() {
        for (names, expected) in [
            (&["encoder.weight"][..], "neither CLIP's image tower"),
            (&["visual.proj", "text_model.x"], "named as in OpenCLIP and"),
            (&["visual.transformer.a"], "no text tower"),
            (&["transformer.resblocks.0.a"], "no image tower"),
            (
                &["visual.transformer.a", "visual.layer1.a"],
                "and a convolutional",
            ),
            (
                &["visual.trunk.a", "transformer.a"],
                "`visual.trunk.a` belongs to a variant",
            ),
            (
                &["text_decoder.a", "visual.a"],
                "x is CoCa, which Taglens does not compute yet",
            ),
            (
                &[
                    "visual.trunk.attn_pool.q.bias",
                    "visual.trunk.blocks.0.norm1.bias",
                    "text.transformer.resblocks.0.a",
                ],
                "`visual.trunk.attn_pool.kv.bias` is missing",
            ),
            (
                &["visual.transformer.a", "module.visual.transformer.a"],
                "occurs twice",
            ),
            (
                &["text_model.a", "vision_model.b"],
                "`text_model.a` belongs to a variant",
            ),
            (
                &["vision_model.encoder.layers.0.self_attn.q_proj.bias"],
                "`vision_model.encoder.layers.0.self_attn.k_proj.bias` is missing",
            ),
        ] {
            let message = index(names).unwrap_err().to_string();
            assert!(message.contains(expected), "{names:?}: {message}");
        }
    }
}
