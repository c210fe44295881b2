"""Drawings: every one is whole, found by the words of what is sold, and there is always one for the trade."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from homepage_generator.render import art
from homepage_generator.render.art.catalogue import drawings, own_of
from homepage_generator.spec.types import TRADES, Trade

FOLDER = Path(art.__file__).parent
PARTS = {"ab", "as", "at", "aw", "ak", "ah", "al", "an", "ao", "ax"}


def test_every_drawing_of_the_catalogue_is_drawn_and_every_drawn_one_is_in_it() -> None:
    assert {file.stem for file in (FOLDER / "drawings").iterdir()} == set(drawings())


@pytest.mark.parametrize("name", sorted(drawings()))
def test_a_drawing_says_what_its_parts_are_and_leaves_colour_to_the_theme(name: str) -> None:
    root = ElementTree.parse(FOLDER / "drawings" / f"{name}.svg").getroot()
    assert root.get("viewBox") == "0 0 100 100"
    classes = {part.get("class") for part in root.iter() if part.get("class")}
    assert classes
    assert classes <= PARTS
    used = {attribute for part in root.iter() for attribute in part.attrib}
    assert not used & {"fill", "stroke", "style", "id", "href", "onload"}


def test_all_trades_have_at_least_six_drawings_of_their_own() -> None:
    assert set(TRADES) == set(get_args(Trade))
    for trade in TRADES:
        assert len(own_of(trade)) >= 6
        assert set(own_of(trade)) <= set(drawings())


def test_friends_of_a_drawing_are_drawn() -> None:
    assert {friend for row in drawings().values() for friend in row.friends} <= set(drawings())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("하동 대봉감", "persimmon"),
        ("신고배 7개", "pear"),
        ("무료 배달", None),
        ("사과 식초", "bottle"),
        ("들기름 콩나물국밥", "stew"),
        ("소나무재 머그", "cup"),
        ("과일 가게", None),
        ("수학 학원", "setsquare"),
        ("Strawberry jam", "strawberry"),
        ("Tart of the day", "muffin"),
        ("피아노 교실", "keys"),
        ("미용실", "scissors"),
        ("예약 안내", None),
        ("", None),
        ("😀 <script>", None),
    ],
)
def test_a_name_finds_the_drawing_of_the_thing_itself(words: str, name: str | None) -> None:
    assert art.find_art(words) == name


def test_a_shop_gets_what_it_sells_first_and_its_trade_s_own_after() -> None:
    assert art.art_for("fruit", ["설향 딸기", "부사 사과"], 4) == ["strawberry", "apple", "persimmon", "mandarin"]


@pytest.mark.parametrize("trade", TRADES)
def test_a_shop_that_says_nothing_still_gets_three_different_drawings(trade: Trade) -> None:
    assert len(set(art.art_for(trade))) == 3


def test_a_page_holds_each_drawing_once_and_nothing_where_none_is_used() -> None:
    assert art.sprite(["apple", "cup", "apple"]).count("<symbol") == 2
    assert art.sprite([]) == ""


def test_the_styles_of_a_page_hold_the_colours_of_its_drawings_alone() -> None:
    assert re.findall(r"\.art-([a-z]+)\{", art.art_css(["cup"])) == ["hatching", "cup"]
