"""Reference preprocessing: what CLIP's own transform makes of a picture, as PNG crops.

    pip install pillow==11.3.0 pillow-heif==1.8.1 pillow-jxl-plugin==1.3.8 torchvision==0.29.2 \
        open_clip_torch==3.2.0 numpy
    preprocess_reference.py samples  tests/golden/preprocess      # writes the small sources and their crops
    preprocess_reference.py folder   ROOT OUT [SUBFOLDER ...]     # crops of every file below ROOT/SUBFOLDER

The transform is open_clip's `image_transform(size, is_train=False)` without its last two steps
(ToTensor, Normalize). Four rules come before it, where Pillow alone would spoil a picture:
EXIF orientation is applied, transparency is laid over white, 16-bit grey is scaled to 8 bits, and
the colours of an RGB profile are converted to sRGB.

OUT/index.json lists, for each file, its name, and either the crop's file name or why Pillow
could not read it (`error`).
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import open_clip.transform
import pillow_heif
import pillow_jxl  # noqa: F401 (registers itself)
from PIL import Image
from pillow_picture import upright_srgb

pillow_heif.register_heif_opener()

FOLDER_SIZE = 224
SAMPLE_SIZE = 32
# torchvision resizes the whole picture before it crops: a strip of 1×10000 would become 224×2240000.
MAX_RESIZED_PIXELS = 100_000_000


def load(path):
    with Image.open(path) as image:
        if image.mode == "F":
            raise ValueError("floating-point samples have no reference")
        return upright_srgb(image)


def crop(image, size, squash=False):
    width, height = image.size
    if not squash and size * size * max(width, height) / min(width, height) > MAX_RESIZED_PIXELS:
        raise ValueError("too long and thin for the reference")
    mode = "squash" if squash else "shortest"
    steps = open_clip.transform.image_transform(size, is_train=False, resize_mode=mode).transforms
    for step in steps[:-2]:
        image = step(image)
    assert image.size == (size, size) and image.mode == "RGB"
    # What is saved of it has no profile any more.
    image.info.pop("icc_profile", None)
    return image


def folder(root, out, subfolders):
    out.mkdir(parents=True, exist_ok=True)
    index = []
    files = sorted(p for s in subfolders or ["."] for p in (root / s).rglob("*") if p.is_file())
    for number, path in enumerate(files):
        if path.suffix.lower() in (".csv", ".txt", ".md", ".json"):
            continue
        entry = {"file": path.relative_to(root).as_posix()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = crop(load(path), FOLDER_SIZE)
            entry["crop"] = f"{number:05}.png"
            result.save(out / entry["crop"], compress_level=1)
        except Exception as error:  # Whatever Pillow raises is what the index is to say.
            entry["error"] = f"{type(error).__name__}: {error}"
        index.append(entry)
    (out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"{len(index)} files, {sum('crop' in e for e in index)} crops")


def scene(width, height):
    """A smooth picture without symmetry, so that a wrong orientation or channel order shows."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / max(width - 1, 1), y / max(height - 1, 1)
    rings = 0.5 + 0.5 * np.cos(14 * np.hypot(u - 0.3, v - 0.4))
    corner = (u < 0.35) & (v < 0.25)
    red = np.where(corner, 0.9, u)
    green = np.where(corner, 0.1, 0.7 * rings + 0.3 * v)
    blue = np.where(corner, 0.2, 1 - 0.8 * v * u)
    return np.clip(np.stack([red, green, blue], 2) * 255, 0, 255).round().astype(np.uint8)


def png16(path, samples):
    """Pillow writes no 16-bit RGB: this does, for `samples` of [height, width, 3] (uint16)."""
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, _ = samples.shape
    rows = b"".join(b"\0" + samples[r].astype(">u2").tobytes() for r in range(height))
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def segments(jpeg):
    """The segments of a JPEG up to its first scan, and all that follows."""
    at, found = 2, []
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append(jpeg[at:end])
        at = end
    return found, jpeg[at:]


