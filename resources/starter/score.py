#!/usr/bin/env python3
"""Scores `taglens tag --scores` on labelled photographs; needs Python 3.9 and nothing else.

    score.py --photos FOLDER [--taglens target/release/taglens] [-- OPTIONS OF taglens...]

FOLDER has up to three sets:
  objects   one folder a kind, named after it: zero-shot top-1 among the folders' names
  coco      labels.csv (file,labels with | between them) and vocabulary.txt: mean average precision
            over labels with three or more positives, and how often the top label is right
  imagenet  one photograph a kind, FILE_kind_name.JPEG: top-1 among the kinds
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIN_POSITIVES = 3


def tag(options, photos, labels):
    """The scores that taglens gives: {path: {label: score}}."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as vocabulary:
        vocabulary.write("\n".join(labels) + "\n")
        vocabulary.flush()
        command = [options.taglens, "tag", str(photos), "--labels", vocabulary.name, "--scores",
                   "--top", "1", "--format", "jsonl", "--quiet", *options.rest]
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False, encoding="utf-8")
        seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    missing = set(labels) - set(rows[0]["scores"])
    if missing:
        sys.exit(f"no scores for {sorted(missing)}")
    print(f"  {len(rows)} photos in {seconds:.1f} s with {len(labels)} labels")
    return {Path(row["path"]): row["scores"] for row in rows}


def best(scores):
    return max(scores, key=scores.get)


def average_precision(scores, positive):
    """Mean of the precision at every positive, the highest score first."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    hits, total = 0, 0.0
    for rank, i in enumerate(order, 1):
        if positive[i]:
            hits += 1
            total += hits / rank
    return total / hits


def single(options, photos, kind_of):
    """Top-1 where every photo has one kind; the kinds that go wrong."""
    files = [f for f in sorted(photos.rglob("*")) if f.is_file() and kind_of(f)]
    kinds = sorted({kind_of(f) for f in files})
    scores = tag(options, photos, kinds)
    wrong = {}
    for file in files:
        guess = best(scores[file])
        if guess != kind_of(file):
            wrong.setdefault(kind_of(file), []).append(guess)
    right = len(files) - sum(map(len, wrong.values()))
    print(f"  top-1 {right / len(files):.4f} ({right} of {len(files)})")
    options.measured[photos.name] = right / len(files)
    if options.verbose:
        for kind, guesses in sorted(wrong.items(), key=lambda kv: -len(kv[1])):
            print(f"    {kind}: {len(guesses)} wrong: {', '.join(sorted(set(guesses)))}")


def coco(options, photos):
    labels = (photos / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    labels = [label.strip() for label in labels if label.strip()]
    with open(photos / "labels.csv", encoding="utf-8") as file:
        truth = {row["file"]: set(row["labels"].split("|")) for row in csv.DictReader(file)}
    scores = {path.name: s for path, s in tag(options, photos, labels).items()}
    names = sorted(truth)
    precisions = {}
    for label in labels:
        positive = [label in truth[name] for name in names]
        if sum(positive) >= MIN_POSITIVES:
            precisions[label] = average_precision([scores[n][label] for n in names], positive)
    top = sum(best(scores[name]) in truth[name] for name in names) / len(names)
    mean = sum(precisions.values()) / len(precisions)
    print(f"  mAP {mean:.4f} over {len(precisions)} labels, top-1 precision {top:.4f}")
    options.measured.update({"coco-map": mean, "coco-top1": top})
    if options.verbose:
        for label, precision in sorted(precisions.items(), key=lambda kv: kv[1]):
            print(f"    {label}: {precision:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--taglens", default="target/release/taglens")
    parser.add_argument("--verbose", action="store_true", help="what goes wrong, by kind")
    parser.add_argument("--minimum", action="append", default=[], metavar="NAME=FIGURE",
                        help="fail below it; objects, coco-map, coco-top1 or imagenet")
    parser.add_argument("rest", nargs="*", help="options of taglens, after --")
    options = parser.parse_args()
    options.measured = {}
    print("objects")
    single(options, options.photos / "objects", lambda f: f.parent.name)
    print("coco")
    coco(options, options.photos / "coco")
    print("imagenet")
    single(options, options.photos / "imagenet",
           lambda f: f.stem.split("_", 1)[1] if "_" in f.stem else "")
    for minimum in options.minimum:
        name, figure = minimum.split("=")
        if options.measured[name] < float(figure):
            sys.exit(f"{name} is {options.measured[name]:.4f}, below {figure}")


if __name__ == "__main__":
    main()
