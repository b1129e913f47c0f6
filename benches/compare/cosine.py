#!/usr/bin/env python3
"""How far scaled decoding moves embeddings from full decoding, as cosines.

    cosine.py --photos FOLDER                                 # beside Pillow and ONNX Runtime
    cosine.py --photos FOLDER --full-option=--full-decode     # beside Taglens itself, by an option,
    cosine.py --photos FOLDER --full-env TAGLENS_DECODE=full  # or by a variable

Without an option the reference is Pillow's full decoding through the same ViT-B/32 in ONNX
Runtime, in 32 bits: what another program would have made of the photo. With one, Taglens is run
twice, and --model may be any model: `--model starter` says what the change means to a model that
was trained, which the random ViT-B/32 cannot.

A cosine near 1 says little if the model gives every photo nearly the same embedding, so the
cosines between different photos are printed too, and the share of the distance between two
photos that decoding makes up.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import environment

environment.enter(environment.TO_MEASURE)

import numpy as np

import engines
from environment import HERE, ROOT, WORK

MODELS = WORK / "vit-b-32"
MEAN_AT_LEAST = 0.999


def by_taglens(taglens, photos, model, option=None, variable=None):
    """{path: embedding}, for the photos that could be read."""
    command = [str(taglens), "embed", str(photos), "--model", model, "--device", "cpu", "--format", "jsonl",
               "--quiet"]
    added = dict([variable.split("=", 1)]) if variable else {}
    done = subprocess.run(command + ([option] if option else []), stdout=subprocess.PIPE, check=False,
                          encoding="utf-8", env={**os.environ, **added})
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["path"]: np.array(row["embedding"], dtype=np.float32) for row in rows if "embedding" in row}


def by_pillow(paths):
    rows = engines.embeddings(str(MODELS / "plain-image-fp32.onnx"), [Path(p) for p in paths], engines.square)
    return dict(zip(paths, rows))


def between(vectors, pairs=100_000):
    """Cosines between different photos: all pairs, or so many of them."""
    n = len(vectors)
    first, second = np.triu_indices(n, 1)
    if len(first) > pairs:
        chosen = np.random.default_rng(1).choice(len(first), pairs, replace=False)
        first, second = first[chosen], second[chosen]
    return np.einsum("ij,ij->i", vectors[first], vectors[second])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taglens", type=Path, default=ROOT / "target" / "release" / "taglens")
    parser.add_argument("--photos", type=Path, default=WORK / "twelve")
    parser.add_argument("--model", default=str(MODELS / "plain"), help="default: the random ViT-B/32")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--full-option", help="the option that has Taglens decode in full")
    how.add_argument("--full-env", metavar="NAME=VALUE", help="the variable that does")
    parser.add_argument("--worst", type=int, default=3, help="photos to name")
    options = parser.parse_args()
    if options.full_env and "=" not in options.full_env:
        parser.error("--full-env takes NAME=VALUE")
    itself = options.full_option or options.full_env
    if not itself and options.model != str(MODELS / "plain"):
        parser.error("only the ViT-B/32 was exported: another --model needs --full-option or --full-env")
    if not (MODELS / "inputs.json").exists() and "vit-b-32" in options.model:
        subprocess.run([sys.executable, str(HERE / "export_models.py"), "ViT-B-32", str(MODELS)], check=True)

    scaled = by_taglens(options.taglens, options.photos, options.model)
    if itself:
        full = by_taglens(options.taglens, options.photos, options.model, options.full_option, options.full_env)
        # An option that is quietly ignored would make a perfect result out of nothing.
        if all(np.array_equal(scaled[p], full[p]) for p in scaled if p in full):
            sys.exit(f"{itself} changed no embedding at all: is it known, and are there large JPEGs here?")
    else:
        full = by_pillow(list(scaled))
    paths = [p for p in scaled if p in full]
    if not paths:
        sys.exit(f"no photo in {options.photos} was embedded")
    a, b = np.stack([scaled[p] for p in paths]), np.stack([full[p] for p in paths])
    cosines = np.einsum("ij,ij->i", a, b) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    order = np.argsort(cosines)
    reference = f"taglens with {itself}" if itself else "Pillow in full, ONNX Runtime fp32"
    print(f"{len(paths)} photos, {options.model}, beside {reference} ({environment.versions()})\n")
    print("| cosine | mean | 1st percentile | lowest |")
    print("|---|---|---|---|")
    print(f"| to full decoding | {cosines.mean():.6f} | {np.percentile(cosines, 1):.6f} | {cosines.min():.6f} |")
    if len(paths) > 1:
        others = between(b)
        print(f"| between different photos | {others.mean():.6f} | {np.percentile(others, 1):.6f} | {others.min():.6f} |")
        share = np.sqrt((1 - cosines.mean()) / (1 - others.mean()))
        print(f"\nDecoding moves an embedding by {share:.1%} of the distance between two photos.")
    for i in order[:options.worst]:
        print(f"{cosines[i]:.6f} {paths[i]}")
    if cosines.mean() < MEAN_AT_LEAST:
        sys.exit(f"the mean is below {MEAN_AT_LEAST}")


if __name__ == "__main__":
    main()
