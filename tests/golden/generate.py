#!/usr/bin/env python3
"""Makes the golden files that tests/clip_golden/ compares Taglens' CLIP with.

    pip install torch==2.15.0 open_clip_torch==3.2.0 transformers==4.57.1 safetensors==0.8.0 numpy==2.4.6 timm==1.0.31
    python tests/golden/generate.py              # the tiny models, into this folder
    python tests/golden/generate.py --only siglip  # some of them
    python tests/golden/generate.py --full DIR   # full-size models, outside the repository

Every model is random, from a seed, in *all* its parameters: gains, biases and running statistics
too, for a bug in one that stays at 1 or 0 could not be seen. Weights are rounded to f16, so that
the f16 file and the f32 file of a model hold the same numbers and share their reference, which is
computed by open_clip or transformers in f32.
"""

import argparse
import functools
import importlib.metadata
import json
import math
import pathlib
import sys

VERSIONS = {
    "torch": "2.15.0",
    "open_clip_torch": "3.2.0",
    "transformers": "4.57.1",
    "safetensors": "0.8.0",
    "numpy": "2.4.6",
    "timm": "1.0.31",
}

for package, version in VERSIONS.items():
    found = importlib.metadata.version(package).split("+")[0]
    if found != version:
        sys.exit(f"{package} is {found}, but the golden files are made with {version}")

import numpy as np
import open_clip
import timm
import torch
from open_clip.factory import _MODEL_CONFIGS
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])


def generator(seed):
    return torch.Generator().manual_seed(seed)


def calibrate(model):
    """Batch norm's running statistics, measured on pictures: with random ones, a deep residual
    network gives nearly the same embedding to every picture, and a comparison shows nothing."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    if norms:
        for m in norms:
            m.reset_running_stats()
            m.momentum = 1.0
        model.train()
        size = model.visual.image_size
        size = size if isinstance(size, int) else size[0]
        model.encode_image(pixel_tensor(pictures(size, 16, 99)))
        model.eval()


def round_to_half(model):
    """So that an f16 file holds the very same model."""
    # Only what is stored: torch computes the other buffers again, such as the angles of rotary positions.
    for tensor in model.state_dict().values():
        # Not the causal mask, which holds minus infinity.
        if tensor.is_floating_point() and tensor.isfinite().all():
            tensor.copy_(tensor.half().float())


def randomise(model, seed):
    """Every parameter and statistic from one seed, scaled so that activations stay near 1."""
    g = generator(seed)

    def normal(shape, std=1.0, mean=0.0):
        return torch.randn(shape, generator=g) * std + mean

    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if name == "logit_scale":
                p.fill_(math.log(20.0))
            elif name == "logit_bias":
                p.fill_(-10.0)
            elif name.endswith(("probe", "latent")):
                p.copy_(normal(p.shape))
            elif p.dim() >= 2 and ("embedding" in name or "pos_embed" in name):
                p.copy_(normal(p.shape, 0.5))
            elif name.endswith("class_embedding"):
                p.copy_(normal(p.shape, 0.5))
            elif p.dim() >= 2:
                fan_in = p[0].numel()
                if name in ("text_projection", "visual.proj"):
                    fan_in = p.shape[0]
                # Attention logits need some spread, or a wrong scale of them would not show.
                sharp = ("in_proj", "q_proj", "k_proj", "token_mixer.qkv")
                gain = 2.0 if any(part in name for part in sharp) else 1.0
                p.copy_(normal(p.shape, gain / math.sqrt(fan_in)))
            elif name.endswith("weight"):
                p.copy_(normal(p.shape, 0.2, 1.0))
            else:
                p.copy_(normal(p.shape, 0.2))
        calibrate(model)
        round_to_half(model)
    return model.eval()


def state(model):
    """The state dict, without the buffers that torch recomputes."""
    drop = ("attn_mask", "position_ids", "num_batches_tracked")
    return {k: v.detach().contiguous().clone() for k, v in model.state_dict().items() if not k.endswith(drop)}


def half(tensors):
    return {k: v.half() for k, v in tensors.items()}


def pictures(size, count, seed):
    """u8 noise, gradients, and mixtures of both, as numpy would hold an RGB picture."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 255, size)
    images = []
    for i in range(count):
        noise = rng.integers(0, 256, (size, size, 3))
        gradient = np.stack([np.add.outer(ramp * rng.random(), ramp * rng.random()) / 2 for _ in range(3)], -1)
        share = i / max(count - 1, 1)
        images.append((noise * (1 - share) + gradient * share).astype(np.uint8))
    return images


