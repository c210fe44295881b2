"""Pictures of a commission: data URIs, or names of an aiserver's artifacts that a port fetches."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol, TypeAlias

from homepage_generator.errors import InvalidField, InvalidPicture
from homepage_generator.spec.reading.values import Part
from homepage_generator.spec.site import Picture
from homepage_generator.spec.types import PictureId

Kind: TypeAlias = Literal["photo", "cutout", "ad", "logo"]
FetchPicture: TypeAlias = Callable[[str], bytes]
"""The bytes behind an address or an artifact's id. Raises InvalidPicture with a key of ``reasons.*``."""

_DATA: Final = re.compile(r"data:[\w.+/-]*(?:;[\w=.+-]+)*;base64,", re.IGNORECASE)
_LONGEST: Final = 30_000_000
_MOST: Final = 400


class Pictures(Protocol):
    """The media store, as far as reading needs it."""

    def add(self, data: bytes, kind: Kind) -> tuple[PictureId, Picture]: ...


class Album:
    """Puts what a commission holds into the store and remembers what it put there."""

    def __init__(self, store: Pictures, fetch: FetchPicture | None) -> None:
        self._store, self._fetch = store, fetch
        self.pictures: dict[PictureId, Picture] = {}

    def take(self, part: Part, *names: str, kind: Kind, alt: str = "") -> PictureId | None:
        """The picture that one of ``names`` holds; None where none does. Raises InvalidField."""
        name = part.first(*names)
        return self.keep(part.path(name), part.given[name], kind, alt) if part.has(name) else None

    def keep(self, where: str, value: Any, kind: Kind, alt: str = "") -> PictureId:
        if not isinstance(value, str):
            raise InvalidField(where, "text")
        try:
            picture_id, picture = self._store.add(self._bytes(value.strip()), kind)
        except InvalidPicture as broken:
            raise InvalidField(where, broken.key) from broken
        if len(self.pictures) >= _MOST and picture_id not in self.pictures:
            raise InvalidField(where, "too_many", limit=_MOST)
        known = self.pictures.get(picture_id)
        self.pictures[picture_id] = picture.model_copy(update={"alt": (known and known.alt) or alt[:200]})
        return picture_id

    def _bytes(self, value: str) -> bytes:
        if len(value) > _LONGEST:
            raise InvalidPicture("image_bytes")
        if found := _DATA.match(value[:200]):
            try:
                return base64.b64decode(value[found.end() :], validate=True)
            except (binascii.Error, ValueError) as broken:
                raise InvalidPicture("image_broken") from broken
        if self._fetch is None or value.startswith("data:"):
            raise InvalidPicture("image_address")
        return self._fetch(value)
