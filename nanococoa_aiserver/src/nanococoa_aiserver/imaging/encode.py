"""Files out: a finished picture under its placement's byte limit, marked for what it is.

Giving up is done in small steps, each tried in turn, and told: nothing is degraded silently.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from nanococoa_aiserver.imaging.disclosure import PNG_KEYWORD, SourceType, source_of, xmp_packet

if TYPE_CHECKING:
    from nanococoa_aiserver.imaging.types import Rgb, Rgba

FileType: TypeAlias = Literal["jpeg", "png", "webp"]

QUALITY = 90
QUALITIES = (90, 86, 82, 78, 72, 66, 60, 52, 44, 36)
FULL_CHROMA_FROM = 78  # JPEG quality; below it halved chroma costs the eye less than coarser steps
PNG_STEPS: tuple[tuple[str, int], ...] = (
    ("bits", 7),
    ("bits", 6),
    ("colours", 256),
    ("colours", 160),
    ("colours", 96),
    ("colours", 48),
)
"""How a PNG is made smaller while staying true-colour, as Kakao asks: fewer bits, then fewer colours."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file. ``notes`` says what was given up for the byte limit: ``quality 82``, ``256 colours``."""

    data: bytes
    media_type: str
    notes: tuple[str, ...] = ()


PNG_LEVEL = 4
"""zlib's level where the limit leaves room: half the time of the usual 6 for 4 % more bytes."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to write the file, and what it gives up."""

    write: Callable[[], bytes]
    note: str


def encode(
    image: Image.Image | Rgb | Rgba,
    file_type: FileType,
    *,
    limit_bytes: int | None = None,
    quality: int = QUALITY,
    source: SourceType = SourceType.COMPOSITE,
) -> Encoded:
    """``image`` as a file of at most ``limit_bytes``, with ``source`` in its XMP.

    JPEG and WebP step down in quality, PNG in colours (staying true-colour). If even the last step is too large, it is
    returned with a note that begins with ``over the limit``.
    """
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    xmp = xmp_packet(source)
    for attempt in _attempts(picture, file_type, quality, xmp):
        data = attempt.write()
        if limit_bytes is None or len(data) <= limit_bytes:
            return Encoded(data, f"image/{file_type}", (attempt.note,) if attempt.note else ())
    return Encoded(data, f"image/{file_type}", (attempt.note, f"over the limit of {limit_bytes} bytes"))


def read_source(data: bytes) -> SourceType | None:
    """The source type a file of ours carries, whatever its format."""
    with Image.open(io.BytesIO(data)) as image:
        packet = image.info.get("xmp") or image.info.get(PNG_KEYWORD)
    return source_of(packet) if packet else None


def _attempts(picture: Image.Image, file_type: FileType, quality: int, xmp: bytes) -> Iterator[_Attempt]:
    if file_type == "png":
        return _png_attempts(picture, xmp)
    if file_type == "webp":
        return _lossy_attempts(lambda q: _save(picture, "WEBP", quality=q, method=4, xmp=xmp), quality)
    flat = picture.convert("RGB")
    return _lossy_attempts(lambda q: _jpeg(flat, q, xmp), quality)


def _lossy_attempts(write: Callable[[int], bytes], quality: int) -> Iterator[_Attempt]:
    yield _Attempt(lambda: write(quality), "")
    for lower in (q for q in QUALITIES if q < quality):
        yield _Attempt(lambda q=lower: write(q), f"quality {lower}")  # type: ignore[misc]


def _jpeg(picture: Image.Image, quality: int, xmp: bytes) -> bytes:
    chroma = 0 if quality >= FULL_CHROMA_FROM else 2
    return _save(picture, "JPEG", quality=quality, subsampling=chroma, xmp=xmp)


def _png_attempts(picture: Image.Image, xmp: bytes) -> Iterator[_Attempt]:
    info = PngInfo()
    info.add_itxt(PNG_KEYWORD, xmp.decode())

    def write(image: Image.Image, level: int) -> bytes:
        return _save(image, "PNG", compress_level=level, pnginfo=info)

    yield _Attempt(lambda: write(picture, PNG_LEVEL), "")
    yield _Attempt(lambda: write(picture, 9), "")
    for how, count in PNG_STEPS:
        yield _Attempt(lambda h=how, c=count: write(_reduced(picture, h, c), 9), f"{count} {how}")  # type: ignore[misc]


def _reduced(picture: Image.Image, how: str, count: int) -> Image.Image:
    """Fewer bits per channel, or fewer colours; the alpha channel stays as it is."""
    flat = picture.convert("RGB")
    if how == "bits":
        small = ImageOps.posterize(flat, count)
    else:
        small = flat.quantize(count, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    if picture.mode == "RGBA":
        small.putalpha(picture.getchannel("A"))
    return small


def _save(picture: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_, **options)
    return file.getvalue()
