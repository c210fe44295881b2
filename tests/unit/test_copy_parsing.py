"""Copy is read into fields; nothing of it is lost and nothing is added."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.layout.copy import cleaned, missing_characters, parse_copy
from nanococoa_aiserver.layout.copy_finds import SEPARATORS, amount
from nanococoa_client.schemas import ROLES, AdCopy

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "data/copy_cases.toml").read_text("utf-8"))["case"]

WORDS = st.sampled_from(
    [
        *(
            "햇사과",
            "39,900원",
            "(정상가 59,000원)",
            "32% 할인",
            "100%",
            "참기름",
            "10kg",
            "한 박스",
            "1+1",
            "무료배송",
        ),
        *(
            "|",
            "/",
            "·",
            ",",
            "!",
            "-",
            "→",
            "🍎",
            "<b>",
            "별도",
            "선착순 50명",
            "₩12,900",
            "$4.50",
            "off",
            "~11/30까지",
        ),
        *("문의 010-1234-5678", "가게", "오늘만", "2만 9천원", "특가"),
    ]
)
LINES = st.lists(WORDS, max_size=14).map(" ".join) | st.lists(WORDS, max_size=8).map("".join)


def letters(text: str) -> Counter[str]:
    return Counter(character for character in text if not character.isspace())


def fields_of(copy: AdCopy) -> Counter[str]:
    return sum((letters(getattr(copy, role)) for role in ROLES), Counter())


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:40] for case in CASES])
def test_copy_is_read_as_a_person_would(case: dict[str, Any]) -> None:
    expected = {role: text for role, text in case.items() if role != "text"}
    assert parse_copy(case["text"]).given() == expected


def test_there_are_enough_cases_to_trust_the_rules() -> None:
    assert len(CASES) >= 80


@given(st.text(max_size=80) | LINES)
@settings(max_examples=400, deadline=None)
def test_no_character_is_lost_and_none_is_added(text: str) -> None:
    copy = parse_copy(text)
    need, have = letters(cleaned(text)), fields_of(copy)
    assert not have - need
    assert set((need - have).keys()) <= set(SEPARATORS)
    assert missing_characters(text, copy) == ""


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_the_headline_is_never_empty_when_there_is_text(text: str) -> None:
    assert bool(parse_copy(text).headline) == bool(cleaned(text))


@given(LINES)
@settings(max_examples=100, deadline=None)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert parse_copy(text) == parse_copy(text)


def test_control_characters_are_removed_and_emoji_kept() -> None:
    copy = parse_copy("햇\x00사과\x1b[31m 왔다\u202e! 👨‍👩‍👧 ❤️")
    assert copy.headline == "햇사과[31m 왔다! 👨‍👩‍👧 ❤️"


def test_decomposed_hangul_is_composed() -> None:
    assert parse_copy("사과").headline == "사과"


def test_markup_stays_text() -> None:
    assert parse_copy("<script>alert(1)</script>").headline == "<script>alert(1)</script>"


def test_a_lost_character_is_named() -> None:
    assert missing_characters("사과 9,900원", AdCopy(headline="사과", price="9,900")) == "원"


@pytest.mark.parametrize(
    ("price", "value"),
    [
        ("39,900원", 39900),
        ("2만 9천원", 29000),
        ("3만5천원", 35000),
        ("$4.50", 4.5),
        ("1억 2만원", 100020000),
        ("무료", 0),
    ],
)
def test_amounts_are_understood(price: str, value: float) -> None:
    assert amount(price) == value
