#!/usr/bin/env python3
"""Damaged photos of every format: whether a decoder's panic escapes, and the most time and memory of one file.

    cargo build --release --example decode_photo
    tests/format_mutants.py --decode target/release/examples/decode_photo --seconds 600 FOLDER...

Each mutant of a file below the folders is decoded in a process of its own, to the encoder's square and
whole. Each format gets `--seconds` of processor time, whatever else the machine does; raw files are one
format, as one reader walks through them. What harms is kept in the folder `--keep`. The status is 1 if there
is any: a process that does not end with status 0, more than `--most-mib` of memory, or more than
`--most-seconds` of processor time for both decodes together.
"""

import argparse
import collections
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SMALL = 3 << 20
ONE = {"jpeg": "jpg", "tiff": "tif", "hif": "heic", "heif": "heic", "m4v": "video", "mov": "video", "mp4": "video"}
RAW = "3fr arw cr2 cr3 dng erf iiq mrw nef nrw orf pef raf rw2 rwl sr2 srw x3f".split()
ONE.update(dict.fromkeys(RAW, "raw"))
# A process that asks for more address space than this ends, instead of the machine.
MOST_ADDRESSES = 8 << 30
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


def decoded(decode, path, pixels):
    """The example's line of JSON, why it harms if it does, and the seconds of processor time it took."""

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))

    before, line, why = resource.getrusage(resource.RUSAGE_CHILDREN), {}, None
    try:
        # The time is the wall clock's: on a busy machine, only a file that hangs reaches it.
        run = subprocess.run([decode, path, pixels], capture_output=True, timeout=300, preexec_fn=limited)
        if run.returncode != 0:
            why = f"status {run.returncode}: {run.stderr.decode(errors='replace')[:300]}"
        else:
            line = json.loads(run.stdout)
    except subprocess.TimeoutExpired:
        why = "more than five minutes"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return line, why, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(found, harm):
    print("| format | processor minutes | mutants | read | panics contained | greatest processor s | greatest MiB |")
    print("|---|---|---|---|---|---|---|")
    for kind, facts in sorted(found.items()):
        print(f"| {kind} | {facts['used'] / 60:.1f} | {facts['tried']} | {facts['read']} | {facts['contained']} | "
              f"{facts['most']:.1f} | {facts['mib']:.0f} |")
    print(f"{len(harm)} that harm", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--decode", required=True, help="the example decode_photo")
    options.add_argument("--seconds", type=float, default=60, help="of processor time for each format")
    options.add_argument("--formats", help="only these: heic,avif,jxl,raw,tif,bmp,jpg,png,gif,video")
    options.add_argument("--seed", type=int, default=time.time_ns())
    options.add_argument("--most-mib", type=float, default=1024)
    options.add_argument("--most-seconds", type=float, default=5)
    options.add_argument("--keep", type=Path, default=Path("target/mutants"))
    chosen = options.parse_args()
    only = chosen.formats and chosen.formats.split(",")
    groups = collections.defaultdict(list)
    for path in sorted(p for folder in chosen.folders for p in folder.rglob("*") if p.is_file()):
        name = path.suffix.lower().lstrip(".")
        kind = ONE.get(name, name)
        if only and kind not in only or name in NO_PICTURES:
            continue
        if 0 < path.stat().st_size <= SMALL:
            groups[kind].append((path.name, path.read_bytes()))
    chance = random.Random(chosen.seed)
    print(f"seed {chosen.seed}", flush=True)
    found = {name: {"used": 0, "tried": 0, "read": 0, "contained": 0, "most": 0, "mib": 0} for name in groups}
    harm, shown = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "pixels.ppm"
        # The format that has had least of its time is next, so that a run that is ended early is fair too.
        while (kind := min(groups, key=lambda name: found[name]["used"])) and found[kind]["used"] < chosen.seconds:
            name, whole = chance.choice(groups[kind])
            data = mutant(whole, [other for _, other in groups[kind]], chance)
            path = Path(folder) / name
            path.write_bytes(data)
            line, why, took = decoded(chosen.decode, path, pixels)
            path.unlink()
            facts, mib = found[kind], line.get("peak_mib") or 0
            facts["used"] += took
            facts["tried"] += 1
            facts["read"] += bool(line) and "refused" not in line
            facts["contained"] += "decoder failed" in line.get("refused", "")
            facts["most"] = max(facts["most"], took)
            facts["mib"] = max(facts["mib"], mib)
            if not why and (took > chosen.most_seconds or mib > chosen.most_mib):
                why = f"{took:.1f} s, {mib} MiB"
            if why:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                kept = chosen.keep / f"{len(harm)}-{name}"
                kept.write_bytes(data)
                harm.append(f"{kept}: {why}")
                print(harm[-1], flush=True)
            if time.monotonic() > shown + 300:
                shown = time.monotonic()
                table(found, harm)
    table(found, harm)
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
