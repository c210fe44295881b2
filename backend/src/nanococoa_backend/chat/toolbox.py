"""What the agent can do in one answer: the suite's MCP tools, and a look at this shop's products and ads.

Everything it reads or makes goes through a transaction that is narrowed to the shop.
"""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from mcp.types import CallToolResult
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.chat.bridge import RENAMED, WITHHELD, Bridge, Progress, described, text_of
from nanococoa_backend.chat.ledger import Outcome
from nanococoa_backend.errors import LimitReached, NotFound
from nanococoa_backend.limits.service import check
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.watch import Bell
from nanococoa_backend.products.repository import Cutouts, Products

MAKERS: Final = {"generate_ad_image": "ad", "edit_image": "edit"}
LONGEST_RESULT: Final = 4000
"""Characters of a result that the model reads."""

MOST_ROWS: Final = 30
_QUERY: Final = {"type": "object", "properties": {"query": {"type": "string", "description": "Part of the name"}}}
OWN: Final = (
    described(
        "list_products", "The shop's products: id, name, price, unit, notes. Call it before making an ad.", _QUERY
    ),
    described("list_ads", "The shop's ads, newest first: id, title, status.", _QUERY),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """For whom the agent works."""

    database: Database
    store: AssetStore
    business_id: uuid.UUID
    user_id: uuid.UUID | None
    locale: Locale
    making: Bell


class Toolbox:
    def __init__(self, shop: Shop, bridge: Bridge) -> None:
        self._shop, self._bridge = shop, bridge
        self._known = {tool.name: tool for tool in bridge.tools}

    def descriptions(self) -> list[dict[str, Any]]:
        return [*OWN, *self._bridge.descriptions()]

    async def use(self, name: str, arguments: dict[str, Any], key: str, progress: Progress) -> Outcome:
        """``key`` names this call, however often it is made. Raises ToolsAway; refusals are outcomes."""
        try:
            if name in ("list_products", "list_ads"):
                rows = await run_in_threadpool(self._listed, name, str(arguments.get("query") or ""))
                return Outcome(json.dumps(rows, ensure_ascii=False)[: 4 * LONGEST_RESULT])
            if name not in self._known:
                return self._refused("unknown_tool")
            filled = await run_in_threadpool(self._filled, name, arguments)
            result = await self._bridge.call(name, filled, key, progress)
            return await run_in_threadpool(self._outcome, name, arguments, result)
        except (NotFound, ValueError):
            return self._refused("not_yours")
        except LimitReached as error:
            return Outcome(error.message(self._shop.locale), ok=False)

    def _refused(self, why: str) -> Outcome:
        return Outcome(say(self._shop.locale, f"chat.refusal.{why}"), ok=False)

    # --- what the shop has --------------------------------------------------------------------------------------------

    def _listed(self, name: str, query: str) -> list[dict[str, Any]]:
        with self._shop.database.begin() as session:
            scope.narrow(session, self._shop.business_id)
            if name == "list_ads":
                return [_ad_row(ad) for ad in _latest_ads(session) if query.lower() in ad.title.lower()][:MOST_ROWS]
            rows = Products(session).shelf(MOST_ROWS, name=query) or Products(session).shelf(MOST_ROWS)
            return [
                {"id": str(row.id), "name": row.name, "price": row.price, "unit": row.unit, "notes": row.notes}
                for row, _, _ in rows
            ]

    def _filled(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as the tool takes them. Raises NotFound, ValueError, LimitReached."""
        with self._shop.database.begin() as session:
            scope.narrow(session, self._shop.business_id)
            if name in MAKERS:
                check(session, self._shop.business_id, "ads")
            given = {key: value for key, value in arguments.items() if key not in {*WITHHELD, *RENAMED}}
            takes = self._known[name].input_schema.get("properties", {})
            for theirs, ours in RENAMED.items():
                if theirs in takes and ours in given:
                    given[theirs] = self._own(session, ours, str(given.pop(ours)))
            return given

    def _own(self, session: Session, kind: str, value: str) -> str:
        if kind == "ad_id":
            ad = Ads(session).live(uuid.UUID(value.removeprefix("ad:")))
            if ad.job_id is None:
                raise NotFound
            return ad.job_id
        what, _, row_id = value.rpartition(":")
        if what == "ad":
            return self._uri(session, Ads(session).live(uuid.UUID(row_id)).cover_id)
        product = Products(session).live(uuid.UUID(row_id))
        cutout = Cutouts(session).of(product)
        return self._uri(session, (cutout.asset_id if cutout else None) or product.photo_id)

    def _uri(self, session: Session, asset_id: uuid.UUID | None) -> str:
        if asset_id is None:
            raise NotFound
        media = MediaService(session, self._shop.store)
        asset: Asset = media.get(asset_id)
        data, media_type = media.file(asset, "original")
        return f"data:{media_type};base64,{base64.b64encode(data).decode()}"

    # --- what came back -----------------------------------------------------------------------------------------------

    def _outcome(self, name: str, arguments: dict[str, Any], result: CallToolResult) -> Outcome:
        told = text_of(result)
        if result.is_error:
            return Outcome(told[:LONGEST_RESULT], ok=False)
        structured: dict[str, Any] = result.structured_content or {}
        with self._shop.database.begin() as session:
            scope.narrow(session, self._shop.business_id)
            if name in MAKERS:
                ad = self._adopted(session, name, arguments, str(structured["job_id"]))
                return Outcome(json.dumps({"ad_id": str(ad.id), "status": "pending"}), ads=[str(ad.id)])
        return Outcome(told[:LONGEST_RESULT])

    def _adopted(self, session: Session, name: str, arguments: dict[str, Any], job_id: str) -> Ad:
        """What the tool began is the shop's from now on, and comes home to its gallery."""
        shop = self._shop
        media = MediaService(session, shop.store)
        ads = AdService(session, media, shop.business_id, shop.user_id, shop.making)
        words = str(arguments.get("text_content") or arguments.get("instruction") or "")
        product = arguments.get("product_id")
        return ads.adopt(
            job_id,
            title=words.partition("|")[0].strip() or name,
            product_id=uuid.UUID(str(product).rpartition(":")[2]) if product else None,
            kind=MAKERS[name],
        )


def _latest_ads(session: Session) -> list[Ad]:
    query = sa.select(Ad).where(Ad.deleted_at.is_(None)).order_by(Ad.created_at.desc()).limit(200)
    return list(session.scalars(query))


def _ad_row(ad: Ad) -> dict[str, Any]:
    return {"id": str(ad.id), "title": ad.title, "status": ad.status, "made": ad.created_at.date().isoformat()}