def with_adobe(path, jpeg, transform):
    """Pillow cannot choose the Adobe segment's colour transform: replace it, or leave it out."""
    found, rest = segments(jpeg)
    kept = [s for s in found if s[1] not in (0xE0, 0xEE)]
    if transform is not None:
        kept.insert(0, b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform]))
    path.write_bytes(b"\xff\xd8" + b"".join(kept) + rest)


def write_sources(out):
    rgb = Image.fromarray(scene(61, 45), "RGB")
    alpha = Image.fromarray(scene(61, 45)[:, ::-1, 0].copy(), "L")
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    grey = rgb.convert("L")
    exif = Image.Exif()
    for orientation in range(1, 9):
        exif[0x0112] = orientation
        rgb.save(out / f"orientation-{orientation}.jpg", quality=92, subsampling=0, exif=exif)
    exif[0x0112] = 6
    rgb.save(out / "orientation-6.png", exif=exif)
    rgb.save(out / "orientation-6.webp", lossless=True, exif=exif)
    premultiplied = np.asarray(rgba.convert("RGBa"))
    Image.fromarray(premultiplied, "RGBA").save(
        out / "alpha-associated.tiff", compression="tiff_lzw", tiffinfo={338: 1}
    )
    rgba.save(out / "alpha-unassociated.tiff", compression="tiff_lzw")
    rgb.save(out / "orientation-6.tiff", compression="tiff_lzw", tiffinfo={0x0112: 6})
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="8"/></rdf:RDF></x:xmpmeta>'
    rgb.save(out / "orientation-8-xmp.jpg", quality=92, subsampling=0, xmp=xmp)

    rgb.save(out / "subsampled.jpg", quality=90, subsampling=2)
    rgb.save(out / "subsampled-422.jpg", quality=90, subsampling=1)
    rgb.save(out / "progressive.jpg", quality=90, progressive=True, subsampling=2)
    grey.save(out / "grey.jpg", quality=90)
    rgb.convert("CMYK").save(out / "cmyk.jpg", quality=95)
    cmyk = (out / "cmyk.jpg").read_bytes()
    with_adobe(out / "cmyk-no-adobe.jpg", cmyk, None)
    with_adobe(out / "ycck.jpg", cmyk, 2)
    full = (out / "orientation-1.jpg").read_bytes()
    with_adobe(out / "adobe-rgb.jpg", full, 0)
    with_adobe(out / "adobe-ycc.jpg", full, 1)
    with_adobe(out / "no-jfif.jpg", full, None)
    rgb.save(out / "rgb-ids.jpg", quality=92, subsampling=0, keep_rgb=True)
    rgb.convert("CMYK").save(out / "cmyk.tiff", compression="tiff_lzw")
    rgb.save(out / "rgb.bmp")
    grey.convert("1").save(out / "bits.png")
    grey.convert("1").save(out / "bits.tiff", compression="group4")
    grey.save(out / "grey.tiff")
    rgb.save(out / "lossy.webp", quality=90)
    rgba.save(out / "alpha.webp", lossless=True)
    rgba.save(out / "alpha.png")
    la = grey.convert("LA")
    la.putalpha(alpha)
    la.save(out / "grey-alpha.png")
    palette = rgb.quantize(32)
    palette.save(out / "palette.png")
    palette.save(out / "palette-transparent.png", transparency=bytes(range(0, 256, 8)))
    palette.save(out / "palette.gif")
    palette.save(out / "palette-transparent.gif", transparency=3)
    grey.save(out / "grey-transparent.png", transparency=int(np.asarray(grey)[0, 0]))
    rgb.save(
        out / "animated.gif", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)]
    )
    rgb.save(
        out / "animated.webp", save_all=True, lossless=True,
        append_images=[rgb.transpose(Image.Transpose.ROTATE_180)],
    )
    wide = np.asarray(grey).astype(np.uint16) * 257
    Image.fromarray(wide).save(out / "grey16.png")
    Image.fromarray(wide).save(out / "grey16.tiff")
    png16(out / "rgb16.png", np.asarray(rgb).astype(np.uint16) * 257)
    Image.fromarray(scene(900, 3), "RGB").save(out / "strip-wide.png")
    Image.fromarray(scene(2, 600), "RGB").save(out / "strip-tall.png")
    Image.fromarray(scene(9, 7), "RGB").save(out / "tiny.png")
    Image.fromarray(scene(1, 1), "RGB").save(out / "one.png")
    Image.fromarray(scene(33, 32), "RGB").save(out / "odd-margin.png")
    Image.fromarray(scene(35, 32), "RGB").save(out / "odd-margin-up.png")
    rgb.save(out / "rgb.ppm")


