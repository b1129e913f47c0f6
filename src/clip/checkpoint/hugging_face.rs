//! Names of CLIP's and SigLIP's tensors in Hugging Face transformers, and ours for them: OpenAI's, as
//! far as OpenAI's models have them.

/// The use of a tensor in a file.
pub(crate) enum Target {
    Plain(String),
    Transposed(String),
    /// Unchanged, without its first dimensions as far as they are 1.
    Only(String),
    /// A part of a tensor that is stacked from several.
    Part {
        /// The whole.
        name: String,
        /// The place of this part.
        part: usize,
        /// The number of parts.
        of: usize,
    },
}

/// Hugging Face's names of the tensors outside the blocks, ours, and whether to transpose.
const HF_SINGLE: &[(&str, &str, bool)] = &[
    ("logit_scale", "logit_scale", false),
    ("logit_bias", "logit_bias", false),
    ("text_projection.weight", "text_projection", true),
    ("visual_projection.weight", "visual.proj", true),
    (
        "text_model.embeddings.token_embedding.weight",
        "token_embedding.weight",
        false,
    ),
    (
        "text_model.embeddings.position_embedding.weight",
        "positional_embedding",
        false,
    ),
    (
        "text_model.final_layer_norm.weight",
        "ln_final.weight",
        false,
    ),
    ("text_model.final_layer_norm.bias", "ln_final.bias", false),
    (
        "vision_model.embeddings.class_embedding",
        "visual.class_embedding",
        false,
    ),
    (
        "vision_model.embeddings.patch_embedding.weight",
        "visual.conv1.weight",
        false,
    ),
    (
        "vision_model.embeddings.position_embedding.weight",
        "visual.positional_embedding",
        false,
    ),
    // Their spelling.
    (
        "vision_model.pre_layrnorm.weight",
        "visual.ln_pre.weight",
        false,
    ),
    (
        "vision_model.pre_layrnorm.bias",
        "visual.ln_pre.bias",
        false,
    ),
    (
        "vision_model.post_layernorm.weight",
        "visual.ln_post.weight",
        false,
    ),
    (
        "vision_model.post_layernorm.bias",
        "visual.ln_post.bias",
        false,
    ),
    // SigLIP's.
    ("text_model.head.weight", "text_projection", true),
    ("text_model.head.bias", "text_projection_bias", false),
    (
        "vision_model.embeddings.patch_embedding.bias",
        "visual.conv1.bias",
        false,
    ),
    ("vision_model.head.probe", "visual.pool.probe", false),
];

/// Hugging Face's prefixes of other parts, and ours.
const HF_PREFIXES: &[(&str, &str)] = &[
    (
        "vision_model.head.attention.in_proj_",
        "visual.pool.attn.in_proj_",
    ),
    (
        "vision_model.head.attention.out_proj.",
        "visual.pool.attn.out_proj.",
    ),
    ("vision_model.head.layernorm.", "visual.pool.ln."),
    ("vision_model.head.mlp.fc1.", "visual.pool.mlp.c_fc."),
    ("vision_model.head.mlp.fc2.", "visual.pool.mlp.c_proj."),
];

/// Hugging Face's prefixes of the blocks, and ours.
const HF_BLOCKS: &[(&str, &str)] = &[
    ("text_model.encoder.layers.", "transformer.resblocks."),
    (
        "vision_model.encoder.layers.",
        "visual.transformer.resblocks.",
    ),
];

/// Hugging Face's names of a block's parts, and ours.
const HF_PARTS: &[(&str, &str)] = &[
    ("self_attn.out_proj.", "attn.out_proj."),
    ("layer_norm1.", "ln_1."),
    ("layer_norm2.", "ln_2."),
    ("mlp.fc1.", "mlp.c_fc."),
    ("mlp.fc2.", "mlp.c_proj."),
];

/// The three parts of our fused projection, in order.
pub(crate) const HF_QKV: [&str; 3] = [
    "self_attn.q_proj.",
    "self_attn.k_proj.",
    "self_attn.v_proj.",
];

/// The use of the tensor `name`; `None` if no CLIP has it.
pub(crate) fn from_hugging_face(name: &str) -> Option<Target> {
    if let Some((_, ours, transposed)) = HF_SINGLE.iter().find(|(theirs, ..)| *theirs == name) {
        let ours = (*ours).to_owned();
        return Some(if *transposed {
            Target::Transposed(ours)
        } else {
            Target::Plain(ours)
        });
    }
    if let Some((kind, ours)) = HF_PREFIXES
        .iter()
        .find_map(|(theirs, ours)| Some((name.strip_prefix(theirs)?, ours)))
    {
        return Some(Target::Plain(format!("{ours}{kind}")));
    }
    let (rest, blocks) = HF_BLOCKS
        .iter()
        .find_map(|(theirs, ours)| Some((name.strip_prefix(theirs)?, ours)))?;
    let (number, part) = rest.split_once('.')?;
    for (i, theirs) in HF_QKV.iter().enumerate() {
        if let Some(kind) = part.strip_prefix(theirs) {
            return Some(Target::Part {
                name: format!("{blocks}{number}.attn.in_proj_{kind}"),
                part: i,
                of: HF_QKV.len(),
            });
        }
    }
    HF_PARTS.iter().find_map(|(theirs, ours)| {
        let kind = part.strip_prefix(theirs)?;
        Some(Target::Plain(format!("{blocks}{number}.{ours}{kind}")))
    })
}

/// Their name of our tensor `name`.
pub(crate) fn to_hugging_face(name: &str) -> String {
    if let Some((theirs, ..)) = HF_SINGLE.iter().find(|(_, ours, _)| *ours == name) {
        return (*theirs).to_owned();
    }
    if let Some((theirs, kind)) = HF_PREFIXES
        .iter()
        .find_map(|(theirs, ours)| Some((theirs, name.strip_prefix(ours)?)))
    {
        return format!("{theirs}{kind}");
    }
    let block = HF_BLOCKS
        .iter()
        .find_map(|(theirs, ours)| Some((theirs, name.strip_prefix(ours)?)));
    let Some((prefix, (number, part))) =
        block.and_then(|(t, rest)| Some((t, rest.split_once('.')?)))
    else {
        return name.to_owned();
    };
    if let Some(kind) = part.strip_prefix("attn.in_proj_") {
        return format!("{prefix}{number}.{}{kind}", HF_QKV[0]);
    }
    HF_PARTS
        .iter()
        .find_map(|(theirs, ours)| {
            let kind = part.strip_prefix(ours)?;
            Some(format!("{prefix}{number}.{theirs}{kind}"))
        })
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hugging_face_names_go_there_and_back() {
        for name in [
            "text_model.encoder.layers.11.mlp.fc2.bias",
            "vision_model.encoder.layers.3.layer_norm1.weight",
            "vision_model.encoder.layers.3.self_attn.out_proj.weight",
            "vision_model.pre_layrnorm.bias",
            "visual_projection.weight",
        ] {
            let (Target::Plain(ours) | Target::Transposed(ours)) = from_hugging_face(name).unwrap()
            else {
                panic!("{name} is no part of a stack");
            };
            assert_eq!(to_hugging_face(&ours), name);
        }
        assert_eq!(
            to_hugging_face("transformer.resblocks.0.attn.in_proj_bias"),
            "text_model.encoder.layers.0.self_attn.q_proj.bias"
        );
    }
}
