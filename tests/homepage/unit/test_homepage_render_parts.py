"""The small things a page is made of: colours that can be read, prices, days, ways, letters, both catalogues."""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path

import pytest

from homepage_generator.render import words as catalogue
from homepage_generator.render.colour import contrast, on, readable
from homepage_generator.render.fonts import cuts, width
from homepage_generator.render.money import Money, money
from homepage_generator.render.plan import sketch
from homepage_generator.render.text import Letters, set_in
from homepage_generator.render.theme import Face, theme, themes, tokens
from homepage_generator.render.way import Stop, way
from homepage_generator.render.words import words
from homepage_generator.spec.site import Look
from homepage_generator.spec.types import THEMES, ThemeName

HUES = ["#ffffff", "#000000", "#ffe600", "#ff0000", "#00ff00", "#0000ff", "#808080", "#7a4a20", "#f5f5dc", "#ff69b4"]


@pytest.mark.parametrize(("colour", "ground"), list(product(HUES, HUES)))
def test_any_colour_becomes_readable_on_any_ground(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= 4.5
    assert contrast(on(ground), ground) >= 4.5


def test_a_colour_that_is_readable_already_stays_as_it_is() -> None:
    assert readable("#7a2e1f", "#f1f2ea") == "#7a2e1f"


@pytest.mark.parametrize(("name", "colour"), list(product(THEMES, HUES)))
def test_a_shops_colours_are_readable_in_every_theme_by_day_and_night(name: ThemeName, colour: str) -> None:
    given = theme(name)
    for grounds in filter(None, (given.day, given.dark)):
        said = tokens(grounds, Look(theme=given.name, color=colour, accent=colour))
        pairs = [
            ("on-c", "c"),
            ("c-ink", "paper"),
            ("on-a", "a"),
            ("a-ink", "paper"),
            ("a-on-c", "c"),
            ("ink", "paper"),
        ]
        assert [pair for pair in pairs if contrast(said[pair[0]], said[pair[1]]) < 4.5] == []


def test_themes_are_seven_and_differ_in_face_and_layout() -> None:
    found = themes()
    assert [one.name for one in found] == list(THEMES)
    assert len({one.css for one in found}) == 7
    assert len({one.measure for one in found}) >= 5


@pytest.mark.parametrize(
    ("price", "told"),
    [
        ("24000", Money("24,000", after="원")),
        ("39,000원", Money("39,000", after="원")),
        ("₩ 5,500", Money("5,500", after="원")),
        ("시가", Money(words="시가")),
        ("3,000원부터", Money(words="3,000원부터")),
        ("1e5", Money(words="1e5")),
        ("", Money(words="")),
    ],
)
def test_prices_are_figures_only_where_they_are_figures(price: str, told: Money) -> None:
    assert money(price, "ko") == told


def test_a_price_in_english_has_its_sign_before_it() -> None:
    assert money("24000", "en") == Money("24,000", before="₩")


@pytest.mark.parametrize(
    ("landmark", "stops"),
    [
        ("망원역 2번 출구에서 걸어서 6분, 떡집 옆", [Stop("망원역 2번 출구", "걸어서 6분"), Stop("떡집 옆")]),
        ("합정역 8번 출구 도보 3분", [Stop("합정역 8번 출구", "도보 3분")]),
        ("6 minutes' walk from Mangwon Station", [Stop("Mangwon Station", "6 minutes' walk")]),
        ("", []),
        ("가, 나, 다, 라", [Stop("가"), Stop("나"), Stop("다")]),
    ],
)
def test_the_way_is_what_the_owner_said(landmark: str, stops: list[Stop]) -> None:
    assert way(landmark) == stops


def test_a_place_gets_the_same_sketch_each_time_and_a_stop_for_each_landmark() -> None:
    assert sketch("포은로 14", 2) == sketch("포은로 14", 2)
    assert sketch("포은로 14", 2).count("m-stop") == 2
    assert "m-stop" not in sketch("포은로 14", 0)


def test_days_are_told_as_people_tell_them() -> None:
    said = words("ko").days
    assert said(["mon", "tue", "wed", "thu", "fri"]) == "월–금"
    assert said(["sat", "sun"]) == "토·일"
    assert said(["mon", "wed"]) == "월·수"
    assert said(["sun", "mon", "tue", "wed", "thu", "fri", "sat"]) == "매일"
    assert words("en").days(["tue", "wed", "thu"]) == "Tue–Thu"


def test_both_catalogues_say_the_same_things() -> None:
    folder = Path(catalogue.__file__).parent
    ko, en = (tomllib.loads((folder / f"{locale}.toml").read_text("utf-8")) for locale in ("ko", "en"))
    assert _keys(ko) == _keys(en)


def _keys(table: dict[str, object]) -> set[str]:
    nested = {f"{key}.{inner}" for key, value in table.items() if isinstance(value, dict) for inner in value}
    return {key for key, value in table.items() if not isinstance(value, dict)} | nested


def test_a_face_gets_the_letters_that_rules_set_in_it_and_no_others() -> None:
    css = ".top .logo{font:400 20px var(--display)}h2,.a :is(.b,.c){font-family:var(--display)}p{color:red}"
    face = Face(family="Loud", files=["BMHANNAPro.ttf"], where=["var(--display)"])
    letters = Letters([face], css)
    letters.feed('<h2>가<b>나</b></h2><p>다</p><i class="logo">라</i><div class="a"><i class="b">마</i></div>')
    letters.feed('<div class="top"><a class="logo">바</a></div><svg><text>사</text></svg>')
    assert {*"가나마바"} == {letter for letter in letters.letters[0] if letter > "z"}


def test_selectors_are_read_without_their_conditions() -> None:
    css = "@media (max-width:1px){.a:first-child:nth-last-child(3n+1) .b:not(.c)::before{font-weight:800}}"
    assert set(set_in(css, ["font-weight:800"])) == {frozenset({".a", ".b"})}


def test_a_sign_that_a_display_font_leaves_empty_comes_from_the_next_one() -> None:
    face = Face(family="Loud", files=["BMHANNAPro.ttf", "NanumSquareEB.ttf"])
    main, lent = cuts(face, "가–")
    assert main.covers == ()
    assert 0x2013 in lent.covers


def test_a_longer_line_is_wider() -> None:
    assert width("NanumSquareEB.ttf", "오늘 새벽 고른 것만") > width("NanumSquareEB.ttf", "오늘") > 1
