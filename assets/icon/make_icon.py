"""Draws Taglens's icon: a photo, and the tag that hangs over its corner.

Run with Pillow installed: python make_icon.py
Writes PNG files of all usual sizes, taglens.ico (Windows), taglens.icns (macOS) and taglens.svg beside
itself. The pictures are drawn at 1024 pixels and scaled down.
"""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = 256
SCALE = 4
N = SIZE * SCALE
SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
SKY = ((64, 140, 196), (150, 208, 214))
SUN = (255, 244, 214)
FAR = (44, 122, 138)
NEAR = (22, 82, 104)
TAG = ((255, 196, 92), (240, 138, 52))
FAR_HILL = [(-60, 262), (78, 128), (190, 262)]
NEAR_HILL = [(30, 300), (166, 152), (320, 300)]
TAG_SHAPE = [(106, 106), (166, 106), (226, 166), (226, 174), (174, 226), (166, 226), (106, 166)]


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
    paste(canvas, gradient(*SKY), tile)
    sun = Image.new("L", (N, N), 0)
    ImageDraw.Draw(sun).ellipse(s(44, 44, 92, 92), fill=255)
    paste(canvas, SUN, sun)
    far = smooth(polygon(FAR_HILL), 7)
    paste(canvas, FAR, ImageChops.multiply(far, tile))
    near = smooth(polygon(NEAR_HILL), 7)
    paste(canvas, NEAR, ImageChops.multiply(near, tile))

    # The tag: a label that points to the upper left, with its hole and a shadow under it.
    shape = smooth(polygon(TAG_SHAPE), 6)
    hole = Image.new("L", (N, N), 0)
    ImageDraw.Draw(hole).ellipse(s(123, 123, 149, 149), fill=255)
    tag = ImageChops.subtract(shape, hole)
    shadow = ImageChops.offset(tag, 0, 4 * SCALE).filter(ImageFilter.GaussianBlur(6 * SCALE))
    shadow = ImageChops.multiply(shadow, tile).point(lambda v: v * 110 // 255)
    paste(canvas, (6, 30, 44), shadow)
    paste(canvas, gradient(*TAG), tag)
    return canvas


def colour(rgb):
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def rounded_path(points, radius):
    """An SVG path through `points`, with each corner replaced by a curve of about `radius`."""
    parts = []
    for before, corner, after in zip(points[-1:] + points[:-1], points, points[1:] + points[:1]):
        ends = []
        for other in (before, after):
            dx, dy = other[0] - corner[0], other[1] - corner[1]
            length = (dx * dx + dy * dy) ** 0.5
            step = min(radius, length / 2) / length
            ends.append((corner[0] + dx * step, corner[1] + dy * step))
        start, end = ends
        parts.append(f"{'L' if parts else 'M'}{start[0]:.1f} {start[1]:.1f}")
        parts.append(f"Q{corner[0]} {corner[1]} {end[0]:.1f} {end[1]:.1f}")
    return " ".join(parts) + " Z"


def svg():
    """The same drawing in SVG; corners are curves instead of blurred, and the shadow is softer."""

    def shade(name, colours):
        stops = "".join(f'<stop offset="{i}" stop-color="{colour(c)}"/>' for i, c in enumerate(colours))
        return f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" y2="{SIZE}">{stops}</linearGradient>'

    hole = "M149 136 A13 13 0 1 1 123 136 A13 13 0 1 1 149 136 Z"
    tag = f'd="{rounded_path(TAG_SHAPE, 8)} {hole}" fill-rule="evenodd"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">
<defs>
{shade("sky", SKY)}
{shade("tag", TAG)}
<clipPath id="tile"><rect x="14" y="14" width="228" height="228" rx="52"/></clipPath>
<filter id="soft"><feGaussianBlur stdDeviation="6"/></filter>
</defs>
<g clip-path="url(#tile)">
<rect x="14" y="14" width="228" height="228" fill="url(#sky)"/>
<circle cx="68" cy="68" r="24" fill="{colour(SUN)}"/>
<path d="{rounded_path(FAR_HILL, 14)}" fill="{colour(FAR)}"/>
<path d="{rounded_path(NEAR_HILL, 14)}" fill="{colour(NEAR)}"/>
<path {tag} transform="translate(0 4)" fill="{colour((6, 30, 44))}" fill-opacity="0.43" filter="url(#soft)"/>
</g>
<path {tag} fill="url(#tag)"/>
</svg>
"""


def main():
    folder = Path(__file__).parent
    drawing = draw()
    icons = {size: drawing.resize((size, size), Image.Resampling.LANCZOS) for size in SIZES}
    for size, icon in icons.items():
        icon.save(folder / f"taglens-{size}.png", optimize=True)
    icons[256].save(folder / "taglens.ico", sizes=[(size, size) for size in SIZES if size <= 256])
    drawing.save(folder / "taglens.icns", append_images=list(icons.values()))
    (folder / "taglens.svg").write_text(svg())


if __name__ == "__main__":
    main()
