"""Pages of conversations: the list, one conversation, and what one can do with it."""

from __future__ import annotations

import secrets
import uuid
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.chat.asking import EditingChats, ViewingChats, count, take
from nanococoa_backend.chat.events import event_stream, follows
from nanococoa_backend.chat.models import Chat
from nanococoa_backend.chat.schemas import ChatForm, ChatName
from nanococoa_backend.chat.service import ChatService
from nanococoa_backend.chat.views import TOOL_NAMES, conversation
from nanococoa_backend.errors import InvalidField, Outdated
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform.forms import Form, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(prefix="/chat", include_in_schema=False)

PAGE = 20
MessageForm = Annotated[Form[ChatForm], Depends(form_of(ChatForm))]
NameForm = Annotated[Form[ChatName], Depends(form_of(ChatName))]


@router.get("")
def chats_page(request: Request, services: ServicesDep, chats: ViewingChats, after: str = "") -> Response:
    rows = chats.chats.latest(PAGE + 1, place_of(after))
    more = cursor_after(rows[PAGE - 1]) if len(rows) > PAGE else None
    return services.pages.render(
        request,
        "chat/chats.html",
        rows=rows[:PAGE],
        more=more,
        key=secrets.token_urlsafe(16),
        has_llm=services.chat.is_open,
    )


@router.post("")
def begin(services: ServicesDep, visit: EditorDep, chats: EditingChats, form: MessageForm) -> Response:
    """The first message makes the conversation."""
    count(services, visit)
    if not form.errors and form.model.text:
        chat = chats.begin()
        take(services, chats, chat.id, _body(form.model), form.model.key, locale_of(form.request))
        return go_on(f"/chat/{chat.id}")
    return go_on("/chat")


@router.get("/{chat_id}")
def chat_page(
    request: Request,
    services: ServicesDep,
    chats: ViewingChats,
    media: MediaDep,
    chat_id: uuid.UUID,
    before: int | None = None,
) -> Response:
    chat = chats.chats.live(chat_id)
    return _page(request, services, chats, media, chat, "chat/chat.html", before)


@router.get("/{chat_id}/part")
def chat_part(
    request: Request, services: ServicesDep, chats: ViewingChats, media: MediaDep, chat_id: uuid.UUID
) -> Response:
    """What was said, without the page around it: for the page's own script."""
    return _page(request, services, chats, media, chats.chats.live(chat_id), "chat/part.html")


@router.post("/{chat_id}")
def say_something(
    services: ServicesDep, visit: EditorDep, chats: EditingChats, chat_id: uuid.UUID, form: MessageForm
) -> Response:
    count(services, visit)
    chats.chats.live(chat_id)
    if not form.errors:
        with suppress(InvalidField, Outdated):  # empty, or sent while the last one is being answered: the page tells
            take(services, chats, chat_id, _body(form.model), form.model.key, locale_of(form.request))
    return _back(form.request, chat_id)


@router.post("/{chat_id}/stop")
def stop(request: Request, chats: EditingChats, chat_id: uuid.UUID) -> Response:
    chats.stop(chats.chats.live(chat_id))
    return _back(request, chat_id)


@router.post("/{chat_id}/again")
def again(request: Request, services: ServicesDep, chats: EditingChats, chat_id: uuid.UUID) -> Response:
    chat = chats.chats.live(chat_id)
    if services.chat.is_open:
        with suppress(Outdated):  # pressed twice
            chats.try_again(chat)
    return _back(request, chat_id)


@router.post("/{chat_id}/rename")
def rename(chats: EditingChats, chat_id: uuid.UUID, form: NameForm) -> Response:
    chat = chats.chats.live(chat_id)
    if not form.errors:
        chats.rename(chat, form.model.title)
    return go_on(f"/chat/{chat_id}", "saved" if not form.errors else None)


@router.post("/{chat_id}/delete")
def delete(chats: EditingChats, chat_id: uuid.UUID) -> Response:
    chats.delete(chats.chats.live(chat_id))
    return go_on("/chat", "chat_deleted", detail=str(chat_id))


@router.post("/{chat_id}/restore")
def restore(chats: EditingChats, chat_id: uuid.UUID) -> Response:
    return go_on(f"/chat/{chats.restore(chat_id).id}", "chat_restored")


@router.get("/{chat_id}/events")
def events(services: ServicesDep, visit: ShopDep, chats: ViewingChats, chat_id: uuid.UUID) -> Response:
    chats.chats.live(chat_id)
    return event_stream(services, visit, chat_id)


def _body(form: ChatForm) -> dict[str, object]:
    ticked = [form.formats] if isinstance(form.formats, str) else form.formats
    return {"text": form.text, "choice": form.choice, "formats": ticked}


def _back(request: Request, chat_id: uuid.UUID) -> Response:
    return go_on(f"/chat/{chat_id}/part" if follows(request) else f"/chat/{chat_id}#last")


def _page(
    request: Request,
    services: Services,
    chats: ChatService,
    media: MediaService,
    chat: Chat,
    template: str,
    before: int | None = None,
) -> Response:
    return services.pages.render(
        request,
        template,
        talk=conversation(chats, media, chat, locale_of(request), before),
        key=secrets.token_urlsafe(16),
        has_llm=services.chat.is_open,
        tool_names=TOOL_NAMES,
    )
