"""The guide at work: reads what the shop has, asks the graph, writes its question, orders the ad at the end."""

from __future__ import annotations

import uuid
from typing import Any, Final

from nanococoa_backend.ads.catalogue import Catalogue, format_title
from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.schemas import AdOrder
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.chat.guide import GuideState, guided
from nanococoa_backend.chat.models import Chat, ChatTurn
from nanococoa_backend.chat.service import ChatService, say_in
from nanococoa_backend.chat.understanding import Known
from nanococoa_backend.errors import LimitReached, NotFound
from nanococoa_backend.messages import Locale, say
from nanococoa_backend.products.repository import Products, Shelf
from nanococoa_backend.products.schemas import ProductFacts
from nanococoa_client.schemas import AdCopy

MOST_PRODUCTS: Final = 60
SHOWN_FORMATS: Final = 5


class Guide:
    """Answers one message in the caller's transaction."""

    def __init__(self, chats: ChatService, ads: AdService, catalogue: Catalogue, locale: Locale) -> None:
        self._session, self._ads, self._products = chats.session, ads, Products(chats.session)
        self._catalogue, self._locale = catalogue, locale

    def answer(self, chat: Chat, turn: ChatTurn, body: dict[str, Any]) -> None:
        shelf = self._products.shelf(MOST_PRODUCTS)
        state = guided(
            {
                "text": body.get("text") or "",
                "choice": body.get("choice") or "",
                "ticked": body.get("formats") or [],
                "known": self._known(shelf),
                "copies": [copy.given() for copy in self._copies(chat.wishes.get("product"))],  # type: ignore[misc]
                "wishes": self._still_there(chat.wishes),
            }
        )
        chat.wishes = state["wishes"]
        say_in(self._session, turn, "assistant", self._reply(turn, state, shelf))
        turn.status = "done"

    def _reply(self, turn: ChatTurn, state: GuideState, shelf: Shelf) -> dict[str, Any]:
        step, wishes = state["step"], state["wishes"]
        if step == "make":
            return self._made(turn, wishes)
        key = "no_products" if step == "product" and not shelf else step
        note = say(self._locale, f"chat.note.{state['note']}") if state.get("note") else ""
        text = " ".join(part for part in (note, say(self._locale, f"chat.ask.{key}")) if part)
        options = {"kind": key, "items": self._items(step, shelf, wishes)}
        return {"text": text, "options": options, "summary": self._summary(wishes) if step == "confirm" else []}

    def _made(self, turn: ChatTurn, wishes: dict[str, Any]) -> dict[str, Any]:
        try:
            product = self._products.live(uuid.UUID(wishes["product"]))
            ad = self._ads.make(self._order(wishes), product.id, key=f"chat-{turn.id.hex}")
        except LimitReached as error:
            return {"text": error.message(self._locale)}
        return {"text": say(self._locale, "chat.ask.make"), "ads": [str(ad.id)]}

    def _order(self, wishes: dict[str, Any]) -> AdOrder:
        return AdOrder(
            scene=wishes.get("scene") or "",
            background=wishes.get("background") or "",
            fields=self._copy(wishes),
            formats=wishes["formats"],
            locale=self._locale,
        )

    def _copy(self, wishes: dict[str, Any]) -> AdCopy:
        """Own words lead; the product's name, price and unit stand beside them, as the owner stated them."""
        words: dict[str, str] = wishes.get("words") or {}
        if not words:
            return AdCopy()
        facts = (self._copies(wishes["product"]) or [AdCopy()])[0]
        if len(words.keys() - {"headline", "price"}):
            return AdCopy(**words)
        own_price = "price" in words
        sub = facts.headline if facts.headline and facts.headline not in words["headline"] else ""
        return AdCopy(
            headline=words["headline"],
            sub=sub,
            price=words.get("price") or facts.price,
            unit="" if own_price else facts.unit,
        )

    def _known(self, shelf: Shelf) -> Known:
        formats = {
            spec.name: format_title(self._catalogue, spec.name, self._locale) for spec in self._catalogue.formats
        }
        products = {str(product.id): product.name for product, _, _ in shelf}
        return Known(products, self._catalogue.scenes, formats, self._locale)

    def _still_there(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """A product that was deleted meanwhile is asked for anew."""
        if wishes.get("product") and not self._copies(wishes["product"]):
            return {**wishes, "product": None}
        return dict(wishes)

    def _copies(self, product_id: str | None) -> list[AdCopy]:
        if not product_id:
            return []
        try:
            product = self._products.live(uuid.UUID(product_id))
        except NotFound:
            return []
        facts = ProductFacts(name=product.name, price=product.price, unit=product.unit, notes=product.notes)
        return suggestions(facts, self._locale)

    def _items(self, step: str, shelf: Shelf, wishes: dict[str, Any]) -> list[dict[str, Any]]:
        match step:
            case "product":
                return [
                    {"value": f"product:{product.id}", "title": product.name, "asset": str(asset.id)}
                    for product, _, asset in shelf
                ]
            case "scene":
                return [
                    {"value": f"scene:{name}", "title": say(self._locale, f"scenes.{name}.title"), "scene": name}
                    for name in self._catalogue.scenes
                ]
            case "words":
                return [*self._lines(wishes), {"value": "words:none", "title": say(self._locale, "chat.go.none")}]
            case "formats":
                return [
                    {"value": spec.name, "title": format_title(self._catalogue, spec.name, self._locale)}
                    for spec in self._catalogue.familiar()[:SHOWN_FORMATS]
                ]
        parts = ("scene", "words", "formats", "product")
        changes = [{"value": f"change:{part}", "title": say(self._locale, f"chat.go.{part}")} for part in parts]
        return [{"value": "go:make", "title": say(self._locale, "chat.go.make"), "first": True}, *changes]

    def _lines(self, wishes: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"value": f"words:{index}", "title": copy.headline, "more": " · ".join(list(copy.given().values())[1:])}
            for index, copy in enumerate(self._copies(wishes.get("product")))
        ]

    def _summary(self, wishes: dict[str, Any]) -> list[list[str]]:
        scene = wishes.get("scene")
        copy = self._copy(wishes)
        rows = {
            "product": self._products.live(uuid.UUID(wishes["product"])).name,
            "scene": say(self._locale, f"scenes.{scene}.title") if scene else wishes.get("background", ""),
            "words": " · ".join(copy.given().values()) or say(self._locale, "chat.sum.no_words"),
            "formats": ", ".join(format_title(self._catalogue, name, self._locale) for name in wishes["formats"]),
        }
        return [[say(self._locale, f"chat.sum.{name}"), text] for name, text in rows.items()]
