"""The dashboard's documents name every setting, every command with its options, and pictures that are not too large."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from nanococoa_backend.cli.commands import build_app
from nanococoa_backend.settings import Settings

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_of_the_dashboard_is_in_its_page(name: str) -> None:
    assert f"`{name.upper()}`" in (DOCS / "dashboard-settings.md").read_text("utf-8")


def test_every_command_of_the_dashboard_is_in_its_page() -> None:
    page = (DOCS / "dashboard.md").read_text("utf-8")
    for name, command in typer.main.get_group(build_app()).commands.items():
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `nanococoa-backend {name}`")]
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        assert [option for option in options if f"`{option}`" not in line and option != "--help"] == []


def test_pictures_of_pages_are_small() -> None:
    pictures = list((DOCS / "screens").iterdir())
    assert len(pictures) >= 8
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []
