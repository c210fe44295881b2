"""What is built stays small and says what it is: each image's size over its base, its labels, its user."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from .conftest import Suite

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.timeout(900)]

BASE = "python:3.11-slim-bookworm"
MOST = {
    "nanococoa_backend": 200,
    "nanococoa_mcpserver": 120,
    "nanococoa_homepage_generator": 715,
    "nanococoa_aiserver": 960,
}
"""MB over the base image; the last two with Chromium and fonts, the aiserver without torch. Measured: 176, 55, 698,
940; of that Chromium is 240, Playwright's Node 117, the fonts 140 and OpenCV with the codecs it is linked to 155. The
browser comes from the distribution, whose updates may make it a little larger."""


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
