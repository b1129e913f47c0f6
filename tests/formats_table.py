#!/usr/bin/env python3
"""What Taglens reads of a collection of pictures, format by format, and how far it is from other readers.

    pip install pillow==11.3.0 pillow-heif==1.8.1 pillow-jxl-plugin==1.3.8 numpy      (av, for videos)
    cargo build --release --bin taglens --example decode_photo
    tests/formats_table.py --taglens target/release/taglens --decode target/release/examples/decode_photo \
        FOLDER... [--files] [--json OUT]

The program says what it reads and why it refuses the rest (`taglens embed`); the example decodes each file
in a process of its own, which says how much memory it held at most. The references are Pillow, with
libheif and libjxl as plug-ins; FFmpeg (PyAV) for videos; and for raw files the largest picture that
exiftool finds in them. The difference is the mean over all samples of the whole, upright pictures, in
levels of 255.
"""

import argparse
import collections
import io
import json
import statistics
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).parent / "golden"))
from pillow_picture import upright_srgb  # noqa: E402

try:
    import pillow_heif

    pillow_heif.register_heif_opener()
except ImportError:
    print("without pillow-heif: no reference for HEIC", file=sys.stderr)
try:
    import pillow_jxl  # noqa: F401 (registers itself)
except ImportError:
    print("without pillow-jxl-plugin: no reference for JPEG XL", file=sys.stderr)

RAW = "3fr arw cr2 cr3 crw dng erf iiq mrw nef nrw orf pef raf rw2 rwl sr2 srw x3f".split()
VIDEOS = "3gp m4v mov mp4".split()
ONE = {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif", "hif": "heic", "heif": "heic"}
NO_PICTURES = "csv txt md json xmp license py sh toml html xml icc icm mat nii gz".split()
PREVIEWS = ["JpgFromRaw", "PreviewImage", "JpgFromRaw2", "OtherImage", "ThumbnailImage"]


def kind(path):
    name = path.suffix.lower().lstrip(".")
    return ONE.get(name, name)


def pillow(source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(source) as image:
            return upright_srgb(image)


def preview(path):
    """The largest picture that exiftool finds in a raw file, turned as the file says."""
    best = None
    for tag in PREVIEWS:
        found = subprocess.run(["exiftool", "-b", f"-{tag}", path], capture_output=True).stdout
        try:
            with Image.open(io.BytesIO(found)) as image:
                image.load()
                if best is None or image.width * image.height > best.width * best.height:
                    best = image.convert("RGB")
        except Exception:
            continue
    if best is None:
        raise ValueError("exiftool finds no preview")
    turned = subprocess.run(["exiftool", "-n", "-s3", "-IFD0:Orientation", path], capture_output=True, text=True)
    exif = Image.Exif()
    exif[274] = int(turned.stdout.strip() or 1)
    best.info["exif"] = exif.tobytes()
    best.getexif()[274] = exif[274]
    return ImageOps.exif_transpose(best)


def video(path):
    """The first key frame as FFmpeg decodes it."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        frame = next(container.decode(stream))
        image = frame.to_image(interpolation="BILINEAR")
        turn = getattr(frame, "rotation", 0) or 0
        return image.rotate(turn, expand=True)


def reference(path):
    name = kind(path)
    if name in RAW:
        return preview(path)
    if name in VIDEOS:
        return video(path)
    return pillow(path)


def ours(decode, path, pixels):
    """The example's line of JSON, or how its process ended."""
    run = subprocess.run([decode, path, pixels], capture_output=True)
    if run.returncode != 0:
        return {"refused": f"the process ended with status {run.returncode}", "square_ms": 0, "peak_mib": 0}
    return json.loads(run.stdout)


def refused_by_program(taglens, paths):
    """What the program itself says of files it does not read."""
    errors = {}
    for start in range(0, len(paths), 200):
        part = [str(path) for path in paths[start : start + 200]]
        run = subprocess.run(
            [taglens, "--format", "jsonl", "--quiet", "embed", *part], capture_output=True, text=True
        )
        for line in run.stdout.splitlines():
            entry = json.loads(line)
            if "error" in entry:
                errors[entry["path"]] = entry["error"]
    return errors


def compare(path, line, pixels):
    try:
        expected = reference(path)
    except Exception as error:
        return {"reference": f"{type(error).__name__}: {error}"}
    if "refused" in line:
        return {"read_by_reference": True}
    with Image.open(pixels) as image:
        found = np.asarray(image.convert("RGB")).astype(np.int16)
    expected = np.asarray(expected).astype(np.int16)
    if found.shape != expected.shape:
        sizes = [f"{shape[1]}×{shape[0]}" for shape in (found.shape, expected.shape)]
        return {"read_by_reference": True, "sizes": sizes}
    apart = np.abs(found - expected)
    return {"read_by_reference": True, "mean": float(apart.mean()), "most": int(apart.max())}


def table(entries):
    groups = collections.defaultdict(list)
    for entry in entries:
        groups[entry["kind"]].append(entry)
    print("| format | files | read | refused | of these the reference reads | median, greatest mean difference | "
          "median, greatest ms to the square | whole picture, greatest ms | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, group in sorted(groups.items()):
        read = [e for e in group if "refused" not in e]
        refused = [e for e in group if "refused" in e]
        missed = sum(e.get("read_by_reference", False) for e in refused)
        means = [e["mean"] for e in read if "mean" in e]
        square = [e["square_ms"] for e in read]
        whole = [e.get("whole_ms", 0) for e in read]
        apart = f"{statistics.median(means):.2f}, {max(means):.2f} ({len(means)})" if means else "–"
        took = f"{statistics.median(square):.0f}, {max(square):.0f}" if square else "–"
        print(f"| {name} | {len(group)} | {len(read)} | {len(refused)} | {missed} | {apart} | {took} | "
              f"{max(whole, default=0):.0f} | {max(e['peak_mib'] for e in group):.0f} |")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--taglens", help="the program, which says what it refuses")
    options.add_argument("--decode", required=True, help="the example decode_photo")
    options.add_argument("--files", action="store_true", help="a line a file too")
    options.add_argument("--json", type=Path, help="where to write all that was found")
    chosen = options.parse_args()
    paths = sorted(p for folder in chosen.folders for p in folder.rglob("*") if p.is_file())
    paths = [p for p in paths if kind(p) not in NO_PICTURES]
    said = refused_by_program(chosen.taglens, paths) if chosen.taglens else {}
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "pixels.ppm"
        for path in paths:
            pixels.unlink(missing_ok=True)
            line = ours(chosen.decode, path, pixels)
            entry = {"file": str(path), "kind": kind(path), **line}
            entry.update(compare(path, line, pixels))
            if str(path) in said:
                entry["program"] = said[str(path)]
            entries.append(entry)
            if chosen.files:
                facts = {k: v for k, v in entry.items() if k not in ("kind", "file")}
                print(f"{path}: {json.dumps(facts, ensure_ascii=False)}", flush=True)
    table(entries)
    if chosen.json:
        chosen.json.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