def texts(vocabulary, context, count, seed):
    """[SOS] … [EOS] of different lengths, the empty and the fullest among them."""
    rng = np.random.default_rng(seed)
    lengths = [0, context - 2] + [int(n) for n in rng.integers(1, context - 2, count - 2)]
    ids = [rng.integers(1, vocabulary - 2, n).tolist() for n in lengths]
    return [[vocabulary - 2, *words, vocabulary - 1] for words in ids]


def padded(ids, context, padding=0):
    return torch.tensor([row + [padding] * (context - len(row)) for row in ids])


def pixel_tensor(images, mean=MEAN, std=STD):
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    return (x - mean[:, None, None]) / std[:, None, None]


def unit(x):
    x = x.double()
    return (x / x.norm(dim=-1, keepdim=True)).float()


def rounded(x):
    return [[float(f"{v:.8f}") for v in row] for row in x.tolist()]


HALF = (torch.full((3,), 0.5), torch.full((3,), 0.5))
# MobileCLIP's: samples stay as they are.
NOTHING = (torch.zeros(3), torch.ones(3))


def reference(encode_image, encode_text, size, vocabulary, context, counts, seed, normal=(MEAN, STD), padding=0):
    images = pictures(size, counts[0], seed)
    ids = texts(vocabulary, context, counts[1], seed + 1)
    with torch.no_grad():
        image = unit(encode_image(pixel_tensor(images, *normal)))
        text = unit(encode_text(padded(ids, context, padding)))
    return {
        "size": size,
        "images": [i.tobytes().hex() for i in images],
        "ids": ids,
        "image_embeddings": rounded(image),
        "text_embeddings": rounded(text),
    }


def open_clip_model(config, seed):
    """A model of open_clip from a configuration of its own form."""
    _MODEL_CONFIGS["golden"] = config
    model = open_clip.create_model("golden", precision="fp32")
    return randomise(model, seed)


def open_clip_reference(model, config, counts, seed):
    text = config["text_cfg"]
    size = config["vision_cfg"]["image_size"]
    return reference(model.encode_image, model.encode_text, size, text["vocab_size"], text["context_length"], counts, seed)


