"""Pictures by their content: checked, upright, without metadata, as WebP; scaled to a width when one is asked for.

What a file claims is never believed: its type comes from its content, its size from the header, before decoding.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image, ImageCms, ImageOps

from homepage_generator.errors import InvalidPicture, NotFound, StorageFull
from homepage_generator.spec.site import Picture
from homepage_generator.spec.types import PictureId

MAX_PIXELS: Final = 25_000_000
MAX_BYTES: Final = 20_000_000
SMALLEST_SIDE: Final = 32
KEPT_SIDE: Final = 2000
"""Longer side of what is kept: a full-width photo on a 1440 px screen with some to spare."""

_FORMATS: Final = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files."""
_ID: Final = re.compile(r"[0-9a-f]{16,64}")
FAINT: Final = 16
"""Alpha of 255 up to which a cut-out's rim is empty to the eye."""
_QUALITY: Final = {"photo": 82, "ad": 86, "cutout": 84, "logo": 92}

Kind = Literal["photo", "cutout", "ad", "logo"]


class MediaStore:
    """A folder of pictures. Safe for several processes: a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, data: bytes, kind: Kind) -> tuple[PictureId, Picture]:
        """Keep an upload. The same bytes and kind are the same picture. Raises InvalidPicture or StorageFull."""
        if not data:
            raise InvalidPicture("image_empty")
        if len(data) > MAX_BYTES:
            raise InvalidPicture("image_bytes", limit=MAX_BYTES // 1_000_000)
        picture_id = hashlib.sha256(kind.encode() + b"\0" + data).hexdigest()[:32]
        path = self._path(picture_id)
        if not path.exists():
            image = _decoded(data)
            image = _fitted(_trimmed(image) if kind == "cutout" else image)
            _write(path, _webp(image, _QUALITY[kind], lossless=kind == "logo"))
        with Image.open(path) as kept:
            return picture_id, Picture(width=kept.width, height=kept.height, kind=kind)

    def file(self, picture_id: PictureId, width: int | None = None) -> Path:
        """A WebP ``width`` pixels wide, never wider than the picture; None: as it is kept. Raises NotFound."""
        path = self._path(picture_id)
        if not path.exists():
            raise NotFound("file_not_found")
        if width is None:
            return path
        scaled = self._path(picture_id, f"-{max(1, width)}")
        if not scaled.exists():
            with Image.open(path) as image:
                if image.width <= width:
                    return path
                size = max(1, width), max(1, round(image.height * width / image.width))
                small = image.resize(size, Image.Resampling.LANCZOS)
            _write(scaled, _webp(small, _QUALITY["photo"]))
        return scaled

    def _path(self, picture_id: str, suffix: str = "") -> Path:
        if not _ID.fullmatch(picture_id):
            raise NotFound("file_not_found")
        return self._folder / picture_id[:2] / f"{picture_id}{suffix}.webp"


def _decoded(data: bytes) -> Image.Image:
    """An upload as RGB or RGBA in sRGB, upright, without metadata."""
    image = _opened(data)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InvalidPicture("image_pixels", limit=MAX_PIXELS // 1_000_000)
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise InvalidPicture("image_moving")
    if min(width, height) < SMALLEST_SIDE:
        raise InvalidPicture("image_small", limit=SMALLEST_SIDE)
    try:
        image.load()
        return _plain(ImageOps.exif_transpose(image))
    except _BROKEN as broken:
        raise InvalidPicture("image_broken") from broken


@lru_cache(1)
def _readable_formats() -> tuple[str, ...]:
    """``_FORMATS`` as far as their decoders are installed."""
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_readable_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise InvalidPicture("image_pixels", limit=MAX_PIXELS // 1_000_000) from bomb
    except _BROKEN as broken:
        raise InvalidPicture("image_broken" if data.startswith(_SIGNATURES) else "image_type") from broken


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


def _trimmed(image: Image.Image) -> Image.Image:
    """Without the empty margins of a cut-out: what a layout places is the thing itself. All empty stays as it is."""
    box = image.getchannel("A").point(lambda alpha: 255 * (alpha > FAINT)).getbbox() if image.mode == "RGBA" else None
    whole = box is None or min(box[2] - box[0], box[3] - box[1]) < SMALLEST_SIDE
    return image if whole else image.crop(box)


def _fitted(image: Image.Image) -> Image.Image:
    if max(image.size) <= KEPT_SIDE:
        return image
    scale = KEPT_SIDE / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def _webp(image: Image.Image, quality: int, *, lossless: bool = False) -> bytes:
    file = io.BytesIO()
    options: dict[str, Any] = {"lossless": True} if lossless else {"quality": quality}
    image.save(file, "WEBP", method=4, **options)
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    with storing():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def storing() -> Iterator[None]:
    """Tell a full disk as what it is."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull from error
        raise
