"""The documents name everything there is to set, call and run; what is new and undocumented fails here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic_settings import BaseSettings

from homepage_generator.settings import Settings as HomepageSettings
from nanococoa_aiserver.cli.commands import build_app
from nanococoa_aiserver.settings import Settings
from nanococoa_backend.settings import Settings as DashboardSettings
from nanococoa_mcpserver.settings import Settings as McpSettings

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
SERVICES: dict[str, type[BaseSettings]] = {
    "aiserver": Settings,
    "dashboard": DashboardSettings,
    "MCP": McpSettings,
    "homepages": HomepageSettings,
}
"""Settings by their column in docs/configuration.md."""
PAGES = [CHECKOUT / "README.md", CHECKOUT / "README.ko.md", *sorted(DOCS.glob("**/*.md"))]


def read(path: Path) -> str:
    return path.read_text("utf-8")


def container_variables() -> set[str]:
    """What the Compose files take from ``.env``; a build's own revision comes from git."""
    files = "".join(read(path) for path in CHECKOUT.glob("docker-compose*.yml"))
    return set(re.findall(r"\$\{([A-Z_]+)", files)) - {"REVISION"}


def commands() -> dict[str, Any]:
    """Commands by name (of the click that typer brings along)."""
    return dict(typer.main.get_group(build_app()).commands)


def options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (name for name in parameter.opts if name.startswith("--") and name != "--help")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_settings_page(name: str) -> None:
    assert f"`{name.upper()}`" in read(DOCS / "settings.md")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_in_the_cli_page(name: str) -> None:
    page = read(DOCS / "cli.md")
    assert f"## nanococoa {name}" in page
    section = page.split(f"## nanococoa {name}\n", 1)[1].split("\n## ", 1)[0]
    missing = [option for option in options(commands()[name]) if option not in section]
    assert not missing, f"docs/cli.md does not name {missing} of nanococoa {name}"


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_every_make_target_is_in_both_readmes(readme: str) -> None:
    targets = re.findall(r"^([a-z]+):.*## ", read(CHECKOUT / "Makefile"), re.MULTILINE)
    assert len(targets) >= 10
    assert not [target for target in targets if f"`make {target}`" not in read(CHECKOUT / readme)]


def test_every_variable_of_the_containers_is_in_a_page_about_them() -> None:
    pages = read(DOCS / "deploy.md") + read(DOCS / "operations.md")
    assert not [name for name in container_variables() if f"`{name}`" not in pages]


def test_every_variable_is_marked_with_the_services_that_read_it() -> None:
    readers: dict[str, set[str]] = {}
    for column, settings in SERVICES.items():
        for name, field in settings.model_fields.items():
            readers.setdefault((field.alias or name).upper(), set()).add(column)
    for name in container_variables():
        readers.setdefault(name, set()).add("`.env`")
    table = re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", read(DOCS / "configuration.md"), re.MULTILINE)
    columns = (*SERVICES, "`.env`")
    told = {
        name: {c for c, mark in zip(columns, marks.split("|"), strict=True) if mark.strip()} for name, marks in table
    }
    assert told == readers


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_links_and_pictures_of_a_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)|(?:src|href)=\"([^\"#]+)\"", read(page))
    local = [target for pair in targets for target in pair if target and "://" not in target]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_no_file_names_a_package_index() -> None:
    for path in (CHECKOUT / "constraints.txt", CHECKOUT / "requirements-dev.txt"):
        lines = [line for line in read(path).splitlines() if not line.startswith("#")]
        assert not [line for line in lines if "://" in line or line.startswith("-")]
    for path in (*CHECKOUT.glob("*/Dockerfile"), *CHECKOUT.glob("docker/*")):
        assert set(re.findall(r"\w+://([^:/'\s]+)", read(path))) <= {"127.0.0.1"}, path


@pytest.mark.parametrize("model", ["openai", "koclip"])
def test_the_bands_of_scores_are_those_in_the_api_page(model: str) -> None:
    folder = resources.files("nanococoa_aiserver.engines.diffusion")
    bands = tomllib.loads(folder.joinpath("clip_bands.toml").read_text("utf-8"))
    row = f"| `{model}` | " + " | ".join(map(str, bands[model].values())) + " |"
    assert row in read(DOCS / "api.md")
