"""What the agent can do in one answer: the suite's MCP tools, and a look at this shop's products and ads.

Everything it reads or makes goes through a transaction that is narrowed to the shop.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from mcp.types import CallToolResult
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.chat.bridge import RENAMED, WITHHELD, Bridge, Progress, ToolsAway, described, text_of
from nanococoa_backend.chat.ledger import Outcome
from nanococoa_backend.chat.wishes import PageWish, Shop, Wishes, reason_of, seed_of
from nanococoa_backend.editor.models import AdEdit
from nanococoa_backend.errors import LimitReached, NotAllowed, NotFound, TooManyHomepages
from nanococoa_backend.messages import say
from nanococoa_backend.products.repository import Cutouts, Products
from nanococoa_client.errors import ServiceError

LONGEST_RESULT: Final = 4000
"""Characters of a result that the model reads."""

MOST_ROWS: Final = 30
EDIT_SECONDS: Final = 45.0
"""An edit is waited for this long; then the model is told that it goes on."""

LOOK: Final = 0.3
_QUERY: Final = {"type": "object", "properties": {"query": {"type": "string", "description": "Part of the name"}}}
OWN: Final = (
    described(
        "list_products", "The shop's products: id, name, price, unit, notes. Call it before making an ad.", _QUERY
    ),
    described("list_ads", "The shop's ads, newest first: id, title, status.", _QUERY),
    described(
        "generate_homepage",
        "Make a homepage of the shop's own facts, products and ads. It becomes a version for the owner to look at; "
        "only the owner publishes it. Takes 15 seconds to 3 minutes and appears among the homepages by itself.",
        PageWish.model_json_schema(),
    ),
)

Use: TypeAlias = Callable[[dict[str, Any], str, Progress], Awaitable[Outcome]]


class Toolbox:
    def __init__(self, shop: Shop, bridge: Bridge) -> None:
        self._shop, self._bridge, self._wishes = shop, bridge, Wishes(shop)
        self._known = {tool.name: tool for tool in bridge.tools}
        self._own: dict[str, Use] = {
            "list_products": self._list_products,
            "list_ads": self._list_ads,
            "generate_homepage": self._make_homepage,
            "edit_ad_text": self._edit_text,
        }

    def descriptions(self) -> list[dict[str, Any]]:
        return [*OWN, *self._bridge.descriptions()]

    async def use(self, name: str, arguments: dict[str, Any], key: str, progress: Progress) -> Outcome:
        """``key`` names this call, however often it is made. Raises ToolsAway; refusals are outcomes."""
        try:
            if name in self._own:
                return await self._own[name](arguments, key, progress)
            if name not in self._known:
                return self._refused("unknown_tool")
            if name in ("generate_ad_image", "edit_image"):
                return await self._make(name, arguments, key, progress)
            filled = await run_in_threadpool(self._filled, name, arguments)
            return _told(await self._bridge.call(name, filled, key, progress))
        except ValidationError as error:
            return self._refused("wrong", reason=reason_of(error))
        except (NotFound, ValueError):
            return self._refused("not_yours")
        except (LimitReached, NotAllowed, TooManyHomepages) as error:  # the person is told, whatever the model says
            said = error.message(self._shop.locale)
            return Outcome(said, ok=False, told=said)
        except ServiceError as error:
            return Outcome(error.message(self._shop.locale), ok=False)

    def _refused(self, why: str, **values: str) -> Outcome:
        return Outcome(say(self._shop.locale, f"chat.refusal.{why}", **values), ok=False)

    # --- what is made -------------------------------------------------------------------------------------------------

    async def _make(self, name: str, arguments: dict[str, Any], key: str, progress: Progress) -> Outcome:
        """The ad is the shop's before its tool is called; its files come home like any other's."""
        filled = await run_in_threadpool(self._filled, name, arguments)
        filled = await run_in_threadpool(self._enriched, name, filled, key)
        picture = await run_in_threadpool(self._picture_id, arguments) if name == "edit_image" else None
        wish = arguments | {"seed": filled["seed"]}
        ad = await run_in_threadpool(self._wishes.begin_ad, name, wish, picture, key)
        if ad.job_id is None:
            refusal = await self._given(ad, name, filled, key, progress)
            if refusal is not None:
                return refusal
        return Outcome(json.dumps({"ad_id": str(ad.id), "status": "pending"}), ads=[str(ad.id)])

    async def _given(self, ad: Ad, name: str, filled: dict[str, Any], key: str, progress: Progress) -> Outcome | None:
        """None when the tool has begun the job; else what it said. Raises ToolsAway."""
        try:
            result = await self._bridge.call(name, filled, key, progress)
        except ToolsAway:
            await run_in_threadpool(self._wishes.drop_ad, ad.id)
            raise
        if result.is_error:
            await run_in_threadpool(self._wishes.drop_ad, ad.id)
            return _told(result)
        job_id = str((result.structured_content or {})["job_id"])
        await run_in_threadpool(self._wishes.given, ad.id, job_id)
        return None

    async def _edit_text(self, arguments: dict[str, Any], key: str, progress: Progress) -> Outcome:
        """Another version of the ad, rendered from the layer that is kept here: the job it was made by may be gone."""
        ad_id = uuid.UUID(str(arguments.get("ad_id")).removeprefix("ad:"))
        edit_id = await run_in_threadpool(self._wishes.edit_text, ad_id, arguments, key)
        deadline = time.monotonic() + EDIT_SECONDS
        while True:
            edit = await run_in_threadpool(self._wishes.edit, edit_id)
            if edit.status != "waiting" or time.monotonic() > deadline:
                return _edited(edit)
            await progress(0, "")
            await asyncio.sleep(LOOK)

    async def _make_homepage(self, arguments: dict[str, Any], key: str, _progress: Progress) -> Outcome:
        page = await run_in_threadpool(self._wishes.homepage, arguments, key)
        told = {"homepage_id": str(page.id), "status": "waiting", "published": False}
        return Outcome(json.dumps(told), homepages=[str(page.id)])

    # --- what the shop has --------------------------------------------------------------------------------------------

    async def _list_products(self, arguments: dict[str, Any], _key: str, _progress: Progress) -> Outcome:
        return await run_in_threadpool(self._listed, _product_rows, arguments)

    async def _list_ads(self, arguments: dict[str, Any], _key: str, _progress: Progress) -> Outcome:
        return await run_in_threadpool(self._listed, _ad_rows, arguments)

    def _listed(self, rows_of: Callable[[Session, str], list[dict[str, Any]]], arguments: dict[str, Any]) -> Outcome:
        with self._shop.services.database.begin() as session:
            self._shop.narrow(session)
            rows = rows_of(session, str(arguments.get("query") or ""))
            return Outcome(json.dumps(rows, ensure_ascii=False)[: 4 * LONGEST_RESULT])

    def _filled(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as the tool takes them. Raises NotFound, ValueError."""
        with self._shop.services.database.begin() as session:
            self._shop.narrow(session)
            given = {key: value for key, value in arguments.items() if key not in {*WITHHELD, *RENAMED}}
            takes = self._known[name].input_schema.get("properties", {})
            for theirs, ours in RENAMED.items():
                if theirs in takes and ours in given:
                    given[theirs] = self._own_value(session, ours, str(given.pop(ours)))
            return given

    def _enriched(self, name: str, filled: dict[str, Any], key: str) -> dict[str, Any]:
        """With what the model is not asked for: the shop's own look, and a seed that is kept with the order."""
        more: dict[str, Any] = {"seed": filled.get("seed") or seed_of(key)}
        if "brand" in self._known[name].input_schema.get("properties", {}):
            brand = self._wishes.brand()
            more |= {"brand": brand.model_dump(mode="json")} if brand else {}
        return filled | more

    def _own_value(self, session: Session, kind: str, value: str) -> str:
        if kind == "ad_id":
            ad = Ads(session).live(uuid.UUID(value.removeprefix("ad:")))
            if ad.job_id is None:
                raise NotFound
            return ad.job_id
        media = self._shop.media(session)
        data, media_type = media.file(media.get(_picture_of(session, value)), "original")
        return f"data:{media_type};base64,{base64.b64encode(data).decode()}"

    def _picture_id(self, arguments: dict[str, Any]) -> uuid.UUID:
        with self._shop.services.database.begin() as session:
            self._shop.narrow(session)
            return _picture_of(session, str(arguments.get("picture")))


