"""What is built stays small and says what it is: each image's size over its base, its labels, its user."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from nanococoa_aiserver.layout import fonts

from .conftest import Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

BASE = "python:3.11-slim-bookworm"
MOST = {
    "nanococoa_backend": 200,
    "nanococoa_mcpserver": 120,
    "nanococoa_homepage_generator": 700,
    "nanococoa_aiserver": 900,
}
"""MB over the base image; the last two with Chromium and fonts, the aiserver without torch."""


def inspected(image: str) -> dict[str, Any]:
    done = subprocess.run(["docker", "image", "inspect", image], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


@pytest.mark.parametrize("image", MOST)
def test_an_image_adds_little_to_its_base(suite: Suite, image: str) -> None:
    megabytes = (inspected(image)["Size"] - inspected(BASE)["Size"]) / 1e6
    assert megabytes <= MOST[image]


@pytest.mark.parametrize("image", MOST)
def test_an_image_says_what_it_is_and_runs_as_nobody_special(suite: Suite, image: str) -> None:
    config = inspected(image)["Config"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert {"title", "description", "licenses", "version", "revision", "base.name"} <= labels.keys()
    assert labels["base.name"] == BASE
    assert config["User"] == "nanococoa"


@pytest.mark.parametrize("service", ["nanococoa_aiserver", "homepage_generator"])
def test_the_korean_faces_are_there_and_draw_what_copy_needs(suite: Suite, service: str) -> None:
    """They are cut out of collections of five countries' faces, so what must be left is asked for by name."""
    for family in ("Noto Sans CJK KR", "Noto Serif CJK KR"):
        for style in ("Regular", "Bold"):
            ask = f"fc-list ':family={family}:style={style}:charset=AC00 D7A3 BDC1 3042 6F22 9FA0 20A9 2460 33A1' file"
            assert suite.compose("exec", "-T", service, "sh", "-c", ask).strip(), f"{family} {style}"


def test_the_aiserver_finds_what_the_torch_layer_holds(suite: Suite) -> None:
    """Empty here; with ``TORCH=cpu`` or ``cuda`` it holds the diffusion engine's libraries, and those must be found."""
    ask = "import sys; print('/opt/torch' in sys.path)"
    assert suite.compose("exec", "-T", "nanococoa_aiserver", "python", "-c", ask).strip() == "True"


def test_every_themes_typefaces_are_in_the_homepage_generators_image(suite: Suite) -> None:
    """And those that lend what a theme's lack: without one, its pages could not be drawn."""
    ask = (
        "from homepage_generator.render.fonts import missing; from homepage_generator.render.theme import themes; "
        "print(missing(face for theme in themes() for face in theme.face))"
    )
    assert suite.compose("exec", "-T", "homepage_generator", "python", "-c", ask).strip() == "[]"


def test_the_aiservers_faces_lost_nothing_that_is_drawn(suite: Suite) -> None:
    """Hints, drawing tools' sources and glyph names are gone; names, weights and Hangul are those of whole packages."""
    told = suite.compose("exec", "-T", "nanococoa_aiserver", "python", "-m", "nanococoa_aiserver.layout.font_survey")
    assert {family["family"]: family for family in json.loads(told)} == {
        family.family: family.model_dump(mode="json") for family in fonts.survey()
    }
