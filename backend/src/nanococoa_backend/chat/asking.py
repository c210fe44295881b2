"""A message as it comes in, from the page or the API: taken down, then answered at once or left to be answered."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any

from fastapi import Depends

from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.visits import EditorDep, ShopDep, Visit
from nanococoa_backend.chat.guiding import Guide
from nanococoa_backend.chat.models import ChatTurn
from nanococoa_backend.chat.service import ChatService
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.services import Services, ServicesDep


def viewing_service(session: SessionDep, services: ServicesDep, visit: ShopDep) -> ChatService:
    return _service(session, services, visit)


def editing_service(session: SessionDep, services: ServicesDep, visit: EditorDep) -> ChatService:
    return _service(session, services, visit)


ViewingChats = Annotated[ChatService, Depends(viewing_service)]
EditingChats = Annotated[ChatService, Depends(editing_service)]


def count(services: Services, visit: Visit) -> None:
    """Before the transaction writes anything. Raises TooManyTries."""
    services.rates.count(rates.CHATS_OF_BUSINESS, visit.business.id)


def take(
    services: Services, chats: ChatService, chat_id: uuid.UUID, body: dict[str, Any], key: str, locale: Locale
) -> ChatTurn:
    """Raises NotFound, InvalidField, Outdated."""
    chat = chats.chats.live(chat_id)
    turn, is_new = chats.ask(chat_id, _spoken(chats, chat_id, body), key or secrets.token_urlsafe(16), locale)
    if not is_new:
        return turn
    if services.chat.is_open:
        chats.wake()
        return turn
    media = MediaService(chats.session, services.store)
    ads = AdService(chats.session, media, chats.business_id, chats.user_id, services.making)
    Guide(chats, ads, services.catalogue.now, locale).answer(chat, turn, body)
    return turn


def _service(session: SessionDep, services: Services, visit: Visit) -> ChatService:
    return ChatService(session, visit.business.id, visit.user.id, services.chat.bell)


def _spoken(chats: ChatService, chat_id: uuid.UUID, body: dict[str, Any]) -> dict[str, Any]:
    """What was pressed, in the words that stood on it."""
    pressed = [body["choice"]] if body.get("choice") else list(body.get("formats") or [])
    if body.get("text") or not pressed:
        return body
    titles = {
        item["value"]: item["title"]
        for message in chats.messages.before(chat_id, None, 4)
        for item in message.body.get("options", {}).get("items", [])
    }
    return {**body, "text": ", ".join(titles.get(value, value.partition(":")[2] or value) for value in pressed)}
