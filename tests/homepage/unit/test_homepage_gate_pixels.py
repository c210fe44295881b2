"""Contrast is judged by what lies under a line of text, not by what a stylesheet says."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from homepage_generator.gate.pixels import judge

SIZE = (200, 60)
LINE = [20, 20, 180, 40]


def photographs(ground: Image.Image, ink: str = "#111111") -> tuple[bytes, bytes]:
    """A page with some strokes on it, and without."""
    written = ground.copy()
    draw = ImageDraw.Draw(written)
    for x in range(LINE[0], LINE[2], 8):
        draw.line((x, LINE[1], x, LINE[3]), fill=ink, width=2)
    return png(written), png(ground)


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def text(colour: tuple[int, int, int] = (17, 17, 17), **more: Any) -> dict[str, Any]:
    return {
        "text": "대봉감", "section": "prices", "colour": [*colour, 1.0], "opacity": 1.0, "least": 4.5, "lines": [LINE],
    } | more  # fmt: skip


def found(ground: Image.Image, told: dict[str, Any], **more: Any) -> list[str]:
    return [bad.check for bad in judge(*photographs(ground, **more), [told])]


def test_dark_on_white_is_good() -> None:
    assert found(Image.new("RGB", SIZE, "white"), text()) == []


@pytest.mark.parametrize(("grey", "bad"), [(117, []), (121, ["contrast"])], ids=["4.54", "4.29"])
def test_the_limit_is_that_of_wcag(grey: int, bad: list[str]) -> None:
    assert found(Image.new("RGB", SIZE, "white"), text((grey, grey, grey)), ink=f"rgb({grey},{grey},{grey})") == bad


def test_large_text_needs_less() -> None:
    told = text((140, 140, 140), least=3)
    assert found(Image.new("RGB", SIZE, "white"), told, ink="rgb(140,140,140)") == []


def test_a_ground_that_turns_dark_under_a_part_of_the_line_is_noticed() -> None:
    ground = Image.new("RGB", SIZE, "white")
    ground.paste("#222222", (150, 0, 200, 60))
    assert found(ground, text()) == ["contrast"]


def test_a_thin_edge_under_the_line_is_none_of_its_ground() -> None:
    ground = Image.new("RGB", SIZE, "white")
    ground.paste("#222222", (20, 0, 22, 60))
    assert found(ground, text()) == []


def test_words_that_are_half_transparent_are_judged_as_they_are_seen() -> None:
    assert found(Image.new("RGB", SIZE, "white"), text(opacity=0.4), ink="#a0a0a0") == ["contrast"]


def test_words_that_change_no_pixel_are_covered() -> None:
    ground = Image.new("RGB", SIZE, "white")
    assert [bad.check for bad in judge(png(ground), png(ground), [text()])] == ["covered"]


def test_a_line_on_the_next_photograph_is_left_to_it() -> None:
    ground = Image.new("RGB", SIZE, "white")
    below = text(lines=[[20, 50, 180, 70]])
    assert judge(png(ground), png(ground), [below]) == []
    assert [bad.check for bad in judge(png(ground), png(ground), [below], top=30)] == ["covered"]