def write_json(name, value, folder=HERE):
    (folder / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


TEXT = {"context_length": 16, "vocab_size": 512, "width": 64, "heads": 1, "layers": 2, "mlp_ratio": 2.0}


def vit(**more):
    vision = {"image_size": 32, "layers": 2, "width": 128, "patch_size": 8, "mlp_ratio": 2.0}
    return {"embed_dim": 32, "vision_cfg": vision, "text_cfg": TEXT, **more}


def smaller_vit():
    vision = {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8, "mlp_ratio": 2.0}
    return {"embed_dim": 32, "vision_cfg": vision, "text_cfg": {**TEXT, "layers": 1, "vocab_size": 128}}


def tiny_open_clip():
    config = vit()
    model = open_clip_model(config, 1)
    # f16 files only: the test widens them for the comparison in f32.
    save_file(half(state(model)), HERE / "vit.safetensors")
    write_json("vit_gelu.json", open_clip_reference(model, config, (4, 6), 10))
    config = vit(quick_gelu=True)
    quick = open_clip_model(config, 1)
    write_json("vit_quick_gelu.json", open_clip_reference(quick, config, (4, 6), 10))

    # As PyTorch saves: bare, and within a training checkpoint.
    config = smaller_vit()
    model = open_clip_model(config, 5)
    tensors = half(state(model))
    torch.save(tensors, HERE / "pytorch.bin")
    wrapped = {"epoch": 3, "name": "golden", "state_dict": {f"module.{k}": v for k, v in tensors.items()}}
    torch.save(wrapped, HERE / "pytorch_training.pt")
    write_json("pytorch.json", open_clip_reference(model, config, (2, 4), 50))

    vision = {"image_size": 64, "layers": [1, 2, 1, 1], "width": 4, "patch_size": None}
    config = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": {**TEXT, "layers": 1, "vocab_size": 128}}
    model = open_clip_model(config, 2)
    save_file(half(state(model)), HERE / "resnet.safetensors")
    write_json("resnet.json", open_clip_reference(model, config, (3, 4), 20))


def tiny_transformers():
    common = {"hidden_act": "quick_gelu", "num_hidden_layers": 2, "layer_norm_eps": 1e-5}
    config = CLIPConfig(
        projection_dim=32,
        text_config={
            **common, "vocab_size": 512, "hidden_size": 64, "intermediate_size": 128,
            "num_attention_heads": 4, "max_position_embeddings": 16,
            "bos_token_id": 510, "eos_token_id": 511, "pad_token_id": 0,
        },
        vision_config={
            **common, "hidden_size": 96, "intermediate_size": 128, "num_attention_heads": 6,
            "image_size": 32, "patch_size": 8,
        },
    )
    model = randomise(CLIPModel(config), 3)
    folder = HERE / "hugging_face"
    folder.mkdir(exist_ok=True)
    tensors = half(state(model))
    names = sorted(tensors)
    shards = [names[: len(names) // 2], names[len(names) // 2 :]]
    weight_map = {}
    for i, part in enumerate(shards):
        file = f"model-{i + 1:05}-of-{len(shards):05}.safetensors"
        save_file({n: tensors[n] for n in part}, folder / file)
        weight_map |= {n: file for n in part}
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    write_json("model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map}, folder)
    towers = {"text_config": config.text_config, "vision_config": config.vision_config}
    keys = ("hidden_act", "num_attention_heads", "layer_norm_eps", "eos_token_id")
    small = {k: {key: getattr(t, key) for key in keys if getattr(t, key, None) is not None} for k, t in towers.items()}
    write_json("config.json", {"model_type": "clip", **small}, folder)

    def encode_text(ids):
        return model.get_text_features(input_ids=ids)

    def encode_image(x):
        return model.get_image_features(pixel_values=x)

    write_json("hugging_face.json", reference(encode_image, encode_text, 32, 512, 16, (4, 6), 30))


def siglip_reference(model, size, vocabulary, context, counts, seed, padding=1):
    def encode_text(ids):
        return model.get_text_features(input_ids=ids)

    def encode_image(x):
        return model.get_image_features(pixel_values=x)

    return reference(encode_image, encode_text, size, vocabulary, context, counts, seed, HALF, padding)


def tiny_siglip():
    """SigLIP in transformers' layout; 36 pixels leave 4 that no patch of 8 sees."""
    common = {"hidden_act": "gelu_pytorch_tanh", "num_hidden_layers": 2, "layer_norm_eps": 1e-6}
    text = {
        **common, "vocab_size": 300, "hidden_size": 48, "intermediate_size": 64, "num_attention_heads": 3,
        "max_position_embeddings": 16, "projection_size": 64,
    }
    vision = {
        **common, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "image_size": 36,
        "patch_size": 8,
    }
    config = SiglipConfig(text_config=text, vision_config=vision)
    config._attn_implementation = "eager"
    model = randomise(SiglipModel(config), 6)
    folder = HERE / "siglip"
    folder.mkdir(exist_ok=True)
    save_file(half(state(model)), folder / "model.safetensors")
    write_json("config.json", {"model_type": "siglip", "text_config": text, "vision_config": vision}, folder)
    half_each = [0.5, 0.5, 0.5]
    preprocessor = {
        "do_resize": True, "size": {"height": 36, "width": 36}, "resample": 2, "image_mean": half_each,
        "image_std": half_each, "do_normalize": True, "image_processor_type": "SiglipImageProcessor",
    }
    write_json("preprocessor_config.json", preprocessor, folder)
    write_json("siglip.json", siglip_reference(model, 36, 300, 16, (4, 6), 60))


@timm.models.register_model
def vit_golden_siglip(pretrained=False, **kwargs):
    """timm's SigLIP tower, tiny."""
    size = {"patch_size": 8, "embed_dim": 64, "depth": 2, "num_heads": 1, "mlp_ratio": 1.5}
    ours = ("num_classes", "img_size", "global_pool")
    kwargs = {name: kwargs[name] for name in ours if name in kwargs}
    kwargs = {**size, "img_size": 32, "class_token": False, "global_pool": "map", **kwargs}
    return timm.models.vision_transformer.VisionTransformer(**kwargs)


def save_open_clip(name, config, seed, interpolation):
    """Writes a folder as OpenCLIP publishes one, for pictures that are squashed to a square; returns the model."""
    model = open_clip_model(config, seed)
    write_open_clip(name, config, model, HALF, interpolation, "squash")
    return model


def write_open_clip(name, config, model, normal, interpolation, resize_mode):
    """Writes the folder."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    save_file(half(state(model)), folder / "open_clip_model.safetensors")
    mean, std = ([float(f"{v:.8g}") for v in values] for values in normal)
    preprocess = {"mean": mean, "std": std, "interpolation": interpolation, "resize_mode": resize_mode}
    write_json("open_clip_config.json", {"model_cfg": config, "preprocess_cfg": preprocess}, folder)


def tiny_open_clip_siglip():
    """The same in OpenCLIP's layout, with timm's image tower."""
    vision = {"image_size": 32, "timm_model_name": "vit_golden_siglip", "timm_pool": "map", "timm_proj": "none"}
    text = {
        "context_length": 16, "vocab_size": 300, "width": 64, "heads": 2, "layers": 2, "mlp_ratio": 1.5,
        "no_causal_mask": True, "proj_bias": True, "pool_type": "last", "norm_kwargs": {"eps": 1e-6},
        "act_kwargs": {"approximate": "tanh"}, "tokenizer_kwargs": {"clean": "canonicalize"},
    }
    config = {"embed_dim": 64, "init_logit_bias": -10, "custom_text": True, "vision_cfg": vision, "text_cfg": text}
    model = save_open_clip("open_clip_siglip", config, 7, "bicubic")
    made = reference(model.encode_image, model.encode_text, 32, 300, 16, (4, 6), 70, HALF, 0)
    write_json("open_clip_siglip.json", made)


@timm.models.register_model
def vit_golden_pe(pretrained=False, **kwargs):
    """timm's tower of PE-Core, tiny: all but the numbers is that of vit_pe_core_base_patch16_224."""
    size = {
        "patch_size": 8, "embed_dim": 128, "depth": 2, "num_heads": 2, "mlp_ratio": 2.0, "attn_type": "rope",
        "use_pre_transformer_norm": True, "use_rot_pos_emb": True, "ref_feat_shape": (4, 4), "rope_grid_offset": 1.0,
        "rope_grid_indexing": "xy", "attn_pool_num_heads": 8, "attn_pool_mlp_ratio": 2.0,
        "norm_layer": functools.partial(timm.layers.LayerNorm, eps=1e-5),
    }
    ours = ("num_classes", "img_size", "global_pool")
    kwargs = {name: kwargs[name] for name in ours if name in kwargs}
    return timm.models.eva.Eva(**{**size, "img_size": 32, "global_pool": "map", **kwargs})


def tiny_pe_core():
    """PE-Core: rotary positions, and attention pooling over a class token and patches."""
    vision = {"image_size": 32, "timm_model_name": "vit_golden_pe", "timm_pool": "map", "timm_proj": None}
    config = {"embed_dim": 32, "custom_text": True, "vision_cfg": vision, "text_cfg": TEXT}
    model = save_open_clip("pe_core", config, 8, "bilinear")
    made = reference(model.encode_image, model.encode_text, 32, 512, 16, (4, 6), 80, HALF, 0)
    write_json("pe_core.json", made)


def fastvit(kwargs, **form):
    """timm's FastViT of a tiny form; `kwargs` are OpenCLIP's."""
    ours = ("num_classes", "global_pool")
    positions = functools.partial(timm.models.fastvit.RepConditionalPosEnc, spatial_shape=(7, 7))
    form["pos_embs"] = tuple(positions if has else None for has in form["pos_embs"])
    return timm.models.fastvit.FastVit(lkc_use_act=True, **form, **{n: kwargs[n] for n in ours if n in kwargs})


@timm.models.register_model
def fastvit_golden(pretrained=False, **kwargs):
    """As fastvit_mci0 to fastvit_mci2, tiny."""
    return fastvit(
        kwargs, layers=(1, 1, 2, 1), embed_dims=(12, 24, 48, 96), mlp_ratios=(2, 2, 2, 1.5),
        se_downsamples=(False, False, True, True), pos_embs=(False, False, False, True),
        token_mixers=("repmixer", "repmixer", "repmixer", "attention"),
    )


@timm.models.register_model
def fastvit_golden_large(pretrained=False, **kwargs):
    """As fastvit_mci3 and fastvit_mci4, tiny: five stages, layer norms, no gates between stages."""
    return fastvit(
        kwargs, layers=(1, 1, 1, 1, 1), embed_dims=(8, 16, 16, 32, 64), mlp_ratios=(2, 2, 2, 2, 1.5),
        se_downsamples=(False,) * 5, downsamples=(False, True, True, True, True),
        pos_embs=(False, False, False, True, True),
        token_mixers=("repmixer", "repmixer", "repmixer", "attention", "attention"),
        norm_layer=functools.partial(timm.layers.LayerNorm2d, eps=1e-5), stem_use_scale_branch=False,
    )


def mobile_clip_config(tower, size, pool, causal):
    vision = {"image_size": size, "timm_model_name": tower, "timm_pool": pool, "timm_proj": None}
    text = {**TEXT, "layers": 1, "vocab_size": 128, "no_causal_mask": not causal}
    return {"embed_dim": 32, "custom_text": True, "vision_cfg": vision, "text_cfg": text}


def write_mobile_clip(name, config, model, normal, seed):
    write_open_clip(name, config, model, normal, "bilinear", "shortest")
    size = config["vision_cfg"]["image_size"]
    made = reference(model.encode_image, model.encode_text, size, 128, 16, (3, 5), seed, normal)
    write_json(f"{name}.json", made)


def tiny_mobile_clip():
    """MobileCLIP with FastViT towers: as in training, folded by timm, and the larger towers' form."""
    config = mobile_clip_config("fastvit_golden", 72, "avg", False)
    model = open_clip_model(config, 20)
    write_mobile_clip("mobile_clip", config, model, NOTHING, 200)
    model.visual.trunk = timm.utils.reparameterize_model(model.visual.trunk)
    with torch.no_grad():
        round_to_half(model)
    write_mobile_clip("mobile_clip_folded", config, model.eval(), NOTHING, 210)
    config = mobile_clip_config("fastvit_golden_large", 80, "avg", False)
    write_mobile_clip("mobile_clip_large", config, open_clip_model(config, 22), (MEAN, STD), 220)


@timm.models.register_model
def vit_golden_mci(pretrained=False, **kwargs):
    """As vit_base_mci_224, tiny."""
    stem = timm.models.vision_transformer_hybrid.ConvStem(
        channels=(24, 24, 128), stride=(4, 2, 2), kernel_size=(4, 2, 2), padding=0, act_layer=torch.nn.GELU,
    )
    ours = ("num_classes", "global_pool")
    return timm.models.vision_transformer.VisionTransformer(
        img_size=48, patch_size=1, embed_dim=128, depth=2, num_heads=2, mlp_ratio=2.0, no_embed_class=True,
        embed_layer=functools.partial(timm.layers.HybridEmbed, backbone=stem, proj=False),
        **{name: kwargs[name] for name in ours if name in kwargs},
    )


@timm.models.register_model
def vit_golden_clip(pretrained=False, **kwargs):
    """As vit_large_patch14_clip_224, tiny."""
    ours = ("num_classes", "global_pool")
    return timm.models.vision_transformer.VisionTransformer(
        img_size=32, patch_size=8, embed_dim=64, depth=1, num_heads=1, mlp_ratio=2.0, pre_norm=True,
        norm_layer=torch.nn.LayerNorm, **{name: kwargs[name] for name in ours if name in kwargs},
    )


def tiny_mobile_clip_vit():
    """MobileCLIP with Vision Transformers: the base size with a convolutional stem, the large one without."""
    config = mobile_clip_config("vit_golden_mci", 48, "token", True)
    write_mobile_clip("mobile_clip_base", config, open_clip_model(config, 23), NOTHING, 230)
    config = mobile_clip_config("vit_golden_clip", 32, "token", False)
    write_mobile_clip("mobile_clip_vit", config, open_clip_model(config, 24), (MEAN, STD), 240)


def tiny_cbow():
    """Taglens' own text tower: a few lines of torch are its reference."""
    g = generator(4)
    table = torch.randn((512, 48), generator=g).half().float()
    weight = (torch.randn((32, 48), generator=g) / 7).half().float()
    bias = (torch.randn(32, generator=g) / 5).half().float()
    model = open_clip_model(smaller_vit(), 5)
    tensors = {k: v for k, v in half(state(model)).items() if k.startswith("visual.") or k == "logit_scale"}
    tensors |= {
        "cbow.token_embedding.weight": table.half(),
        "cbow.projection.weight": weight.half(),
        "cbow.projection.bias": bias.half(),
    }
    save_file(tensors, HERE / "cbow.safetensors")

    def encode_text(ids):
        rows = []
        for row in ids:
            words = row[1 : row.argmax()]
            rows.append(table[words if len(words) else [511]].mean(0) @ weight.T + bias)
        return torch.stack(rows)

    write_json("cbow.json", reference(model.encode_image, encode_text, 32, 512, 16, (1, 6), 40))


def damp(model, seed):
    """open_clip's own initialisation, shaken a little: a deep random net must stay well-conditioned."""
    g = generator(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if name in ("logit_scale", "logit_bias"):
                continue
            if name.endswith(("bn3.weight", "gamma")):
                # Zero or nearly so at the start of training, which would hide every block.
                p.copy_(torch.rand(p.shape, generator=g) * 0.2 + 0.3)
            elif p.dim() == 1:
                p.add_(torch.randn(p.shape, generator=g) * 0.05)
            else:
                p.mul_(1 + torch.randn(p.shape, generator=g) * 0.05)
        calibrate(model)
        round_to_half(model)
    return model.eval()


def full(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in ((100, "ViT-B-32"), (200, "RN50")):
        torch.manual_seed(seed)
        model = damp(open_clip.create_model(name, precision="fp32"), seed)
        tensors = state(model)
        save_file(tensors, folder / f"{name}.safetensors")
        save_file(half(tensors), folder / f"{name}-f16.safetensors")
        config = open_clip.get_model_config(name)
        write_json(f"{name}.json", open_clip_reference(model, config, (8, 8), seed), folder)


def full_open_clip(folder, seed, name, normal, resize_mode):
    """A model in OpenCLIP's layout, of the published size."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = damp(open_clip.create_model(name, precision="fp32"), seed)
    config = open_clip.get_model_config(name)
    write_open_clip(folder / name, config, model, normal, "bilinear", resize_mode)
    size, text = config["vision_cfg"]["image_size"], config["text_cfg"]
    sizes = (size, text["vocab_size"], text["context_length"])
    made = reference(model.encode_image, model.encode_text, *sizes, (6, 6), seed, normal)
    write_json(f"{name}.json", made, folder)


def full_mobile_clip(folder):
    """The small and the large form of FastViT, and the Vision Transformer with a stem."""
    for seed, name, normal in (
        (400, "MobileCLIP2-S0", NOTHING), (410, "MobileCLIP-S2", NOTHING), (420, "MobileCLIP2-S3", (MEAN, STD)),
        (430, "MobileCLIP-B", NOTHING),
    ):
        full_open_clip(folder, seed, name, normal, "shortest")


def full_pe_core(folder):
    full_open_clip(folder, 440, "PE-Core-B-16", HALF, "squash")


def full_siglip(folder):
    """SigLIP 2 B/16-256, of the published size, with random weights."""
    torch.manual_seed(300)
    text = {"vocab_size": 256000, "hidden_act": "gelu_pytorch_tanh", "projection_size": 768}
    vision = {"image_size": 256, "patch_size": 16, "hidden_act": "gelu_pytorch_tanh"}
    model = damp(SiglipModel(SiglipConfig(text_config=text, vision_config=vision)), 300)
    target = folder / "siglip2-b-16-256"
    target.mkdir(parents=True, exist_ok=True)
    save_file(state(model), target / "model.safetensors")
    write_json("config.json", {"model_type": "siglip", "text_config": text, "vision_config": vision}, target)
    preprocessor = {
        "size": {"height": 256, "width": 256}, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
    }
    write_json("preprocessor_config.json", preprocessor, target)
    # The padding of Gemma's tokenizer.
    write_json("siglip2-b-16-256.json", siglip_reference(model, 256, 256000, 64, (4, 6), 300, 0), folder)


TINY = {
    "open_clip": tiny_open_clip,
    "transformers": tiny_transformers,
    "cbow": tiny_cbow,
    "siglip": tiny_siglip,
    "open_clip_siglip": tiny_open_clip_siglip,
    "pe_core": tiny_pe_core,
    "mobile_clip": tiny_mobile_clip,
    "mobile_clip_vit": tiny_mobile_clip_vit,
}
FULL = {"clip": full, "siglip": full_siglip, "mobile_clip": full_mobile_clip, "pe_core": full_pe_core}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR", help="make the full-size models there instead")
    parser.add_argument("--only", action="append", metavar="NAME", help="make only this one; may be repeated")
    options = parser.parse_args()
    for name, make in (FULL if options.full else TINY).items():
        if options.only and name not in options.only:
            continue
        make(options.full) if options.full else make()


if __name__ == "__main__":
    main()
