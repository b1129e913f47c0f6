//! Recognises models that are not supported, to call them by their names.

/// Part of a tensor's name, and the model that has such a tensor. The first that fits names it.
const FAMILIES: &[(&str, &str)] = &[
    ("text_decoder.", "CoCa"),
    ("qformer.", "BLIP-2"),
    ("text_encoder.crossattention", "BLIP"),
    ("visual.blocks.0.attn.q_bias", "EVA-CLIP"),
    ("visual.blocks.0.attn.q_proj.", "EVA02-CLIP"),
    ("visual.rope.", "EVA02-CLIP"),
    ("visual.trunk.blocks.0.attn.q_proj.", "EVA02-CLIP"),
    ("visual.trunk.blocks.0.attn.q_bias", "EVA-CLIP"),
    ("visual.trunk.stages.0.blocks.0.conv_dw.", "ConvNeXt-CLIP"),
    (
        "visual.trunk.stages.0.downsample.",
        "CLIPA with a convolutional tower",
    ),
    ("image_encoder.model.", "MobileCLIP in Apple's layout"),
    ("visual.trunk.patch_embed.backbone.stem.", "ViTamin-CLIP"),
    ("visual.trunk.attn_pool.", ""),
    (
        "transformer.embeddings.",
        "a CLIP with a text tower of transformers (XLM-RoBERTa, NLLB or mT5)",
    ),
    (
        "text.transformer.encoder.",
        "a CLIP with a text tower of transformers (XLM-RoBERTa, NLLB or mT5)",
    ),
];

/// The name of the unsupported model that has these tensors; `None` if it may be supported.
pub(super) fn recognise(names: &[&str]) -> Option<&'static str> {
    FAMILIES
        .iter()
        .find(|(part, _)| names.iter().any(|name| name.contains(part)))
        .map(|(_, family)| *family)
        .filter(|family| !family.is_empty())
}
