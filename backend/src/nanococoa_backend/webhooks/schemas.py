"""What forms and API bodies of webhooks hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Event: TypeAlias = Literal[
    "ad.completed",
    "ad.failed",
    "ad.stopped",
    "homepage.completed",
    "homepage.failed",
    "homepage.stopped",
    "batch.finished",
    "batch.stopped",
]
EVENTS: tuple[Event, ...] = get_args(Event)


def _address(url: str) -> str:
    """Raises a complaint for what is no address a letter could be sent to."""
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or any(ord(letter) <= 32 for letter in url):
        raise PydanticCustomError("web_address", "not a web address")
    return url


def _listed(value: Any) -> Any:
    """One box of a form that is ticked is a text, not a list."""
    given = [value] if isinstance(value, str) else value
    return list(dict.fromkeys(given)) if isinstance(given, list) else given


Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_address)
]


class NewWebhook(BaseModel):
    url: Address = Field(description="Where letters are sent by POST", examples=["https://shop.example/hooks"])
    events: Annotated[list[Event], BeforeValidator(_listed), Field(min_length=1)] = Field(
        list(EVENTS), description="What it wants to hear of"
    )


class WebhookChange(BaseModel):
    url: Address | None = Field(None, description="Another address; null: as it is")
    events: Annotated[list[Event], BeforeValidator(_listed), Field(min_length=1)] | None = Field(
        None, description="What it wants to hear of; null: as it is"
    )
    is_active: bool | None = Field(None, description="false: nothing is sent for now; null: as it is")


class WebhookView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The webhook's id")
    url: str = Field(description="Where letters are sent")
    events: list[Event] = Field(description="What it wants to hear of")
    is_active: bool = Field(description="false: switched off, by a person or after many letters that nobody took")
    created_at: datetime = Field(description="When it was made")


class WebhookPage(BaseModel):
    webhooks: list[WebhookView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class FreshWebhook(WebhookView):
    secret: str = Field(description="Signs every letter (Standard Webhooks). It is told this once and never again")


class DeliveryView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The letter's id; the header `webhook-id` of every try")
    event: str = Field(description="What it told")
    status: Literal["waiting", "delivered", "failed"] = Field(description="waiting → delivered or failed")
    tries: int = Field(description="How often it was sent")
    next_try_at: datetime | None = Field(description="When it is sent next; null: not again")
    answered: int | None = Field(description="HTTP status of the last answer; null: none came")
    answer: str = Field(description="The beginning of the last answer, or why none came")
    created_at: datetime = Field(description="When it happened")
    delivered_at: datetime | None = Field(description="When it was taken")


class DeliveryPage(BaseModel):
    deliveries: list[DeliveryView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
