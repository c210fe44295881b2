"""The inbox's page."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.inbox.api import EditingInbox, ViewingInbox
from nanococoa_backend.inbox.schemas import MessageChange
from nanococoa_backend.inbox.service import mark
from nanococoa_backend.platform.forms import Form, form_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.paging import cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/inbox", include_in_schema=False)

PAGE: Final = 24
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{6,20}")
_MAIL: Final = re.compile(r"[^\s@<>\"'?&]{1,64}@[^\s@<>\"'?&]{3,120}")
MarkForm = Annotated[Form[MessageChange], Depends(form_of(MessageChange))]


@router.get("")
def inbox_page(request: Request, services: ServicesDep, messages: ViewingInbox, after: str = "") -> Response:
    found = messages.shelf(PAGE + 1, place_of(after))
    more = cursor_after(found[PAGE - 1]) if len(found) > PAGE else None
    rows = [(one, answer_address(one.reply)) for one in found[:PAGE]]
    return services.pages.render(request, "inbox/inbox.html", rows=rows, unread=messages.unread(), more=more)


@router.post("/{message_id}/mark")
def mark_message(messages: EditingInbox, message_id: uuid.UUID, form: MarkForm) -> Response:
    mark(messages.get(message_id), is_read=form.model.is_read)
    return go_on("/inbox", "inbox_read" if form.model.is_read else "inbox_unread")


@router.post("/{message_id}/delete")
def delete_message(messages: EditingInbox, message_id: uuid.UUID) -> Response:
    messages.remove(messages.get(message_id))
    return go_on("/inbox", "inbox_deleted")


def answer_address(reply: str) -> str:
    """Where a press answers: dials, or writes. Empty for what is neither a number nor an address."""
    if _PHONE.fullmatch(reply):
        return "tel:" + re.sub(r"[^0-9+]", "", reply)
    return f"mailto:{reply}" if _MAIL.fullmatch(reply) else ""