def _picture_of(session: Session, value: str) -> uuid.UUID:
    """A kept picture by its name for the model. Raises NotFound, ValueError."""
    what, _, row_id = value.rpartition(":")
    if what == "ad":
        found = Ads(session).live(uuid.UUID(row_id)).cover_id
        if found is None:
            raise NotFound
        return found
    product = Products(session).live(uuid.UUID(row_id))
    cutout = Cutouts(session).of(product)
    return (cutout.asset_id if cutout else None) or product.photo_id


def _told(result: CallToolResult) -> Outcome:
    return Outcome(text_of(result)[:LONGEST_RESULT], ok=not result.is_error)


def _edited(edit: AdEdit) -> Outcome:
    if edit.status == "failed":
        return Outcome(str((edit.problem or {}).get("message") or "failed"), ok=False)
    told = {"ad_id": str(edit.ad_id), "status": "completed" if edit.status == "done" else "pending"}
    return Outcome(json.dumps(told), ads=[str(edit.ad_id)])


def _product_rows(session: Session, query: str) -> list[dict[str, Any]]:
    rows = Products(session).shelf(MOST_ROWS, name=query) or Products(session).shelf(MOST_ROWS)
    return [
        {"id": str(row.id), "name": row.name, "price": row.price, "unit": row.unit, "notes": row.notes}
        for row, _, _ in rows
    ]


def _ad_rows(session: Session, query: str) -> list[dict[str, Any]]:
    latest = sa.select(Ad).where(Ad.deleted_at.is_(None)).order_by(Ad.created_at.desc()).limit(200)
    found = [ad for ad in session.scalars(latest) if query.lower() in ad.title.lower()][:MOST_ROWS]
    return [
        {"id": str(ad.id), "title": ad.title, "status": ad.status, "made": ad.created_at.date().isoformat()}
        for ad in found
    ]
