"""What the agent's wishes become: ads, edits and homepages of the shop like any other, with limits, order and history.

An ad's row is there before its tool is called: it counts against the month, and a process that dies leaves a wish that
is kept. Texts and homepages are changed by the dashboard's own orders: their results are versions, which live here.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.parcel import look_of
from nanococoa_backend.ads.schemas import AdOrder, EditOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.businesses.models import Business
from nanococoa_backend.businesses.repository import Businesses
from nanococoa_backend.businesses.roles import may
from nanococoa_backend.editor.models import AdEdit
from nanococoa_backend.editor.schemas import VersionOrder
from nanococoa_backend.editor.service import EditorService
from nanococoa_backend.errors import NotAllowed, NotFound
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.schemas import HomepageOrder
from nanococoa_backend.homepages.service import HomepageService
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.services import Services
from nanococoa_backend.platform.tables import now
from nanococoa_client.schemas import Brand

CALL: Final = timedelta(minutes=3)
"""Longer than a call may take: an ad whose call was never heard of again is then made without it."""


class PageWish(BaseModel):
    """What the agent may say of a homepage; its facts are the shop's own."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field("", max_length=80, description="What the page is called; empty: the shop's name")
    wishes: str = Field(
        "", max_length=500, description="How it should be, in the owner's words, e.g. '따뜻한 느낌으로'"
    )
    pages: str = Field("one", pattern="^(one|several)$", description="one: one long page; several: with a menu")


class Shop:
    """For whom the agent works: one person and one business, looked at anew for every wish."""

    def __init__(self, services: Services, business_id: uuid.UUID, user_id: uuid.UUID | None, locale: Locale) -> None:
        self.services, self.business_id, self.user_id, self.locale = services, business_id, user_id, locale

    def narrow(self, session: Session) -> None:
        scope.narrow(session, self.business_id)

    def check_may_edit(self, session: Session) -> uuid.UUID:
        """Who it is. Raises NotAllowed: the role may have changed since the question was asked."""
        member = Businesses(session).membership(self.business_id, self.user_id) if self.user_id else None
        if member is None or not may(member.role, "editor"):
            raise NotAllowed
        return member.user_id

    def media(self, session: Session) -> MediaService:
        return MediaService(session, self.services.store)

    def ads(self, session: Session) -> AdService:
        return AdService(session, self.media(session), self.business_id, self.user_id, self.services.making)


class Wishes:
    """Each in a transaction of its own; ``key`` names a wish, the same again is the same thing."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._database = shop.services.database

    def begin_ad(self, name: str, arguments: dict[str, Any], picture: uuid.UUID | None, key: str) -> Ad:
        """The ad, before its tool is called. Raises NotAllowed, NotFound, LimitReached, ValueError."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            self._shop.check_may_edit(session)
            ads = self._shop.ads(session)
            if (known := ads.ads.by_key(key)) is not None:
                return known
            begins_at = now() + CALL
            if name == "edit_image":
                order = edit_order_of(arguments, picture, self._shop.locale)
                return ads.make_edit(order, key=key, begins_at=begins_at)
            product_id = uuid.UUID(str(arguments.get("product_id")).rpartition(":")[2])
            wanted = ad_order_of(arguments, self._shop.locale)
            return ads.make(wanted, product_id, key=key, begins_at=begins_at)

    def given(self, ad_id: uuid.UUID, job_id: str) -> None:
        """The tool has begun the job: it comes home from now on like any other."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            ads = self._shop.ads(session)
            if (ad := ads.ads.locked(ad_id)) is not None:
                ads.given(ad, job_id)

    def drop_ad(self, ad_id: uuid.UUID) -> None:
        """The tool refused: nothing was begun, and nothing counts."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            ads = self._shop.ads(session)
            ad = ads.ads.locked(ad_id)
            if ad is not None and ad.job_id is None:
                session.delete(ad)

    def edit_text(self, ad_id: uuid.UUID, arguments: dict[str, Any], key: str) -> uuid.UUID:
        """An edit that waits to be rendered. Raises NotAllowed, NotFound, NotEditable, Outdated, ValidationError."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            user_id = self._shop.check_may_edit(session)
            services = self._shop.services
            editor = EditorService(
                session, self._shop.ads(session), services.store, self._shop.business_id, services.rendering
            )
            if (known := editor.edits.by_key(key)) is not None:
                return known.id
            opened = editor.opened(ad_id)
            wanted = {name: value for name, value in arguments.items() if name in _CHANGES and value}
            order = VersionOrder.model_validate(
                {**wanted, "base_version": opened.version.id, "locale": self._shop.locale, "mend": True}
            )
            return editor.order(ad_id, order, user_id=user_id, key=key).id

    def edit(self, edit_id: uuid.UUID) -> AdEdit:
        """How an edit stands. Raises NotFound."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            found = session.get(AdEdit, edit_id)
            if found is None:
                raise NotFound
            return found

    def homepage(self, arguments: dict[str, Any], key: str) -> Homepage:
        """A page that waits to be made: a version that nobody sees before the owner publishes it.

        Raises NotAllowed, TooManyHomepages, ValidationError.
        """
        wish = PageWish.model_validate(arguments)
        order = HomepageOrder.model_validate({**wish.model_dump(), "locale": self._shop.locale})
        with self._database.begin() as session:
            self._shop.narrow(session)
            user_id = self._shop.check_may_edit(session)
            business = session.get_one(Business, self._shop.business_id)
            pages = HomepageService(session, business, user_id, self._shop.services.homepages.bell)
            return pages.make(order, hashlib.sha256(key.encode()).hexdigest())

    def brand(self) -> Brand | None:
        """The shop's own look as tools take it; None where it has told none."""
        with self._database.begin() as session:
            self._shop.narrow(session)
            return look_of(self._shop.media(session), session.get_one(Business, self._shop.business_id)).brand


_CHANGES: Final = ("fields", "style", "text_color", "font_family", "text_position", "formats", "edits")


def seed_of(key: str) -> int:
    """A wish decides its picture, so that a variation can keep it."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)


def ad_order_of(arguments: dict[str, Any], locale: Locale) -> AdOrder:
    """What the tool was asked for as the order that is kept. Raises ValueError for what is no order."""
    formats = arguments.get("formats") or ["square"]
    names = [name.strip() for name in formats.split(",")] if isinstance(formats, str) else formats
    order = {
        "text": arguments.get("text_content") or "",
        "background": arguments.get("bg_prompt") or "",
        "formats": names,
        "text_position": arguments.get("text_position") or "auto",
        "style_words": arguments.get("html_style_prompt") or "",
        "locale": locale,
        "seed": arguments.get("seed"),
    }
    return AdOrder.model_validate(order)


def edit_order_of(arguments: dict[str, Any], picture: uuid.UUID | None, locale: Locale) -> EditOrder:
    kept = {name: arguments[name] for name in ("mode", "keep_product", "seed") if arguments.get(name) is not None}
    return EditOrder.model_validate(
        {"asset_id": str(picture), "instruction": arguments.get("instruction"), "locale": locale, **kept}
    )


def reason_of(error: ValidationError) -> str:
    """What is wrong with a model's arguments, for the model."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
