"""A sketch of a way: blocks, a road, and the turn to the shop. It tells the order of things, not a street's shape."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from markupsafe import Markup

WIDTH: Final = 640
HEIGHT: Final = 400
PIN: Final = "M0 8c-13-18-26-31-26-47a26 26 0 0 1 52 0c0 16-13 29-26 47z"


class Plan(NamedTuple):
    """Where roads lie; ``turns`` is the way through them."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    main: int
    turn: int
    door: int


def _plan(seed: str) -> Plan:
    """The same place always gets the same sketch."""
    dice = hashlib.sha256(seed.encode()).digest()
    columns = (90 + dice[0] % 50, 250 + dice[1] % 40, 410 + dice[2] % 50, 560 + dice[3] % 40)
    rows = (70 + dice[4] % 30, 185 + dice[5] % 30, 310 + dice[6] % 30)
    return Plan(columns, rows, main=rows[2], turn=columns[2], door=rows[0] if dice[7] % 2 else rows[1])


def sketch(seed: str, stops: int) -> Markup:
    """An SVG that the theme paints; decoration, the way stands in words beside it."""
    plan = _plan(seed)
    alleys = "".join(f"M{x} 0V{HEIGHT}" for x in plan.columns) + "".join(f"M0 {y}H{WIDTH}" for y in plan.rows[:2])
    start = 24 if stops else plan.turn
    end = plan.turn + (plan.columns[3] - plan.turn) // 2
    first = start + 30 if stops else plan.turn
    places = [first + (plan.turn - first - 30) * n // max(stops, 1) for n in range(stops)]
    marks = "".join(f'<circle class="m-stop" cx="{x}" cy="{plan.main}" r="11"/>' for x in places)
    return Markup(
        '<svg class="sketch" viewBox="0 0 {w} {h}" preserveAspectRatio="xMidYMid slice" aria-hidden="true"'
        ' focusable="false">'
        '<rect class="m-land" width="{w}" height="{h}"/><path class="m-alley" d="{alleys}"/>'
        '<path class="m-road" d="M0 {main}H{w}"/><path class="m-way" d="M{first} {main}H{turn}V{door}H{end}"/>{marks}'
        '<g transform="translate({end} {door})"><path class="m-pin" d="{pin}"/>'
        '<circle class="m-eye" cy="-38" r="10"/></g></svg>'
    ).format(
        w=WIDTH, h=HEIGHT, alleys=alleys, main=plan.main, first=first, turn=plan.turn, door=plan.door, end=end,
        pin=PIN, marks=Markup(marks),  # noqa: S704 -- numbers only
    )  # fmt: skip
