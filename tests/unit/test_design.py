"""A design is decided once, survives JSON, and keeps what the customer set."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nanococoa_aiserver.imaging.types import Rgb, Sprite
from nanococoa_aiserver.layout.design import STYLES, Design, DesignBrief, design, restyled
from nanococoa_aiserver.layout.page import language_of, words_of
from nanococoa_client.schemas import AdCopy, Brand

COPY = AdCopy(headline="우리 집 첫 반려식물", sub="물은 2주에 한 번", price="9,900원", shop="초록상점")


def sprite(colour: tuple[int, int, int] = (40, 140, 60)) -> Sprite:
    return Sprite(np.full((80, 60, 3), colour, np.uint8), np.ones((80, 60), np.float32))


def scene(grey: int = 210) -> Rgb:
    return np.full((64, 64, 3), grey, np.uint8)


def brief(**more: object) -> DesignBrief:
    return DesignBrief(**({"copy": COPY, "product": sprite(), "scene": scene()} | more))  # type: ignore[arg-type]


def test_a_design_survives_json() -> None:
    made = design(brief(text_color="#123456", text_position="left", brand_logo=np.full((20, 40, 4), 200, np.uint8)))
    assert Design.model_validate(json.loads(made.model_dump_json())) == made
    assert made.logo.startswith("data:image/png;base64,")


@pytest.mark.parametrize("style", STYLES)
def test_a_style_asked_for_by_name_is_used(style: str) -> None:
    assert design(brief(style=style)).style == style
    assert design(brief(style_prompt=style)).style == style


def test_the_copy_is_kept_as_given() -> None:
    assert design(brief()).fields == COPY


def test_alternatives_are_others_than_the_style() -> None:
    made = design(brief())
    assert len(made.alternatives) == 2
    assert made.style not in made.alternatives


def test_another_style_keeps_the_words_and_changes_the_look() -> None:
    made = design(brief(style="shout"))
    quiet = restyled(made, "editorial", brief())
    assert (quiet.style, quiet.fields) == ("editorial", COPY)
    assert "shout" in quiet.alternatives


def test_the_brand_s_colour_and_font_win() -> None:
    made = design(brief(brand=Brand(colors=["#0a7d5c"], font_family="BM JUA_TTF")))
    assert made.palette["panel"] == "#0a7d5c"
    assert made.font_family == "BM JUA_TTF"


def test_two_products_get_two_palettes() -> None:
    green, red = design(brief()), design(brief(product=sprite((190, 40, 30))))
    assert green.palette["vivid"] != red.palette["vivid"]


@pytest.mark.parametrize(
    ("shown", "language"),
    [
        ({"headline": "안녕"}, "ko"),
        ({"headline": "Hello"}, "en"),
        ({"price": "9,900"}, "ko"),
        ({"sub": "LED 조명"}, "ko"),
    ],
)
def test_added_words_follow_the_language_of_the_copy(shown: dict[str, str], language: str) -> None:
    assert language_of(shown, "ko") == language  # type: ignore[arg-type]


def test_only_four_words_can_ever_be_added() -> None:
    assert words_of("ko") == {"discount": "할인", "contents": "구성", "price": "가격", "label": "AI로 제작"}
    assert words_of("en").keys() == words_of("ko").keys()
