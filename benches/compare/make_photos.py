#!/usr/bin/env python3
"""Makes the photos that the comparisons and proofs are run on, the same ones every time.

    make_photos.py small 100000 DIR                    # 64×48 pixels each, every one different
    make_photos.py twelve 48 DIR --source FOLDER       # 4000×3000, 3 to 5 MB each, from FOLDER's photos

`small` stands for the number of files: scanning, storing and noticing changes cost per file, not
per pixel. `twelve` stands for what cameras write: an upscaled photograph alone compresses to a
tenth of a camera's file, so grain is added until the size is right, as decoding time depends on
how much the entropy decoder has to read.
"""

import argparse
import io
import multiprocessing
import sys
import time
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.enter(environment.TO_MEASURE)

import numpy as np
from PIL import Image, ImageOps

SMALL = (64, 48)
FOLDERS = 200
TWELVE = (4000, 3000)
QUALITY = 90
# Grain is tuned until the file is this near to the size that was drawn for it.
TOLERANCE_BYTES = 150_000
PICTURES = {".jpg", ".jpeg", ".png"}


def small_picture(index):
    """A few coloured waves whose numbers come from `index` alone."""
    rng = np.random.default_rng([7, index])
    x = np.linspace(0, 2 * np.pi, SMALL[0], dtype=np.float32)
    y = np.linspace(0, 2 * np.pi, SMALL[1], dtype=np.float32)
    across, down, phase = rng.random((3, 3), dtype=np.float32)
    waves = np.sin(np.outer(y, down * 3)[:, None, :] + np.outer(x, across * 5)[None, :, :] + phase * 6)
    return Image.fromarray(((waves + 1) * 127.5).astype(np.uint8))


def save_small(task):
    """Writes a folder's worth of small photos, numbered from `first` to before `last`."""
    folder, first, last = task
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(first, last):
        # The comment makes the files differ even where two pictures should round to the same one.
        small_picture(index).save(folder / f"{index:06}.jpg", quality=80, comment=str(index).encode())
    return last - first


def small(count, folder, processes):
    per_folder = -(-count // FOLDERS)
    tasks = [(folder / f"{i:03}", i * per_folder, min(count, (i + 1) * per_folder))
             for i in range(FOLDERS) if i * per_folder < count]
    with multiprocessing.Pool(processes) as pool:
        return sum(pool.imap_unordered(save_small, tasks))


def enlarged(path):
    """The middle of a photograph, in the size and shape of a twelve-megapixel camera's."""
    with Image.open(path) as image:
        return ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), TWELVE, Image.Resampling.BICUBIC)


def grain(seed):
    """Noise as a sensor's: much in lightness, less in colour. Standard deviation 1 for lightness."""
    rng = np.random.default_rng([12, seed])
    noise = rng.standard_normal((TWELVE[1], TWELVE[0], 1), dtype=np.float32)
    half = (TWELVE[1] // 2, TWELVE[0] // 2, 3)
    colour = rng.standard_normal(half, dtype=np.float32).repeat(2, 0).repeat(2, 1)
    return noise + 0.5 * colour


def encoded(pixels, noise, strength):
    noisy = np.clip(pixels + strength * noise, 0, 255).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(noisy).save(data, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return data.getvalue()


def save_twelve(task):
    """One photo; returns its path and size in bytes."""
    source, path, seed = task
    if path.exists():
        return path, path.stat().st_size
    wanted = np.random.default_rng([5, seed]).integers(3_300_000, 4_700_000)
    pixels = np.asarray(enlarged(source), dtype=np.float32)
    noise = grain(seed)
    low, high = 0.0, 24.0
    for _ in range(12):
        strength = (low + high) / 2
        data = encoded(pixels, noise, strength)
        if abs(len(data) - wanted) < TOLERANCE_BYTES:
            break
        low, high = (strength, high) if len(data) < wanted else (low, strength)
    if not 3_000_000 <= len(data) <= 5_000_000:
        sys.exit(f"{source} cannot be brought to between 3 and 5 MB: {len(data)} bytes")
    whole = path.with_suffix(".part")
    whole.write_bytes(data)
    whole.rename(path)
    return path, len(data)


def twelve(count, folder, source, processes):
    found = sorted(p for p in source.rglob("*") if p.suffix.lower() in PICTURES)
    if not found:
        sys.exit(f"there are no JPEG or PNG photos below {source}: name a folder with --source")
    # Spread over the whole folder, so that all its kinds of photo are among them.
    chosen = [found[i * len(found) // count % len(found)] for i in range(count)]
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(s, folder / f"{i:03}.jpg", i) for i, s in enumerate(chosen)]
    with multiprocessing.Pool(processes) as pool:
        return list(pool.imap_unordered(save_twelve, tasks))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["small", "twelve"])
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", type=Path, default=environment.shared() / "photos",
                        help="photographs to make the twelve-megapixel ones from")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.count < 1:
        parser.error("COUNT is at least 1")
    start = time.monotonic()
    if options.kind == "small":
        made = small(options.count, options.folder, options.processes)
        what = f"{made} photos of {SMALL[0]}×{SMALL[1]} pixels"
    else:
        made = twelve(options.count, options.folder, options.source, options.processes)
        sizes = sorted(size / 1e6 for _, size in made)
        what = f"{len(made)} photos of {TWELVE[0]}×{TWELVE[1]} pixels, {sizes[0]:.2f} to {sizes[-1]:.2f} MB"
    print(f"{what} in {options.folder}, made in {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