def tiff(path, width, height, bits, tags, strips):
    """Pillow cannot choose how a TIFF is laid out: this can. `tags` are SHORTs beside the usual ones."""
    import struct

    count = len(strips)
    rows = -(-height * (3 if tags.get(284) == [2] else 1) // count)
    entries = {256: [width], 257: [height], 258: bits, 259: [1], 277: [len(bits)], 278: [rows], **tags}
    values = {tag: struct.pack(f"<{len(v)}H", *v) for tag, v in entries.items()}
    start = 8 + sum(map(len, strips))
    offsets = [8 + sum(map(len, strips[:i])) for i in range(count)]
    longs = {273: offsets, 279: [len(s) for s in strips]}
    values.update({tag: struct.pack(f"<{count}I", *v) for tag, v in longs.items()})
    entries.update(longs)
    table, more, at = struct.pack("<H", len(values)), b"", start + 2 + 12 * len(values) + 4
    for tag in sorted(values):
        kind, value = (4 if tag in longs else 3), values[tag]
        table += struct.pack("<HHI", tag, kind, len(entries[tag]))
        if len(value) <= 4:
            table += value.ljust(4, b"\0")
        else:
            table += struct.pack("<I", at + len(more))
            more += value
    path.write_bytes(b"II*\0" + struct.pack("<I", start) + b"".join(strips) + table + bytes(4) + more)


def write_tiff_sources(out):
    rgb = Image.fromarray(scene(61, 45), "RGB")
    grey = rgb.convert("L")
    bits = grey.convert("1")
    for name in ("ccitt", "group3", "packbits"):
        bits.save(out / f"bits-{name}.tiff", compression={"ccitt": "tiff_ccitt"}.get(name, name))
    rgb.quantize(32).save(out / "palette.tiff", compression="tiff_lzw")
    rgb.save(out / "subsampled-jpeg.tiff", compression="jpeg", quality=95)
    grey.save(out / "grey-jpeg.tiff", compression="jpeg", quality=95)
    planes = [bytes(plane.tobytes()) for plane in rgb.split()]
    tiff(out / "planar.tiff", 61, 45, [8, 8, 8], {262: [2], 284: [2]}, planes)
    fours = np.pad(np.asarray(grey) >> 4, ((0, 0), (0, 1)))
    packed = (fours[:, ::2] << 4 | fours[:, 1::2]).astype(np.uint8)
    tiff(out / "grey4.tiff", 61, 45, [4], {262: [1]}, [packed.tobytes()])
    twos = np.pad(np.asarray(grey) >> 6, ((0, 0), (0, 3)))
    packed = (twos[:, ::4] << 6 | twos[:, 1::4] << 4 | twos[:, 2::4] << 2 | twos[:, 3::4]).astype(np.uint8)
    tiff(out / "grey2-inverted.tiff", 61, 45, [2], {262: [0]}, [row.tobytes() for row in packed])
    # Units of two by two pixels with common differences.
    wide = np.asarray(Image.fromarray(scene(60, 44), "RGB").convert("YCbCr")).astype(int)
    y = wide[:, :, 0].reshape(22, 2, 30, 2).transpose(0, 2, 1, 3).reshape(22, 30, 4)
    both = wide[:, :, 1:].reshape(22, 2, 30, 2, 2).mean((1, 3)).round().astype(int)
    units = np.concatenate([y, both], 2).astype(np.uint8)
    # Pillow leaves only compressed data to libtiff, which knows such units: here by PackBits, without runs.
    def packed(rows):
        return [b"".join(bytes([len(p) - 1]) + p for p in (row[:90], row[90:])) for row in rows]

    tags = {259: [32773], 262: [6], 530: [2, 2]}
    tiff(out / "subsampled-ycbcr.tiff", 60, 44, [8, 8, 8], tags, packed([row.tobytes() for row in units]))
    rows = [row.tobytes() for row in wide.astype(np.uint8)]
    tiff(out / "ycbcr.tiff", 60, 44, [8, 8, 8], {**tags, 530: [1, 1]}, packed(rows))


def profile(columns, gamma):
    """A display profile (ICC.1:2001) of these D50 XYZ columns for red, green and blue."""
    import struct

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    def xyz(values):
        return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    text = b"text\0\0\0\0of the tests\0\0\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 6) + b"tests\0" + bytes(78 + 4 + 4 + 2)
    white = (0.9642, 1.0, 0.8249)
    tags = [(b"desc", name), (b"cprt", text), (b"wtpt", xyz(white))]
    tags += [(k, xyz(c)) for k, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns)]
    tags += [(k, curve) for k in (b"rTRC", b"gTRC", b"bTRC")]
    table, data, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for kind, body in tags:
        body += bytes(-len(body) % 4)
        table += kind + struct.pack(">II", at + len(data), len(body))
        data += body
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2024, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += b"".join(map(fixed, white))
    return head.ljust(128, b"\0") + table + data


