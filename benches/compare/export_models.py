"""Makes a model of open_clip with random weights, for Taglens and for other engines.

    export_models.py NAME FOLDER        # NAME as in open_clip.list_models(): PE-Core-B-16

Speed does not depend on what the weights are, so nothing has to be downloaded: open_clip's own
architecture and initialisation from a seed, shaken a little so that no parameter stays 0 or 1.
The folder gets
  plain/                 for `taglens --model`: weights and configuration in OpenCLIP's layout, and a tokenizer
                         of a few words where the model does not have CLIP's
  plain-image-fp32.onnx  the image tower with its normalisation to unit length, exported by PyTorch; branches
                         that a model has only while it is trained are folded
  plain-text-fp32.onnx   the text tower likewise
  inputs.json            what goes in: the width of a picture, the number of tokens

Started by inference.py and cosine.py; needs requirements-export.txt.
"""

import copy
import json
import sys
from pathlib import Path

import environment

if "--no-environment" not in sys.argv:
    environment.enter(environment.TO_MEASURE, environment.TO_EXPORT)

import open_clip
import timm
import torch
from safetensors.torch import save_file

SEED = 32
CLIPS_VOCABULARY = 49_408


class Image(torch.nn.Module):
    """The image tower, to unit length: what a photo's embedding is."""

    def __init__(self, model):
        super().__init__()
        self.visual = copy.deepcopy(model.visual)
        if "fastvit" in type(getattr(self.visual, "trunk", None)).__name__.lower():
            self.visual.trunk = timm.utils.reparameterize_model(self.visual.trunk)

    def forward(self, pixels):
        return torch.nn.functional.normalize(self.visual(pixels), dim=-1)


class Text(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids):
        return self.model.encode_text(ids, normalize=True)


def made(name):
    torch.manual_seed(SEED)
    model = open_clip.create_model(name, precision="fp32").eval()
    with torch.no_grad():
        for key, p in sorted(model.named_parameters()):
            if key not in ("logit_scale", "logit_bias"):
                shake = torch.randn(p.shape) * 0.05
                p.copy_(p + shake if p.dim() == 1 else p * (1 + shake))
    return model


def tokenizer(size):
    """A tokenizer.json that knows the digits."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    words = {word: i for i, word in enumerate(special + [str(i) for i in range(10)])}
    words |= {f"<unused{i}>": i for i in range(len(words), size)}
    added = [{"id": i, "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, word in enumerate(special)]
    end = {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
                                                    {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1], "tokens": ["<eos>"]}}}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Whitespace"}, "post_processor": end, "decoder": None,
            "model": {"type": "WordLevel", "vocab": words, "unk_token": "<unk>"}}


def save_checkpoint(model, name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().contiguous().clone() for k, v in model.state_dict().items() if not k.endswith("attn_mask")}
    save_file(tensors, folder / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config(name), "preprocess_cfg": open_clip.get_model_preprocess_cfg(model)}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    vocabulary = config["model_cfg"]["text_cfg"]["vocab_size"]
    if vocabulary != CLIPS_VOCABULARY:
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer(vocabulary)), encoding="utf-8")


def export(tower, example, name, file):
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.onnx.export(tower.eval(), (example,), str(file), input_names=[name], output_names=["unit_embedding"],
                      dynamic_shapes=({0: batch},), external_data=False, dynamo=True)


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    model = made(name)
    save_checkpoint(model, name, folder / "plain")
    config = open_clip.get_model_config(name)
    text = config["text_cfg"]
    sizes = {"image": config["vision_cfg"]["image_size"], "context": text["context_length"],
             "vocabulary": text["vocab_size"]}
    export(Image(model), torch.zeros(2, 3, sizes["image"], sizes["image"]), "pixels", folder / "plain-image-fp32.onnx")
    ids = torch.zeros(2, sizes["context"], dtype=torch.int64)
    ids[:, 3] = sizes["vocabulary"] - 1
    export(Text(model), ids, "ids", folder / "plain-text-fp32.onnx")
    # Last, as it says that the others are whole.
    (folder / "inputs.json").write_text(json.dumps(sizes) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
