#!/usr/bin/env python3
"""Damaged photos of every format: whether a decoder's panic escapes, and the most time and memory of one file.

    cargo build --release --example decode_photo
    tests/format_mutants.py --decode target/release/examples/decode_photo --seconds 600 FOLDER...

Each mutant of a file below the folders is decoded in a process of its own, to the encoder's square and
whole. What harms is kept in the folder `--keep`. The status is 1 if there is any: a process that does not
end with status 0, more than `--most-mib` of memory, or more than `--most-seconds` for a decode.
"""

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SMALL = 3 << 20
ONE = {"jpeg": "jpg", "tiff": "tif", "hif": "heic", "heif": "heic", "m4v": "mp4", "mov": "mp4"}
NO_PICTURES = "csv txt md json xmp license py sh toml html xml".split()


def mutant(whole, others, chance):
    """Bytes changed, removed, doubled, or taken from another file: near the start or the end, or anywhere.

    Half the mutants keep their length, as little is read of files whose parts have moved.
    """
    data = bytearray(whole)
    place, moves = chance.choice(["start", "end", "anywhere", "anywhere"]), chance.random() < 0.5
    for _ in range(chance.randint(1, 4)):
        if len(data) < 2:
            break
        if place == "start":
            at = chance.randrange(min(len(data), 4096))
        elif place == "end":
            at = chance.randrange(max(0, len(data) - 4096), len(data))
        else:
            at = chance.randrange(len(data))
        end = min(len(data), at + chance.randint(1, 64))
        what = chance.randrange(8) if moves else chance.choice([0, 1, 2, 6])
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif what == 2:
            data[at:end] = bytes([chance.choice([0, 0x7F, 0x80, 0xFF])]) * (end - at)
        elif what == 3 and chance.random() < 0.3:
            del data[at:]
        elif what == 4:
            del data[at:end]
        elif what == 5:
            data[at:at] = data[at:end]
        elif what == 6:
            # A large number, in either order.
            number = chance.choice([0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << chance.randrange(32)])
            data[at : at + 4] = number.to_bytes(4, chance.choice(["big", "little"]))[: len(data) - at]
        else:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + 64]
    return bytes(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--decode", required=True, help="the example decode_photo")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=time.time_ns())
    options.add_argument("--most-mib", type=float, default=1024)
    options.add_argument("--most-seconds", type=float, default=5)
    options.add_argument("--keep", type=Path, default=Path("target/mutants"))
    chosen = options.parse_args()
    groups = collections.defaultdict(list)
    for path in sorted(p for folder in chosen.folders for p in folder.rglob("*") if p.is_file()):
        name = path.suffix.lower().lstrip(".")
        if name not in NO_PICTURES and 0 < path.stat().st_size <= SMALL:
            groups[ONE.get(name, name)].append((path.name, path.read_bytes()))
    chance = random.Random(chosen.seed)
    print(f"seed {chosen.seed}", flush=True)
    found = {name: {"tried": 0, "read": 0, "ms": 0, "mib": 0, "contained": 0} for name in groups}
    harm = []
    end = time.monotonic() + chosen.seconds
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "pixels.ppm"
        while time.monotonic() < end:
            # Formats in turn, so that many samples of one do not take the time of the others.
            for kind, files in groups.items():
                name, whole = chance.choice(files)
                data = mutant(whole, [other for _, other in files], chance)
                path = Path(folder) / name
                path.write_bytes(data)
                facts, why = found[kind], None
                facts["tried"] += 1
                try:
                    run = subprocess.run([chosen.decode, path, pixels], capture_output=True, timeout=60)
                    if run.returncode != 0:
                        why = f"status {run.returncode}: {run.stderr.decode(errors='replace')[:300]}"
                    else:
                        line = json.loads(run.stdout)
                        facts["read"] += "refused" not in line
                        facts["contained"] += "decoder failed" in line.get("refused", "")
                        took = max(line["square_ms"], line.get("whole_ms", 0))
                        facts["ms"] = max(facts["ms"], took)
                        facts["mib"] = max(facts["mib"], line["peak_mib"] or 0)
                        if took > chosen.most_seconds * 1000 or (line["peak_mib"] or 0) > chosen.most_mib:
                            why = f"{took:.0f} ms, {line['peak_mib']} MiB"
                except subprocess.TimeoutExpired:
                    why = "more than a minute"
                if why:
                    chosen.keep.mkdir(parents=True, exist_ok=True)
                    kept = chosen.keep / f"{len(harm)}-{name}"
                    kept.write_bytes(data)
                    harm.append(f"{kept}: {why}")
                    print(harm[-1], flush=True)
                path.unlink()
    print("| format | mutants | read | panics contained | greatest ms | greatest MiB |")
    print("|---|---|---|---|---|---|")
    for kind, facts in sorted(found.items()):
        print(f"| {kind} | {facts['tried']} | {facts['read']} | {facts['contained']} | {facts['ms']:.0f} | "
              f"{facts['mib']:.0f} |")
    print(f"{len(harm)} that harm")
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
