"""A spec's pictures on a page: scaled files beside it, in the widths its places need."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from homepage_generator.media import MediaStore
from homepage_generator.spec.site import Picture
from homepage_generator.spec.types import PictureId

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

    def place(self, picture: PictureId, place: Place, name: str = "") -> Placed:
        """``name``: what stands beside it; a picture that says no more than that says nothing."""
        known = self.known[picture]
        widths = sorted({min(width, known.width) for width in WIDTHS[place]})
        files = [(self._copy(picture, width), width) for width in widths]
        return Placed(
            src=files[-1][0],
            srcset=", ".join(f"{file} {width}w" for file, width in files),
            sizes=SIZES[place],
            width=known.width,
            height=known.height,
            alt="" if known.alt == name else known.alt,
            kind=known.kind,
        )

    def ratio(self, picture: PictureId) -> float:
        return self.known[picture].width / self.known[picture].height

    def _copy(self, picture: PictureId, width: int) -> str:
        name = f"p/{picture[:16]}-{width}.webp"
        if name not in self.copied:
            (self.out / "p").mkdir(exist_ok=True)
            shutil.copyfile(self.media.file(picture, width), self.out / name)
            self.copied.add(name)
        return name
