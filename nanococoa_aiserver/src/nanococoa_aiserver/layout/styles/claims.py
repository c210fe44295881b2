"""Which zone shows which words: every field once, in the place the style would rather have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nanococoa_aiserver.layout.styles.model import FILLERS, Layout, Zone
from nanococoa_client.schemas import Role

DEAL: tuple[Role, ...] = ("discount", "old_price", "price", "unit")
TABLE: tuple[Role, ...] = ("sub", "unit", "price", "discount", "old_price", "call_to_action")


@dataclass(frozen=True, slots=True)
class Claim:
    """A zone with the rows it really shows. ``deal`` and ``table`` are the roles inside those blocks, ``texts`` the
    words by slot for estimating sizes, ``figure`` the role shown as a giant number.
    """

    zone: Zone
    rows: tuple[str, ...]
    texts: dict[str, str]
    deal: tuple[Role, ...] = ()
    table: tuple[Role, ...] = ()
    figure: str = ""

    @property
    def roles(self) -> set[str]:
        """Every role the zone shows."""
        return {*self.deal, *self.table, *self.texts} - {"table"}

    @property
    def slots(self) -> list[str]:
        return [slot for row in self.rows for slot in row.replace("|", " ").split()]


def claims(layout: Layout, shown: Mapping[Role, str], *, figure_behind: bool = False) -> list[Claim]:
    """Zones that show something, in the layout's order. Picky zones choose first: ``a/b`` and ``up_to``."""
    free = {role for role, text in shown.items() if text}
    if "logo" in shown:
        free.add("shop")
    picked: dict[str, Claim] = {}
    for zone in sorted(layout.zones, key=_openness):
        claim = _claim(zone, shown, free)
        if claim:
            picked[zone.name] = claim
    return [picked[zone.name] for zone in layout.zones if zone.name in picked]


def _openness(zone: Zone) -> int:
    return 0 if any("/" in slot for slot in zone.slots()) else 1 if zone.up_to else 2


def _claim(zone: Zone, shown: Mapping[Role, str], free: set[Role]) -> Claim | None:
    if _openness(zone) == 0:
        return _choice(zone, shown, free)
    if zone.up_to and any(len(shown.get(role, "")) > zone.up_to for role in zone.slots()):  # type: ignore[call-overload]
        return None
    deal: tuple[Role, ...] = ()
    table: tuple[Role, ...] = ()
    slots = zone.slots()
    if "table" in slots:
        table = tuple(role for role in TABLE if role in free)
        free -= set(table)
    if "price" in slots:
        deal = tuple(role for role in DEAL if role in free)
        free -= set(deal)
    rows, used = _rows(zone, free, bool(deal), bool(table))
    free -= used
    if not any(slot not in FILLERS for row in rows for slot in row.replace("|", " ").split()):
        return None
    texts: dict[str, str] = {role: shown.get(role, "") for role in {*used, *deal}}
    texts |= {"table": "table"} if table else {}
    return Claim(zone, rows, _with_deal(texts, deal), deal, table)


def _choice(zone: Zone, shown: Mapping[Role, str], free: set[Role]) -> Claim | None:
    """A zone for one of two fields: a giant figure, or a sticker."""
    options: list[Role] = [role for role in DEAL + TABLE if role in zone.slots()[0].split("/")]
    options.sort(key=zone.slots()[0].split("/").index)
    fitting = [role for role in options if role in free and (not zone.up_to or len(shown[role]) <= zone.up_to)]
    if not fitting:
        return None
    role = fitting[0]
    free.discard(role)
    figure = "" if zone.shape else role
    return Claim(zone, ("figure",) if figure else (role,), {role: shown[role]}, figure=figure)


def _rows(zone: Zone, free: set[Role], deal: bool, table: bool) -> tuple[tuple[str, ...], set[Role]]:
    used: set[Role] = set()

    def kept(part: str) -> list[str]:
        slots = []
        for slot in part.split():
            block = (slot == "price" and deal) or (slot == "table" and table)
            if slot in FILLERS or block:
                slots.append(slot)
            elif slot in free and slot not in ("price", "table"):
                slots.append(slot)
                used.add(slot)
        return slots

    rows = []
    for row in zone.rows:
        left, right = kept(row.partition("|")[0]), kept(row.partition("|")[2])
        if left and right:
            rows.append(" ".join(left) + " | " + " ".join(right))
        elif left or right:
            rows.append(" ".join(left or right))
    return tuple(_trimmed(rows)), used


def _trimmed(rows: list[str]) -> list[str]:
    """Without a rule that would close a zone; a stretch at the end stays, it keeps what is above in the middle."""
    while [row for row in rows if row != "*"][-1:] in (["rule"], ["bar"]):
        rows = rows[: max(at for at, row in enumerate(rows) if row in ("rule", "bar"))]
    return rows


def _with_deal(texts: dict[str, str], deal: tuple[Role, ...]) -> dict[str, str]:
    """``price`` must be there for the block to have a height, even with a unit alone."""
    return texts | {"price": texts.get("price", "")} if deal else texts
