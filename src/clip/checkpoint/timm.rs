//! Names of the tensors of timm's image towers, which OpenCLIP puts below `visual.trunk.`, and ours for
//! them. A FastViT keeps timm's names.

use crate::clip::checkpoint::hugging_face::Target;

/// Where OpenCLIP puts timm's image towers.
pub(crate) const PREFIX: &str = "visual.trunk.";

/// timm's prefixes of parts outside the blocks, and ours.
const PARTS: &[(&str, &str)] = &[
    ("patch_embed.proj.", "conv1."),
    ("patch_embed.backbone.", "patch_stem."),
    ("norm_pre.", "ln_pre."),
    ("norm.", "ln_post."),
    ("attn_pool.proj.", "pool.attn.out_proj."),
    ("attn_pool.norm.", "pool.ln."),
    ("attn_pool.mlp.fc1.", "pool.mlp.c_fc."),
    ("attn_pool.mlp.fc2.", "pool.mlp.c_proj."),
];

/// timm's names of a block's parts, and ours.
const BLOCK_PARTS: &[(&str, &str)] = &[
    ("norm1.", "ln_1."),
    ("attn.qkv.", "attn.in_proj_"),
    ("attn.proj.", "attn.out_proj."),
    ("norm2.", "ln_2."),
    ("mlp.fc1.", "mlp.c_fc."),
    ("mlp.fc2.", "mlp.c_proj."),
];

/// The parts of a FastViT. Their names are ours too.
const FAST_VIT_PARTS: &[&str] = &["stem.", "stages.", "final_conv.", "head.fc."];

/// timm's name, with OpenCLIP's prefix, of one of our tensors of a FastViT.
pub(crate) fn of_fast_vit(name: &str) -> Option<String> {
    let rest = name.strip_prefix("visual.")?;
    let is_part = FAST_VIT_PARTS.iter().any(|part| rest.starts_with(part));
    is_part.then(|| format!("{PREFIX}{rest}"))
}

/// The use of the tensor `name`, without [`PREFIX`]; `None` if no supported tower has it.
pub(crate) fn from_timm(name: &str) -> Option<Target> {
    if FAST_VIT_PARTS.iter().any(|part| name.starts_with(part)) {
        return Some(Target::Plain(format!("visual.{name}")));
    }
    match name {
        "pos_embed" => return Some(Target::Only("visual.positional_embedding".to_owned())),
        "cls_token" => return Some(Target::Only("visual.class_embedding".to_owned())),
        "head.weight" => return Some(Target::Transposed("visual.proj".to_owned())),
        "head.bias" => return Some(Target::Plain("visual.proj_bias".to_owned())),
        "attn_pool.latent" => return Some(Target::Plain("visual.pool.probe".to_owned())),
        _ => {}
    }
    for (part, theirs) in ["attn_pool.q.", "attn_pool.kv."].into_iter().enumerate() {
        if let Some(kind) = name.strip_prefix(theirs) {
            return Some(Target::Part {
                name: format!("visual.pool.attn.in_proj_{kind}"),
                part,
                of: 2,
            });
        }
    }
    if let Some(rest) = name.strip_prefix("blocks.") {
        let (number, part) = rest.split_once('.')?;
        return renamed(part, BLOCK_PARTS)
            .map(|part| Target::Plain(format!("visual.transformer.resblocks.{number}.{part}")));
    }
    renamed(name, PARTS).map(|part| Target::Plain(format!("visual.{part}")))
}

fn renamed(name: &str, table: &[(&str, &str)]) -> Option<String> {
    table
        .iter()
        .find_map(|(theirs, ours)| Some(format!("{ours}{}", name.strip_prefix(theirs)?)))
}
