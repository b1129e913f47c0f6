"""Makes a ViT-B/32 with random weights, for Taglens and for ONNX Runtime.

Speed does not depend on what the weights are, so nothing has to be downloaded: open_clip's own
architecture and initialisation from a seed, shaken a little so that no parameter stays 0 or 1.
The folder gets
  checkpoint/open_clip_model.safetensors and open_clip_config.json   for `taglens --model`
  image-fp32.onnx   the image tower with its normalisation to unit length, exported by PyTorch
  image-int8.onnx   the same after ONNX Runtime's preparation and dynamic quantisation

Started by end_to_end.py and cosine.py; needs requirements-export.txt.
"""

import json
import shutil
import sys
from pathlib import Path

import environment

environment.enter(environment.TO_MEASURE, environment.TO_EXPORT)

import open_clip
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import save_file

NAME = "ViT-B-32"
SEED = 32


class Image(torch.nn.Module):
    """The image tower, to unit length: what a photo's embedding is."""

    def __init__(self, visual):
        super().__init__()
        self.visual = visual

    def forward(self, pixels):
        return torch.nn.functional.normalize(self.visual(pixels), dim=-1)


def model():
    torch.manual_seed(SEED)
    made = open_clip.create_model(NAME, precision="fp32").eval()
    with torch.no_grad():
        for name, p in sorted(made.named_parameters()):
            if name != "logit_scale":
                shake = torch.randn(p.shape) * 0.05
                p.copy_(p + shake if p.dim() == 1 else p * (1 + shake))
    return made


def save_checkpoint(made, folder):
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().contiguous().clone() for k, v in made.state_dict().items() if not k.endswith("attn_mask")}
    save_file(tensors, folder / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config(NAME)}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def export(made, folder):
    exact, prepared, small = (folder / f"image-{kind}.onnx" for kind in ("fp32", "prepared", "int8"))
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.onnx.export(Image(made.visual).eval(), (torch.zeros(2, 3, 224, 224),), str(exact), input_names=["pixels"],
                      output_names=["embedding"], dynamic_shapes={"pixels": {0: batch}}, external_data=False,
                      dynamo=True)
    # Symbolic shapes fail on the exported class token's Expand; the plain inference knows enough.
    quant_pre_process(str(exact), str(prepared), skip_symbolic_shape=True)
    # Matrix products only: ONNX Runtime's integer convolution is slower than its float one, and
    # the patch embedding is the only one here.
    quantize_dynamic(str(prepared), str(small), weight_type=QuantType.QInt8, per_channel=True,
                     op_types_to_quantize=["MatMul", "Gemm"])
    prepared.unlink()


def main():
    folder = Path(sys.argv[1])
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    made = model()
    save_checkpoint(made, unfinished / "checkpoint")
    export(made, unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


if __name__ == "__main__":
    main()
