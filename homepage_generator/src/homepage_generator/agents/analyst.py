"""What pictures show, in the words of the aiserver's analyst: alt texts for those whose owner wrote none.

A picture that nobody describes keeps the name of what it shows, so a page never waits for this: the aiserver may be
away, have no model that sees, or be busy.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from typing import Final, Protocol

import structlog
from anyio import to_thread

from homepage_generator.media import MediaStore
from homepage_generator.messages import say
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import PictureId
from nanococoa_client.client import AiserverClient
from nanococoa_client.errors import ServiceError
from nanococoa_client.schemas import AnalyzeRequest

MOST: Final = 12
SECONDS: Final = 30.0
"""For all pictures of a page together."""
WIDTH: Final = 640
LONGEST: Final = 120
_SPOKEN: Final = ("photo", "cutout")
"""An ad says its words itself, a logo is the shop's name."""


class Analyst(Protocol):
    async def describe(self, brief: Brief) -> dict[PictureId, str]:
        """Alt texts of the pictures that were described; never raises."""


class AiserverAnalyst:
    """Asks the vision-language model behind ``POST /analyze``."""

    def __init__(self, client: AiserverClient, media: MediaStore) -> None:
        self._client, self._media = client, media

    async def describe(self, brief: Brief) -> dict[PictureId, str]:
        found: dict[PictureId, str] = {}
        try:
            async with asyncio.timeout(SECONDS):
                for picture_id in undescribed(brief)[:MOST]:
                    if seen := await self._seen(picture_id, brief):
                        found[picture_id] = seen
        except (ServiceError, TimeoutError, OSError) as error:
            structlog.get_logger().info("pictures keep their names as alt texts", reason=type(error).__name__)
        return found

    async def _seen(self, picture_id: PictureId, brief: Brief) -> str:
        image = await to_thread.run_sync(self._data_uri, picture_id)
        question = say(brief.locale, "alt.question")
        answer = await self._client.analyze(AnalyzeRequest(image=image, question=question, locale=brief.locale))
        return plain(str((answer.result or {}).get("text", "")))

    def _data_uri(self, picture_id: PictureId) -> str:
        data = self._media.file(picture_id, WIDTH).read_bytes()
        return f"data:image/webp;base64,{base64.b64encode(data).decode()}"


def undescribed(brief: Brief) -> list[PictureId]:
    """Those that only have the name of what they show, in the order of the brief."""
    names = set(_names(brief)) | {""}
    return [one for one, picture in brief.pictures.items() if picture.kind in _SPOKEN and picture.alt in names]


def plain(seen: str) -> str:
    """One short sentence; nothing where it tells figures, which a model misreads and customers believe."""
    sentence = re.split(r"(?<=[.!?。])\s|\n", seen.strip(), maxsplit=1)[0].strip(" \"'“”")
    fits = 0 < len(sentence) <= LONGEST and not re.search(r"\d|https?:|[<>{}]", sentence)
    return sentence if fits else ""


def with_alts(spec: SiteSpec, alts: dict[PictureId, str]) -> SiteSpec:
    pictures = {
        one: picture.model_copy(update={"alt": alts[one]}) if one in alts else picture
        for one, picture in spec.pictures.items()
    }
    return spec.model_copy(update={"pictures": pictures})


def _names(brief: Brief) -> Iterator[str]:
    yield from (product.name for product in brief.products)
    yield from (item.name for group in brief.menu for item in group.items)
    yield from (row.name for row in brief.seasons)
    yield from (shown.caption for shown in brief.photos)
