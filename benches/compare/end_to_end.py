#!/usr/bin/env python3
"""Photos a second from files to embeddings: Taglens beside Pillow and ONNX Runtime.

    end_to_end.py --taglens target/release/taglens --photos target/compare/twelve --rounds 5

Makes what is missing (the environment, the models, and the photos where --photos is left out).
Every engine is one process on the same two cores, and the engines take turns: one run of each a
round, in an order that shifts by one, so that a machine that gets slower or quicker meets them
all. Each engine is also run on a folder without photos, in every round: that is what starting and
reading the model costs, and the table has the figures with and without it.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environment

environment.enter(environment.TO_MEASURE, "requirements-inference.txt")

import engines
import inference
from environment import HERE, ROOT, WORK

MODELS = WORK / "inference" / inference.PROVED
PHOTOS = 48


def ready(photos, source):
    """The models and the photos, made where they are missing."""
    MODELS.mkdir(parents=True, exist_ok=True)
    inference.prepare(MODELS, inference.PROVED)
    if photos is None:
        photos = WORK / "twelve"
        make = [sys.executable, str(HERE / "make_photos.py"), "twelve", str(PHOTOS), str(photos)]
        subprocess.run(make + (["--source", str(source)] if source else []), check=True)
    return photos


def has_command(taglens, command):
    """Whether this build's help lists the command; an unknown one would be taken for a folder."""
    shown = subprocess.run([taglens, "--help"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    return any(line.split()[:1] == [command] for line in shown.splitlines())


def commands(options, library):
    """The engines by name; each a function from a folder to a command line."""
    taglens = str(options.taglens)
    python = [sys.executable, str(HERE / "engines.py")]
    exact, small = str(MODELS / "plain-image-fp32.onnx"), str(MODELS / "plain-image-int8.onnx")
    calibrated, vit = str(MODELS / "plain-image-int8.xml"), str(MODELS / "plain")

    def embed(model, precision="exact"):
        return lambda folder: [taglens, "embed", str(folder), "--model", model, "--device", "cpu",
                               "--precision", precision, "--format", "jsonl", "--quiet"]

    def index(model):
        return lambda folder: [taglens, "index", str(folder), "--model", model, "--device", "cpu",
                               "--library", str(library), "--quiet"]

    found = {
        "(a) Pillow, ONNX Runtime fp32": lambda folder: [*python, "pillow-fp32", exact, str(folder)],
        "(a′) the same, two decoding threads": lambda folder: [*python, "pillow-fp32-pool", exact, str(folder)],
        "(b) Pillow draft, ONNX Runtime int8": lambda folder: [*python, "draft-int8", small, str(folder)],
        "(c) Pillow draft, OpenVINO int8": lambda folder: [*python, "draft-openvino", calibrated, str(folder)],
        "taglens embed, ViT-B/32": embed(vit),
        "taglens embed, ViT-B/32 fast": embed(vit, "fast"),
        "taglens embed, starter": embed("starter"),
    }
    if has_command(taglens, "index"):
        found["taglens index, ViT-B/32"] = index(vit)
        found["taglens index, starter"] = index("starter")
    else:
        print(f"{taglens} has no `index` yet: it is left out", file=sys.stderr)
    return found


def measure(command, library, expected):
    """Seconds that a command takes; whatever else it should have done is checked first."""
    shutil.rmtree(library.parent, ignore_errors=True)
    library.parent.mkdir(parents=True)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding="utf-8")
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    if counted(command, done.stdout, library) != expected:
        sys.exit(f"{' '.join(command)}\ndid not embed all of the {expected} photos")
    return seconds


def counted(command, output, library):
    """How many photos a run embedded, from what it printed or stored."""
    if command[1] == "embed":
        return sum("embedding" in json.loads(line) for line in output.splitlines())
    if command[1] == "index":
        # The model is named again: embeddings are counted for the one that is in use.
        status = [command[0], "status", "--library", str(library), "--format", "json",
                  "--model", command[command.index("--model") + 1]]
        done = subprocess.run(status, stdout=subprocess.PIPE, check=True, encoding="utf-8")
        return json.loads(done.stdout)["embedded"]
    return json.loads(output)["photos"]


def warm(files):
    """Brings the files into the page cache, so that the first engine does not pay for the disk."""
    return sum(len(file.read_bytes()) for file in files)


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def table(names, rounds, starts, photos):
    """A Markdown table; the first engine is the one that ratios are to."""
    lines = ["| engine | photos/s without start, median (min–max) | ratio to (a) | photos/s with start | ratio to (a) | start, s |",
             "|---|---|---|---|---|---|"]
    figures = {}
    for name in names:
        start = statistics.median(starts[name])
        net = [photos / max(s - start, 1e-9) for s in rounds[name]]
        gross = [photos / s for s in rounds[name]]
        figures[name] = {"net": net, "gross": gross, "start_s": starts[name], "total_s": rounds[name]}
        base = figures[names[0]]

        def ratio(kind):
            return statistics.median(figures[name][kind]) / statistics.median(base[kind])

        lines.append(f"| {name} | {spread(net)} | {ratio('net'):.2f} | {spread(gross)} | {ratio('gross'):.2f} | {start:.2f} |")
    return "\n".join(lines), figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taglens", type=Path, default=ROOT / "target" / "release" / "taglens")
    parser.add_argument("--photos", type=Path, help="a folder of JPEGs; made if left out")
    parser.add_argument("--source", type=Path, help="photographs to make them from")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", metavar="TEXT", action="append",
                        help="leave out the engines without this in their name; (a) always runs")
    parser.add_argument("--json", type=Path, help="also write every single figure there")
    options = parser.parse_args()
    options.taglens = options.taglens.resolve()
    photos = ready(options.photos, options.source)
    # From here on, and not before: making the photos and the models may use all cores.
    environment.limit_to(engines.THREADS)
    files = engines.files_below(photos)
    if not files:
        sys.exit(f"there are no photos in {photos}")
    size_bytes = warm(files)
    with tempfile.TemporaryDirectory(prefix="taglens-compare-") as scratch:
        # The person's own models and library stay out of it.
        os.environ.update(HOME=scratch, XDG_DATA_HOME=f"{scratch}/data")
        os.environ.pop("TAGLENS_LIBRARY", None)
        nothing = Path(scratch) / "nothing"
        nothing.mkdir()
        library = Path(scratch) / "library" / "library.db"
        found = commands(options, library)
        if options.only:
            found = {n: c for n, c in found.items() if n.startswith("(a)") or any(o in n for o in options.only)}
        names = list(found)
        rounds, starts = {n: [] for n in names}, {n: [] for n in names}
        for turn in range(options.rounds):
            for i in range(len(names)):
                name = names[(i + turn) % len(names)]
                starts[name].append(measure(found[name](nothing), library, 0))
                rounds[name].append(measure(found[name](photos), library, len(files)))
                print(f"round {turn + 1}: {name}: {rounds[name][-1]:.2f} s", file=sys.stderr)
    text, figures = table(names, rounds, starts, len(files))
    print(f"{len(files)} photos, {size_bytes / len(files) / 1e6:.2f} MB on average; {options.rounds} rounds; "
          f"{engines.THREADS} of {os.cpu_count()} cores; {platform.machine()}, Python {platform.python_version()}, "
          f"{environment.versions()}\n")
    print(text)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
