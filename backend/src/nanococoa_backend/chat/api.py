"""Conversations by API: what the pages do, as JSON under /api/v1."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from sse_starlette import EventSourceResponse

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.chat.asking import EditingChats, ViewingChats, count, take
from nanococoa_backend.chat.events import event_stream
from nanococoa_backend.chat.models import Chat, ChatTurn
from nanococoa_backend.chat.schemas import (
    ChatDetails,
    ChatName,
    ChatPage,
    ChatView,
    MessagePage,
    MessageView,
    NewMessage,
    Said,
    TurnView,
)
from nanococoa_backend.chat.service import ChatService
from nanococoa_backend.errors import InvalidField, Outdated
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=64, description="The same message with the same key is taken once"),
]


@router.get("", summary="List the conversations", responses=errors(401, 422))
def list_chats(chats: ViewingChats, limit: Limit = 24, cursor: Cursor = None) -> ChatPage:
    """Those begun last come first; deleted ones are left out."""
    rows = chats.chats.latest(limit + 1, place_of(cursor))
    more = cursor_after(rows[limit - 1]) if len(rows) > limit else None
    return ChatPage(chats=[ChatView.model_validate(row) for row in rows[:limit]], next_cursor=more)


@router.post("", status_code=201, summary="Begin a conversation", responses=errors(401, 403))
def begin_chat(chats: EditingChats) -> ChatDetails:
    """It has no title until something is said in it."""
    return _details(chats, chats.begin())


@router.get("/{chat_id}", summary="Read one conversation", responses=errors(401, 404))
def read_chat(chats: ViewingChats, chat_id: uuid.UUID) -> ChatDetails:
    """Its title, and whether its last question is answered."""
    return _details(chats, chats.chats.live(chat_id))


@router.patch("/{chat_id}", summary="Rename a conversation", responses=errors(401, 403, 404, 422))
def rename_chat(chats: EditingChats, chat_id: uuid.UUID, given: ChatName) -> ChatDetails:
    """Its title is its first words until then."""
    chat = chats.chats.live(chat_id)
    chats.rename(chat, given.title)
    return _details(chats, chat)


@router.delete("/{chat_id}", status_code=204, summary="Delete a conversation", responses=errors(401, 403, 404))
def delete_chat(chats: EditingChats, chat_id: uuid.UUID) -> Response:
    """It can be restored for seven days. Ads that it made stay."""
    chats.delete(chats.chats.live(chat_id))
    return Response(status_code=204)


@router.post("/{chat_id}/restore", summary="Bring a deleted conversation back", responses=errors(401, 403, 404))
def restore_chat(chats: EditingChats, chat_id: uuid.UUID) -> ChatDetails:
    """It comes back as it was, for seven days after its deletion."""
    return _details(chats, chats.restore(chat_id))


@router.get("/{chat_id}/messages", summary="Read what was said", responses=errors(401, 404, 422))
def list_messages(chats: ViewingChats, chat_id: uuid.UUID, limit: Limit = 50, cursor: Cursor = None) -> MessagePage:
    """The last ones, in the order they were said; the cursor leads to those before."""
    chat = chats.chats.live(chat_id)
    if cursor is not None and not (cursor.isdecimal() and len(cursor) <= 9):
        raise InvalidField(cursor="invalid")
    rows = chats.messages.before(chat.id, int(cursor) if cursor else None, limit)
    more = str(rows[0].number) if rows and rows[0].number > 1 else None
    return MessagePage(messages=[MessageView.model_validate(row) for row in rows], next_cursor=more)


@router.post(
    "/{chat_id}/messages",
    status_code=202,
    summary="Say something in a conversation",
    responses=errors(401, 403, 404, 409, 422, 429),
)
def say_something(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    chats: EditingChats,
    chat_id: uuid.UUID,
    given: NewMessage,
    key: Key = None,
) -> Said:
    """It is kept before anything is done about it. Follow the events for the answer; 409 while one is being made."""
    count(services, visit)
    turn = take(services, chats, chat_id, given.model_dump(), key or "", locale_of(request))
    rows = [row for row in chats.messages.before(chat_id, None, 20) if row.turn_id == turn.id]
    return Said(turn=TurnView.model_validate(turn), messages=[MessageView.model_validate(row) for row in rows])


@router.post("/{chat_id}/stop", summary="Stop an answer under way", responses=errors(401, 403, 404))
def stop_answer(chats: EditingChats, chat_id: uuid.UUID) -> ChatDetails:
    """An ad that was begun already goes on; stop it at its own address."""
    chat = chats.chats.live(chat_id)
    chats.stop(chat)
    return _details(chats, chat)


@router.post("/{chat_id}/again", status_code=202, summary="Answer after all", responses=errors(401, 403, 404, 409))
def answer_again(services: ServicesDep, chats: EditingChats, chat_id: uuid.UUID) -> TurnView:
    """Takes up a failed or stopped answer where it ended; what was done is not done twice. 409 for any other."""
    chat = chats.chats.live(chat_id)
    if not services.chat.is_open:
        raise Outdated
    return TurnView.model_validate(chats.try_again(chat))


@router.get(
    "/{chat_id}/events", summary="Follow an answer", response_class=EventSourceResponse, responses=errors(401, 404, 429)
)
def follow(services: ServicesDep, visit: ShopDep, chats: ViewingChats, chat_id: uuid.UUID) -> EventSourceResponse:
    """Server-sent events: `changed` when something was said, `text` with the answer so far, `end` when it is done."""
    chats.chats.live(chat_id)
    return event_stream(services, visit, chat_id)


def _details(chats: ChatService, chat: Chat) -> ChatDetails:
    turn: ChatTurn | None = chats.turns.last(chat.id)
    return ChatDetails(
        **ChatView.model_validate(chat).model_dump(), turn=TurnView.model_validate(turn) if turn else None
    )
