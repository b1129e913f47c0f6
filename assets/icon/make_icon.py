"""Draws Taglens's icon: a photo, and the tag that hangs over its corner.

Run with Pillow installed: python make_icon.py
Writes taglens-256.png beside itself. Drawn at four times its size and scaled down.
"""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = 256
SCALE = 4
N = SIZE * SCALE


def s(*values):
    """Units of the 256-pixel grid, as pixels of the large drawing."""
    return [round(v * SCALE) for v in values]


def gradient(top, bottom):
    column = Image.new("RGB", (1, N))
    for y in range(N):
        t = y / (N - 1)
        column.putpixel((0, y), tuple(round(a + (b - a) * t) for a, b in zip(top, bottom)))
    return column.resize((N, N))


def rounded(box, radius):
    mask = Image.new("L", (N, N), 0)
    ImageDraw.Draw(mask).rounded_rectangle(s(*box), radius * SCALE, fill=255)
    return mask


def smooth(mask, radius):
    """Rounds a shape's corners: blurred, then cut where it was half covered."""
    blurred = mask.filter(ImageFilter.GaussianBlur(radius * SCALE))
    return blurred.point(lambda v: max(0, min(255, (v - 128) * 12 + 128)))


def paste(canvas, fill, mask):
    layer = fill if isinstance(fill, Image.Image) else Image.new("RGB", (N, N), fill)
    layer = layer.convert("RGBA")
    layer.putalpha(mask)
    canvas.alpha_composite(layer)


def polygon(points):
    mask = Image.new("L", (N, N), 0)
    ImageDraw.Draw(mask).polygon([tuple(s(*p)) for p in points], fill=255)
    return mask


def draw():
    canvas = Image.new("RGBA", (N, N), (0, 0, 0, 0))
    # The photo: a tile with a sky, a sun and two hills.
    tile = rounded((14, 14, 242, 242), 52)
    paste(canvas, gradient((64, 140, 196), (150, 208, 214)), tile)
    sun = Image.new("L", (N, N), 0)
    ImageDraw.Draw(sun).ellipse(s(44, 44, 92, 92), fill=255)
    paste(canvas, (255, 244, 214), sun)
    far = smooth(polygon([(-60, 262), (78, 128), (190, 262)]), 7)
    paste(canvas, (44, 122, 138), ImageChops.multiply(far, tile))
    near = smooth(polygon([(30, 300), (166, 152), (320, 300)]), 7)
    paste(canvas, (22, 82, 104), ImageChops.multiply(near, tile))

    # The tag: a label that points to the upper left, with its hole and a shadow under it.
    shape = smooth(
        polygon(
            [(106, 106), (166, 106), (226, 166), (226, 174), (174, 226), (166, 226), (106, 166)]
        ),
        6,
    )
    hole = Image.new("L", (N, N), 0)
    ImageDraw.Draw(hole).ellipse(s(123, 123, 149, 149), fill=255)
    tag = ImageChops.subtract(shape, hole)
    shadow = ImageChops.offset(tag, 0, 4 * SCALE).filter(ImageFilter.GaussianBlur(6 * SCALE))
    shadow = ImageChops.multiply(shadow, tile).point(lambda v: v * 110 // 255)
    paste(canvas, (6, 30, 44), shadow)
    paste(canvas, gradient((255, 196, 92), (240, 138, 52)), tag)
    return canvas


if __name__ == "__main__":
    folder = Path(__file__).parent
    icon = draw().resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    icon.save(folder / "taglens-256.png", optimize=True)
