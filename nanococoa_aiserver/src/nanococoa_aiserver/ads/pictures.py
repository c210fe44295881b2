"""Pictures in and out of the artifact store as arrays.

What a finished ad is made of is kept lossless (PNG, fastest level) where the product is in it, and as JPEG 95 4:4:4
where it is only a scene; so are previews.
"""

from __future__ import annotations

import cv2
import numpy as np

from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.errors import InvalidImage
from nanococoa_aiserver.imaging.contact import decoded
from nanococoa_aiserver.imaging.types import Alpha, Rgb, Rgba, Sprite

WORKING_SIDE = 2048
"""Longest side a photo is worked on with: the tallest placement has 1,920 px."""

_PNG_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]
_JPEG_SCENE = [
    cv2.IMWRITE_JPEG_QUALITY,
    95,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
]

_JPEG_PLATE = [cv2.IMWRITE_JPEG_QUALITY, 88]
_WEBP_COVER = [cv2.IMWRITE_WEBP_QUALITY, 88]


def put_picture(store: ArtifactStore, image: Rgb) -> str:
    """Store a picture lossless; returns the artifact's id."""
    return store.put(_encoded(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), _PNG_FAST), "image/png")


def put_scene(store: ArtifactStore, image: Rgb) -> str:
    """Store a scene or a preview; returns the artifact's id."""
    return store.put(_encoded(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), _JPEG_SCENE), "image/jpeg")


def put_sprite(store: ArtifactStore, sprite: Sprite) -> str:
    """Store a cut-out as RGBA PNG; returns the artifact's id."""
    return put_rgba(store, np.dstack([sprite.rgb, np.rint(sprite.alpha * 255).astype(np.uint8)]))


def put_rgba(store: ArtifactStore, image: Rgba) -> str:
    """Store a picture with its alpha channel; returns the artifact's id."""
    return store.put(_encoded(".png", cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA), _PNG_FAST), "image/png")


def put_plate(store: ArtifactStore, image: Rgb) -> str:
    """Store a picture that is only looked at while words are set on it; returns the artifact's id."""
    return store.put(_encoded(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), _JPEG_PLATE), "image/jpeg")


def put_cover(store: ArtifactStore, image: Rgba) -> str:
    """The same for a picture with an alpha channel."""
    return store.put(_encoded(".webp", cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA), _WEBP_COVER), "image/webp")


def get_picture(store: ArtifactStore, artifact: str, *, side: int = WORKING_SIDE) -> tuple[Rgb, Alpha | None]:
    """Colours, and the alpha channel when the file has one, shrunk until the longest side is ``side``.

    Raises ``ArtifactNotFound`` for an unknown id and ``InvalidImage`` when the bytes are no picture.
    """
    pixels = cv2.imdecode(np.frombuffer(store.get(artifact), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint8:
        raise InvalidImage
    pixels = _shrunk(np.ascontiguousarray(pixels), side)
    if pixels.ndim == 2:
        return _rgb(pixels, cv2.COLOR_GRAY2RGB), None
    if pixels.shape[2] == 4:
        return _rgb(pixels, cv2.COLOR_BGRA2RGB), np.asarray(pixels[..., 3] / 255, np.float32)
    return _rgb(pixels, cv2.COLOR_BGR2RGB), None


def get_sprite(store: ArtifactStore, artifact: str, contact: str = "") -> Sprite:
    """A stored cut-out, with the stored contact light of a refined picture where there is one."""
    rgb, alpha = get_picture(store, artifact)
    light = decoded(get_picture(store, contact)[0]) if contact else None
    return Sprite(rgb, np.ones(rgb.shape[:2], np.float32) if alpha is None else alpha, light)


def get_rgba(store: ArtifactStore, artifact: str) -> Rgba:
    """A stored picture with an alpha channel, opaque where the file has none."""
    sprite = get_sprite(store, artifact)
    return np.dstack([sprite.rgb, np.rint(sprite.alpha * 255).astype(np.uint8)])


def _encoded(suffix: str, pixels: np.ndarray, options: list[int]) -> bytes:
    ok, data = cv2.imencode(suffix, pixels, options)
    if not ok:
        raise RuntimeError(f"could not encode {pixels.shape} as {suffix}")
    return data.tobytes()


def _rgb(pixels: np.ndarray, conversion: int) -> Rgb:
    return np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)


def _shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(pixels.shape[:2])
    return pixels if scale >= 1 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
