"""What Pillow shows of a picture, where Pillow alone would spoil it: upright, transparency laid over white,
16-bit grey scaled to 8 bits, and the colours of an RGB profile converted to sRGB."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps


def over_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    white.alpha_composite(image)
    return white.convert("RGB")


def to_rgb(image):
    if image.mode.startswith("I;16") or image.mode == "I":
        wide = np.asarray(image).astype(np.int64)
        grey = np.clip((wide + 128) // 257, 0, 255).astype(np.uint8)
        return Image.fromarray(grey, "L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return over_white(image)
    return image.convert("RGB")


def in_srgb(rgb, mode, profile):
    """Relative colorimetric, without black point compensation; what cannot be read changes nothing."""
    if not profile or mode not in ("RGB", "RGBA", "P"):
        return rgb
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != "RGB":
            return rgb
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(rgb, source, srgb, renderingIntent=intent, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return rgb


def upright_srgb(image):
    mode, profile = image.mode, image.info.get("icc_profile")
    return in_srgb(to_rgb(ImageOps.exif_transpose(image)), mode, profile)
