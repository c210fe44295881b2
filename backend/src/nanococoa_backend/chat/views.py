"""A conversation as its page shows it: what was said, tool calls as one line each, the ads it made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.ads.repository import UNDER_WAY, Ads
from nanococoa_backend.chat.models import Chat, ChatMessage, ChatTurn
from nanococoa_backend.chat.repository import OPEN
from nanococoa_backend.chat.service import ChatService
from nanococoa_backend.errors import NotFound
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.repository import Homepages
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale, catalogue

PAGE = 60
TOOL_NAMES = frozenset(key.removeprefix("chat.tools.") for key in catalogue("ko") if key.startswith("chat.tools."))
"""Tools that are called by name on the page."""


@dataclass(frozen=True, slots=True)
class AdShown:
    ad: Ad
    cover: Asset | None
    percent: int
    headline: str
    line: str
    is_running: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """``calls`` are the tools a message asked for, each with what came back (None: not yet); ``told`` what of it the
    person must know, whatever the model makes of it."""

    message: ChatMessage
    calls: list[tuple[dict[str, Any], dict[str, Any] | None]]
    ads: list[AdShown]
    homepages: list[Homepage]
    told: list[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    chat: Chat
    turn: ChatTurn | None
    shown: list[Shown]
    first: int
    options: dict[str, Any] | None
    summary: list[list[str]]

    @property
    def is_open(self) -> bool:
        return self.turn is not None and self.turn.status in OPEN


def conversation(
    chats: ChatService, media: MediaService, chat: Chat, locale: Locale, before: int | None = None
) -> Conversation:
    """The last messages, or those before a place."""
    messages = chats.messages.before(chat.id, before, PAGE)
    turn = chats.turns.last(chat.id)
    last = messages[-1].body if messages and messages[-1].role == "assistant" else {}
    return Conversation(
        chat=chat,
        turn=turn,
        shown=_shown(chats.session, media, messages, locale),
        first=messages[0].number if messages else 1,
        options=last.get("options") if before is None else None,
        summary=last.get("summary") or [],
    )


def _shown(session: Session, media: MediaService, messages: Sequence[ChatMessage], locale: Locale) -> list[Shown]:
    ads = Ads(session)
    results = {message.body["call_id"]: message.body for message in messages if message.role == "tool"}
    found: list[Shown] = []
    pages_of = Homepages(session)
    for message in messages:
        if message.role == "tool":
            continue
        calls = [(call, results.get(call["id"])) for call in message.body.get("calls", [])]
        ids = [*message.body.get("ads", []), *(ad for _, back in calls if back for ad in back.get("ads", []))]
        pictures = [shown for ad_id in dict.fromkeys(ids) if (shown := _ad(ads, media, ad_id, locale))]
        backs = [back for _, back in calls if back]
        pages = [page for back in backs for page_id in back.get("homepages", []) if (page := _page(pages_of, page_id))]
        found.append(Shown(message, calls, pictures, pages, [back["told"] for back in backs if back.get("told")]))
    return found


def _page(homepages: Homepages, page_id: str) -> Homepage | None:
    try:
        return homepages.live(uuid.UUID(page_id))
    except NotFound:
        return None


def _ad(ads: Ads, media: MediaService, ad_id: str, locale: Locale) -> AdShown | None:
    try:
        ad = ads.live(uuid.UUID(ad_id))
    except NotFound:
        return None
    progress = progress_of(ad, locale)
    cover = media.get(ad.cover_id) if ad.cover_id else None
    return AdShown(ad, cover, progress.percent, progress.headline, progress.line, ad.status in UNDER_WAY)
