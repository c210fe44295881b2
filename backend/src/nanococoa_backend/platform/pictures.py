"""Uploads checked before anything is stored, and the sizes a picture is kept in.

What a file claims is never believed: the type comes from its content and the size is checked on its header, before
anything is decoded. EXIF rotation is applied; location and all other metadata are dropped.
"""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageCms, ImageOps

from nanococoa_backend.errors import InvalidPicture, TooLarge

MAX_PIXELS: Final = 25_000_000
MAX_BYTES: Final = 20_000_000
SMALLEST_SIDE: Final = 32
KEPT_SIDE: Final = 3072
"""Longer side of a kept photo: half as much again as the largest placement."""
VIEW_SIDE: Final = 1280
THUMB_SIDE: Final = 480

_FORMATS: Final = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
_KEPT_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""

_TOUCHED: Final = 8
"""Levels of 255 by which a matte must have grown for the photo's own colour to be taken there."""


@dataclass(frozen=True, slots=True)
class Encoded:
    data: bytes
    media_type: str


def decode(data: bytes) -> Image.Image:
    """An upload as RGB or RGBA in sRGB, upright, without metadata. Raises InvalidPicture or TooLarge."""
    if not data:
        raise InvalidPicture("image_empty")
    if len(data) > MAX_BYTES:
        raise TooLarge(limit_mb=MAX_BYTES // 1_000_000)
    image = _opened(data)
    _check_header(image)
    try:
        image.load()
        return _plain(ImageOps.exif_transpose(image))
    except _BROKEN as broken:
        raise InvalidPicture("image_broken") from broken


def glance(data: bytes) -> tuple[Encoded, Encoded]:
    """(the file as it is kept until it is needed, its thumbnail): an upload checked in a fraction of ``decode``'s time.

    A JPEG is read at a fraction of its size, to its end. Raises InvalidPicture or TooLarge.
    """
    if not data:
        raise InvalidPicture("image_empty")
    if len(data) > MAX_BYTES:
        raise TooLarge(limit_mb=MAX_BYTES // 1_000_000)
    image = _opened(data)
    _check_header(image)
    media_type = _KEPT_TYPES.get(image.format or "")
    try:
        image.draft("RGB", (THUMB_SIDE, THUMB_SIDE))
        image.load()
        plain = _plain(ImageOps.exif_transpose(image))
    except _BROKEN as broken:
        raise InvalidPicture("image_broken") from broken
    return (Encoded(data, media_type) if media_type else original(kept(plain))), thumbnail(plain)


def ours(data: bytes) -> Image.Image:
    """A picture that the aiserver made, of any size. Raises InvalidPicture for what it could not have meant."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except _BROKEN as broken:
        raise InvalidPicture("image_broken") from broken


def kept(image: Image.Image) -> Image.Image:
    """At the size that is kept."""
    return _fitted(image, KEPT_SIDE)


def original(image: Image.Image) -> Encoded:
    """Lossless with transparency, else JPEG 92 with full colour."""
    if image.mode == "RGBA":
        return _encoded(image, "PNG", "image/png")
    return _encoded(image, "JPEG", "image/jpeg", quality=92, subsampling=0)


def view(image: Image.Image) -> Encoded:
    """For looking at on a screen."""
    return _encoded(_fitted(image, VIEW_SIDE), "WEBP", "image/webp", quality=84)


def thumbnail(image: Image.Image) -> Encoded:
    """For lists; what is transparent around a product is cut away first."""
    box = image.getchannel("A").getbbox() if image.mode == "RGBA" else None
    return _encoded(_fitted(image.crop(box) if box else image, THUMB_SIDE), "WEBP", "image/webp", quality=80)


def touched_up(photo: Image.Image, cutout: Image.Image, strokes: Image.Image) -> Image.Image:
    """A cut-out with the owner's strokes on its matte: white paint adds, black removes, as far as it is opaque.

    Pixels the brush has not added keep the cut-out's own (decontaminated) colour; what it has added takes the photo's.
    """
    size = cutout.size
    paint = strokes.convert("RGBA").resize(size, Image.Resampling.BICUBIC)
    before = cutout.getchannel("A")
    after = Image.composite(paint.convert("L"), before, paint.getchannel("A"))
    grown = ImageChops.subtract(after, before).point(lambda level: 255 if level > _TOUCHED else 0)
    source = photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    result = Image.composite(source, cutout.convert("RGB"), grown)
    result.putalpha(after)
    return result


@lru_cache(1)
def _readable_formats() -> tuple[str, ...]:
    """``_FORMATS`` as far as their decoders are installed."""
    with suppress(ImportError):
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_readable_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooLarge("image_pixels", limit=MAX_PIXELS // 1_000_000) from bomb
    except _BROKEN as broken:
        raise InvalidPicture("image_broken" if data.startswith(_SIGNATURES) else "image_type") from broken


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooLarge("image_pixels", limit=MAX_PIXELS // 1_000_000)
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise InvalidPicture("image_moving")
    if min(width, height) < SMALLEST_SIDE:
        raise InvalidPicture("image_small", limit=SMALLEST_SIDE)


def _plain(image: Image.Image) -> Image.Image:
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    profile = image.info.get("icc_profile")
    result = (_in_srgb(image, profile) if profile else image).convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        result.putalpha(alpha)
    result.info = {}
    return result


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the file's own colour space; one that can't be read is ignored, as browsers do."""
    source = image if image.mode in ("RGB", "CMYK", "L", "LAB") else image.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(source, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if converted is not None else image


def _fitted(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    scale = side / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def _encoded(image: Image.Image, format_: str, media_type: str, **options: int) -> Encoded:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return Encoded(file.getvalue(), media_type)