DISPLAY_P3 = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
WIDE = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]


def write_newer_sources(out):
    rgb = Image.fromarray(scene(61, 45), "RGB")
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray(scene(61, 45)[:, ::-1, 0].copy(), "L"))
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = profile(WIDE, 2.2)
    rgb.save(out / "profile.jpg", quality=92, subsampling=0, icc_profile=wide)
    rgb.save(out / "profile.png", icc_profile=wide)
    rgb.save(out / "profile.webp", lossless=True, icc_profile=wide)
    rgb.save(out / "profile.tiff", compression="tiff_lzw", icc_profile=wide)
    # Large, as readers differ in where they see the samples of subsampled colours.
    large = Image.fromarray(scene(244, 180), "RGB")
    large.save(out / "display-p3.heic", quality=80, icc_profile=profile(DISPLAY_P3, 2.2))
    large.save(out / "subsampled.heic", quality=80)
    rgb.save(out / "full.heic", quality=95, chroma=444)
    rgba.save(out / "alpha.heic", quality=95, chroma=444)
    rgb.save(out / "orientation-6.heic", quality=95, chroma=444, exif=exif)
    rgb.convert("L").save(out / "grey.heic", quality=95)
    large.save(out / "subsampled.avif", quality=80)
    large.save(out / "subsampled-422.avif", quality=80, subsampling="4:2:2")
    rgb.save(out / "full.avif", quality=95, subsampling="4:4:4")
    rgb.save(out / "narrow-range.avif", quality=95, subsampling="4:4:4", range="limited")
    rgba.save(out / "alpha.avif", quality=95, subsampling="4:4:4")
    for orientation in range(2, 9):
        exif[0x0112] = orientation
        rgb.save(
            out / f"orientation-{orientation}.avif", quality=95, subsampling="4:4:4", exif=exif
        )
    rgb.convert("L").save(out / "grey.avif", quality=95, subsampling="4:0:0")
    rgb.save(out / "lossy.jxl", quality=90)
    rgb.save(out / "lossless.jxl", lossless=True)
    rgba.save(out / "alpha.jxl", lossless=True)
    rgb.convert("L").save(out / "grey.jxl", lossless=True)
    rgb.save(out / "profile.jxl", lossless=True, icc_profile=wide)


def samples(out):
    sources, crops = out / "source", out / "crop"
    for directory in (sources, crops):
        directory.mkdir(parents=True, exist_ok=True)
    write_sources(sources)
    write_newer_sources(sources)
    write_tiff_sources(sources)
    for path in sorted(sources.iterdir()):
        image = load(path)
        crop(image, SAMPLE_SIZE).save(crops / f"{path.name}.png", optimize=True)
        if path.name in ("rgb.bmp", "strip-wide.png", "orientation-6.jpg"):
            crop(image, SAMPLE_SIZE, squash=True).save(crops / f"{path.name}.squash.png", optimize=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["samples"] and len(sys.argv) == 3:
        samples(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["folder"] and len(sys.argv) >= 4:
        folder(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    else:
        sys.exit(__doc__)
