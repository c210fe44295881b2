"""The inbox by API: what visitors wrote, and where the homepage service brings it."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.inbox.arriving import WrittenDep
from nanococoa_backend.inbox.repository import Messages
from nanococoa_backend.inbox.schemas import Arrival, MessageChange, MessagePage, MessageView
from nanococoa_backend.inbox.service import mark, take_in
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"])


def viewing(session: SessionDep, _visit: ShopDep) -> Messages:
    return Messages(session)


def editing(session: SessionDep, _visit: EditorDep) -> Messages:
    return Messages(session)


ViewingInbox = Annotated[Messages, Depends(viewing)]
EditingInbox = Annotated[Messages, Depends(editing)]


@router.post(
    "/arrivals",
    status_code=204,
    summary="Bring a visitor's message",
    responses=errors(401, 410, 422),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Arrival.model_json_schema()}}}
    },
)
def arrive(session: SessionDep, services: ServicesDep, written: WrittenDep) -> Response:
    """For the homepage service alone, signed as Standard Webhooks says with `INBOX_SECRET`. The same message again
    changes nothing; 410 for a homepage that is nobody's here."""
    take_in(session, services, written)
    return Response(status_code=204)


@router.get("", summary="List what visitors wrote", responses=errors(401, 422))
def list_messages(
    messages: ViewingInbox,
    limit: Limit = 24,
    cursor: Cursor = None,
) -> MessagePage:
    """Newest first, from the contact forms of all homepages of the business."""
    found = messages.shelf(limit + 1, place_of(cursor))
    more = cursor_after(found[limit - 1]) if len(found) > limit else None
    told = [MessageView.model_validate(one) for one in found[:limit]]
    return MessagePage(messages=told, unread=messages.unread(), next_cursor=more)


@router.get("/{message_id}", summary="Read one message", responses=errors(401, 404))
def read_message(messages: ViewingInbox, message_id: uuid.UUID) -> MessageView:
    """Reading it by API does not mark it as read."""
    return MessageView.model_validate(messages.get(message_id))


@router.patch("/{message_id}", summary="Mark a message read", responses=errors(401, 403, 404, 422))
def mark_message(messages: EditingInbox, message_id: uuid.UUID, given: MessageChange) -> MessageView:
    """Or new again, for whoever looks next; people of the shop share the mark."""
    message = messages.get(message_id)
    mark(message, is_read=given.is_read)
    return MessageView.model_validate(message)


@router.delete("/{message_id}", status_code=204, summary="Delete a message", responses=errors(401, 403, 404))
def delete_message(messages: EditingInbox, message_id: uuid.UUID) -> Response:
    """For good: it is kept nowhere else."""
    messages.remove(messages.get(message_id))
    return Response(status_code=204)
