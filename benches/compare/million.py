#!/usr/bin/env python3
"""A library of a million photos, by the command line: how long each step takes, memory, and sizes.

    million.py [--count 1000000] [--taglens FILE] [--work FOLDER]

The photos are small and all different (make_photos.py), and the model is a tower of one small block with
embeddings as long as ViT-B/32's: what is measured is all that Taglens does beside decoding and the
model, whose speed inference.py and end_to_end.py measure. It needs 8 GB of disk for a million.

Prints a Markdown table: a step, its seconds, its processor time, its peak memory.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import environment

if "--no-environment" not in sys.argv:
    environment.enter(environment.TO_MEASURE)

import make_photos
import numpy as np
from safetensors.numpy import save_file

DIMENSION, WIDTH, PICTURE, VOCABULARY, CONTEXT = 512, 64, 32, 49408, 77
CONFIG = {"embed_dim": DIMENSION,
          "vision_cfg": {"image_size": PICTURE, "layers": 1, "width": WIDTH, "head_width": WIDTH, "patch_size": 16},
          "text_cfg": {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": WIDTH, "heads": 1, "layers": 1}}


def save_model(folder):
    """A CLIP of one block a tower in OpenCLIP's layout."""
    random = np.random.default_rng(1)

    def normal(*shape):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(shape[-1] ** -0.5)

    tensors = {"logit_scale": np.array(4.6052, dtype=np.float32),
               "token_embedding.weight": normal(VOCABULARY, WIDTH), "positional_embedding": normal(CONTEXT, WIDTH),
               "text_projection": normal(WIDTH, DIMENSION), "visual.conv1.weight": normal(WIDTH, 3, 16, 16),
               "visual.class_embedding": normal(WIDTH), "visual.proj": normal(WIDTH, DIMENSION),
               "visual.positional_embedding": normal((PICTURE // 16) ** 2 + 1, WIDTH)}
    norms = ["visual.ln_pre", "visual.ln_post", "ln_final"]
    for prefix in ("visual.transformer.resblocks.0.", "transformer.resblocks.0."):
        norms += [f"{prefix}ln_1", f"{prefix}ln_2"]
        for name, outputs, inputs in (("attn.in_proj_", 3 * WIDTH, WIDTH), ("attn.out_proj.", WIDTH, WIDTH),
                                      ("mlp.c_fc.", 4 * WIDTH, WIDTH), ("mlp.c_proj.", WIDTH, 4 * WIDTH)):
            tensors[f"{prefix}{name}weight"] = normal(outputs, inputs)
            tensors[f"{prefix}{name}bias"] = normal(outputs)
    for name in norms:
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = np.ones(WIDTH, np.float32), normal(WIDTH)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG}), encoding="utf-8")


class Library:
    """Runs commands on one library, and notes what they take."""

    def __init__(self, taglens, work):
        self.file, self.rows = work / "library.sqlite", []
        self.command = [str(taglens), "--library", str(self.file), "--model", str(work / "model"), "--device", "cpu",
                        "--quiet", "--format", "json"]

    def run(self, step, *arguments):
        start = time.monotonic()
        with subprocess.Popen([*self.command, *map(str, arguments)], stdout=subprocess.PIPE) as child:
            said = child.stdout.read()
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        if child.returncode:
            sys.exit(f"{step} ended with {child.returncode}")
        row = (step, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        self.rows.append(row)
        print("| {} | {:.2f} | {:.2f} | {:.0f} |".format(*row), flush=True)
        return said


def prepare(options):
    """The photos, the model and two vocabularies that differ in one label."""
    done = options.work / "made"
    if not done.exists():
        shutil.rmtree(options.work, ignore_errors=True)
        options.work.mkdir(parents=True)
        print(f"making {options.count} photos in {options.work}", file=sys.stderr)
        make_photos.small(options.count, options.work / "photos", 2)
        done.touch()
    save_model(options.work / "model")
    for path in options.work.glob("library.*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def with_comment(data):
    """The JPEG with one more comment: another file with the same picture."""
    comment = b"changed"
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--taglens", type=Path, default=environment.ROOT / "target" / "release" / "taglens")
    parser.add_argument("--work", type=Path, default=environment.WORK / "million")
    parser.add_argument("--no-environment", action="store_true", help="the packages are there already")
    options = parser.parse_args()
    prepare(options)
    photos, library = options.work / "photos", Library(options.taglens, options.work)
    print("| step | seconds | processor time, s | peak memory, MiB |\n|---|---|---|---|")
    counted = json.loads(library.run("first `index`", "index", photos))
    if counted["embedded"] != options.count:
        sys.exit(f"{counted['embedded']} of {options.count} photos were embedded")
    library.run("second `index`, nothing has changed", "index")
    changed = next(photos.rglob("*.jpg"))
    changed.write_bytes(with_comment(changed.read_bytes()))
    # A file that was written this moment would be waited for.
    os.utime(changed, (time.time() - 60, time.time() - 60))
    library.run("`index`, one photo has changed", "index")
    words = options.work / "labels.toml"
    library.run("`vocabulary export`", "vocabulary", "export", words)
    text = words.read_text(encoding="utf-8")
    words.write_text(text + '\n[[label]]\nname = "a label more"\n', encoding="utf-8")
    library.run("`vocabulary import`, one label more", "vocabulary", "import", words)
    library.run("`index`, one label more", "index")
    library.run("`search`", "search", "a dog on a beach", "--limit", "100")
    library.run("`decide` on one photo", "decide", "accept", "a label more", changed)
    library.run("`status`", "status")
    for name in ("library.sqlite", "library.sqlite.thumbnails"):
        size = (options.work / name).stat().st_size
        print(f"{name}: {size / 1e6:.0f} MB, {size / options.count:.0f} bytes a photo")
    print(f"first index: {options.count / library.rows[0][1]:.0f} photos a second")


if __name__ == "__main__":
    main()
