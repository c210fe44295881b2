"""Files in: any picture a customer may send, refused with the reason or turned into plain sRGB without its metadata.

Pillow alone, so that the API process needs no OpenCV. What a file claims is never believed: the type comes from its
content, and the size is checked on its header, before anything is decoded.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from contextlib import suppress
from functools import lru_cache

from PIL import Image, ImageCms, ImageOps

from nanococoa_aiserver.errors import InvalidImage, PayloadTooLarge
from nanococoa_aiserver.imaging.encode import Encoded, encode

__all__ = ["Encoded", "decode_upload", "encode", "normalise"]

MAX_MEGAPIXELS = 25
MAX_BYTES = 20_000_000
SMALLEST_SIDE = 32  # px; below it nothing can be cut out
LOSSLESS_UP_TO = 2_500_000  # px; larger uploads are photographs, kept as JPEG 95
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""


def decode_upload(data: bytes, *, max_megapixels: int = MAX_MEGAPIXELS, max_bytes: int = MAX_BYTES) -> Image.Image:
    """The picture in ``data`` as RGB or RGBA, upright, in sRGB, free of EXIF and other metadata.

    Raises ``InvalidImage`` (image_empty, image_type, image_truncated, image_unreadable, image_animated,
    image_too_small) or ``PayloadTooLarge`` (payload_too_large, image_too_many_pixels).
    """
    if not data:
        raise InvalidImage("image_empty")
    if len(data) > max_bytes:
        raise PayloadTooLarge(limit_mb=max_bytes // 1_000_000)
    image = _opened(data, max_megapixels)
    _check_header(image, max_megapixels)
    return _plain(_loaded(image))


def normalise(image: Image.Image) -> tuple[bytes, str]:
    """An upload as it is stored: (bytes, media type). Lossless with alpha or when small, else JPEG 95 4:4:4."""
    if image.mode == "RGBA" or image.width * image.height <= LOSSLESS_UP_TO:
        return _saved(image, "PNG", compress_level=1), "image/png"
    return _saved(image, "JPEG", quality=95, subsampling=0), "image/jpeg"


def _saved(image: Image.Image, format_: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


@lru_cache(1)
def _readable_formats() -> tuple[str, ...]:
    """``FORMATS`` as far as their decoders are installed (HEIC and AVIF are optional)."""
    with suppress(ImportError):
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _opened(data: bytes, max_megapixels: int) -> Image.Image:
    """Read the header."""
    try:
        return Image.open(io.BytesIO(data), formats=_readable_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        pixels = re.search(r"\d+", str(bomb))
        raise _too_many(int(pixels.group()) if pixels else 10**9, max_megapixels) from bomb
    except BROKEN as broken:
        raise InvalidImage("image_truncated" if data.startswith(SIGNATURES) else "image_type") from broken


def _check_header(image: Image.Image, max_megapixels: int) -> None:
    width, height = image.size
    if width * height > max_megapixels * 1_000_000:
        raise _too_many(width * height, max_megapixels)
    if image.format in MOVING and getattr(image, "is_animated", False):
        raise InvalidImage("image_animated")
    if min(width, height) < SMALLEST_SIDE:
        raise InvalidImage("image_too_small", width=width, height=height, limit=SMALLEST_SIDE)


def _too_many(pixels: int, limit: int) -> PayloadTooLarge:
    return PayloadTooLarge("image_too_many_pixels", megapixels=round(pixels / 1_000_000), limit=limit)


def _loaded(image: Image.Image) -> Image.Image:
    """Decode, and turn as EXIF says."""
    try:
        image.load()
        return ImageOps.exif_transpose(image)
    except BROKEN as broken:
        cut = "truncated" in str(broken).lower() or "incomplete" in str(broken).lower()
        raise InvalidImage("image_truncated" if cut else "image_unreadable") from broken


def _plain(image: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB; nothing of the file's metadata is left on it."""
    transparent = image.has_transparency_data
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bit(image)
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    colours = _in_srgb(image, profile) if profile else image.convert("RGBA" if transparent else "RGB")
    result = colours.convert("RGB")
    if alpha is not None:
        result.putalpha(alpha)
    result.info = {}
    return result


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit (or wider) greys at 8 bits; Pillow's own conversion would clip them."""
    wide = image if image.mode == "F" else image.convert("I")
    _, high = wide.getextrema()
    top = 255.0 if isinstance(high, int | float) and high <= 255 else 65535.0
    return wide.point(lambda value: value * (255.0 / top) + 0.0).convert("L")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the file's own colour space; one that can't be read is ignored, as browsers do."""
    source = image if image.mode in ("RGB", "CMYK", "L", "LAB") else image.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(source, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")
