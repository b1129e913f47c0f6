#!/usr/bin/env python3
"""What Taglens tells about the photos of a collection, beside what exiftool tells.

    cargo build --release --bin taglens
    tests/about_table.py --taglens target/release/taglens FOLDER...

A new library indexes the folders, videos too, and `tags --format json` tells when, where and with what each
photo was taken. exiftool (12.57 or later) reads the same files. A line for each difference, and a table of how
often both tell the same, only one tells something, or both tell something else.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

# Where exiftool looks, best first. Its composite tags join a maker's notes, EXIF and XMP.
FIELDS = {
    "captured": ["Composite:SubSecDateTimeOriginal", "ExifIFD:DateTimeOriginal", "DateTimeOriginal",
                 "CreationDate", "ExifIFD:CreateDate", "QuickTime:CreateDate"],
    "camera": ["Model"],
    "lens": ["Composite:LensID", "LensModel", "Lens", "LensSpec"],
    "exposure_s": ["ExposureTime"],
    "aperture": ["FNumber"],
    "iso": ["ISO"],
    "focal_length_mm": ["FocalLength"],
    "position": ["Composite:GPSPosition"],
    "size": ["Composite:ImageSize"],
}


def exiftool(paths):
    found = {}
    for start in range(0, len(paths), 100):
        part = [str(path) for path in paths[start : start + 100]]
        # Numbers without units, but lenses by name.
        run = subprocess.run(["exiftool", "-j", "-G1", "-n", *part],
                             capture_output=True, text=True)
        for entry in json.loads(run.stdout or "[]"):
            found[entry["SourceFile"]] = entry
        run = subprocess.run(["exiftool", "-j", "-G1", "-LensID", "-LensModel", "-Lens", "-LensSpec", *part],
                             capture_output=True, text=True)
        for entry in json.loads(run.stdout or "[]"):
            numbers = found.setdefault(entry["SourceFile"], {})
            lens = {name: value for name, value in entry.items() if ":Lens" in name}
            found[entry["SourceFile"]] = {k: v for k, v in numbers.items() if not k.split(":")[-1].startswith("Lens")}
            found[entry["SourceFile"]].update(lens)
    return found


def of(entry, field):
    value = found_in(entry, field)
    if field != "iso" or value is None:
        return value
    # Some notes have another number before it, some need arithmetic, and 0 is none.
    return round(numbers(value)[-1]) or None


def found_in(entry, field):
    for name in FIELDS[field]:
        for key, value in entry.items():
            named = key == name or ":" not in name and key.split(":")[-1] == name
            if named and str(value).strip() and not str(value).startswith("0000:"):
                return value
    return None


def ours(entry, field):
    if field == "captured":
        return entry["captured"] if entry["captured_from"] in ("exif", "xmp", "sidecar") else None
    if field == "size":
        return f"{entry['width']} {entry['height']}" if "width" in entry else None
    if field == "position":
        place = entry.get("position")
        return place and f"{place['latitude']} {place['longitude']}"
    return entry.get(field)


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", str(text))]


def same(field, a, b):
    if field == "captured":
        digits = [re.sub(r"\D", "", str(t)[:19]) for t in (a, b)]
        return digits[0] == digits[1]
    if field == "size":
        return sorted(numbers(a)) == sorted(numbers(b))
    if field == "lens" and ("Unknown" in str(b) or str(a)[0].isdigit()):
        # Focal lengths, which exiftool writes without decimals if it knows no name.
        lengths = [[int(n) for n in numbers(re.split("mm", str(t), maxsplit=1)[0].replace("-", " "))] for t in (a, b)]
        return lengths[0] == lengths[1]
    if field in ("camera", "lens"):
        plain = [re.sub(r"[^a-z0-9.]", "", str(t).lower()) for t in (a, b)]
        return plain[0] in plain[1] or plain[1] in plain[0]
    pairs = list(zip(numbers(a), numbers(b)))
    return bool(pairs) and all(abs(x - y) <= 0.002 * max(abs(x), abs(y), 0.01) for x, y in pairs)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--taglens", required=True)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TAGLENS_LIBRARY": f"{folder}/library.sqlite"}
        run = [chosen.taglens, "--quiet"]
        folders = [str(f.resolve()) for f in chosen.folders]
        subprocess.run([*run, "index", "--videos", "yes", *folders], env=environment, capture_output=True)
        told = subprocess.run([*run, "--format", "json", "tags"], env=environment, capture_output=True, text=True)
    entries = {entry["path"]: entry for entry in json.loads(told.stdout)}
    read = exiftool(sorted(entries))
    counts = collections.defaultdict(collections.Counter)
    for path, entry in sorted(entries.items()):
        for field in FIELDS:
            a, b = ours(entry, field), of(read.get(path, {}), field)
            if a is None and b is None:
                continue
            what = "same" if a is not None and b is not None and same(field, a, b) else None
            what = what or ("only exiftool" if a is None else "only Taglens" if b is None else "different")
            counts[field][what] += 1
            if what != "same":
                print(f"{what}: {field}: {path}: {a!r}, exiftool {b!r}")
    print("| | same | only exiftool | only Taglens | different |")
    print("|---|---|---|---|---|")
    for field, found in counts.items():
        print(f"| {field} | " + " | ".join(str(found[w]) for w in ("same", "only exiftool", "only Taglens", "different")) + " |")


if __name__ == "__main__":
    main()
