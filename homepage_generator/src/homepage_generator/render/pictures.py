"""A spec's pictures on a page: scaled files beside it, in the widths its places need."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from homepage_generator.spec.site import Picture
from homepage_generator.spec.types import PictureId

if TYPE_CHECKING:
    from homepage_generator.media import MediaStore

Place: TypeAlias = Literal["thumb", "half", "full"]
WIDTHS: Final[dict[Place, tuple[int, ...]]] = {
    "thumb": (160, 320, 560),
    "half": (360, 720, 1080),
    "full": (480, 960, 1600),
}
SIZES: Final[dict[Place, str]] = {
    "thumb": "(max-width: 640px) 40vw, 280px",
    "half": "(max-width: 900px) 92vw, 48vw",
    "full": "100vw",
}


@dataclass(frozen=True)
class Placed:
    """What an ``img`` says."""

    src: str
    srcset: str
    sizes: str
    width: int
    height: int
    alt: str
    kind: str


@dataclass
class Pictures:
    """Copies what is placed, once per width."""

    media: MediaStore
    known: dict[PictureId, Picture]
    out: Path
    copied: set[str] = field(default_factory=set)

    def place(self, id: PictureId, place: Place, name: str = "") -> Placed:
        """``name``: what stands beside it; a picture that says no more than that says nothing."""
        picture = self.known[id]
        widths = [w for w in WIDTHS[place] if w < picture.width] or []
        widths = [*widths, min(picture.width, WIDTHS[place][-1])] if len(widths) < len(WIDTHS[place]) else widths
        files = [(self._copy(id, width), width) for width in widths]
        return Placed(
            src=files[-1][0],
            srcset=", ".join(f"{file} {width}w" for file, width in files),
            sizes=SIZES[place],
            width=picture.width,
            height=picture.height,
            alt="" if picture.alt == name else picture.alt,
            kind=picture.kind,
        )

    def ratio(self, id: PictureId) -> float:
        return self.known[id].width / self.known[id].height

    def _copy(self, id: PictureId, width: int) -> str:
        name = f"p/{id[:16]}-{width}.webp"
        if name not in self.copied:
            (self.out / "p").mkdir(exist_ok=True)
            shutil.copyfile(self.media.file(id, width), self.out / name)
            self.copied.add(name)
        return name
