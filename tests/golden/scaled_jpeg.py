"""Small JPEG files of every kind that the scaled decoder reads, made from the sample pictures.

    pip install pillow==13.0.0 numpy
    scaled_jpeg.py ../../assets/samples scaled        # run in tests/golden

There are no reference pictures: the test compares with the decoder of whole pictures.
tile.jpeg is what the benchmark pieces its photos together from: 32 units between restarts, and
noise as of a sensor, which gives a third of a megabyte a megapixel.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = {
    "444": dict(subsampling="4:4:4"),
    "422": dict(subsampling="4:2:2"),
    "420": dict(subsampling="4:2:0"),
    "420-restart": dict(subsampling="4:2:0", restart_marker_blocks=3),
    "420-optimised": dict(subsampling="4:2:0", optimize=True),
    "444-progressive": dict(subsampling="4:4:4", progressive=True),
    "420-progressive": dict(subsampling="4:2:0", progressive=True),
    "420-progressive-restart": dict(
        subsampling="4:2:0", progressive=True, restart_marker_blocks=5
    ),
    "grey": dict(grey=True),
    "grey-progressive": dict(grey=True, progressive=True),
}


def main(samples, out):
    out.mkdir(exist_ok=True)
    # No multiple of any unit's size, and not square.
    picture = Image.open(samples / "coffee.jpg").convert("RGB").resize((149, 101), Image.LANCZOS)
    for name, options in KINDS.items():
        options = dict(options)
        source = picture.convert("L") if options.pop("grey", False) else picture
        source.save(out / f"{name}.jpg", quality=85, **options)
    tile = Image.open(samples / "coffee.jpg").convert("RGB").resize((1536, 1152), Image.BICUBIC)
    tile = np.asarray(tile.crop((512, 320, 1024, 704))).astype(np.float32)
    random = np.random.default_rng(1)
    height, width, _ = tile.shape
    tile += random.normal(0, 8, (height, width, 1)) + random.normal(0, 2.7, tile.shape)
    tile = Image.fromarray(np.clip(tile, 0, 255).astype(np.uint8))
    tile.save(out / "tile.jpeg", quality=90, subsampling="4:2:0", restart_marker_blocks=32)


main(Path(sys.argv[1]), Path(sys.argv[2]))
