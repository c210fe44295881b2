"""One version of everything: what is installed is what ``constraints.txt`` pins."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"
OURS = {"nanococoa-aiserver", "nanococoa-backend", "nanococoa-client", "nanococoa-mcpserver", "homepage-generator"}
BOOTSTRAP = {"pip", "setuptools", "wheel"}
"""Comes with the interpreter."""


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (line for line in CONSTRAINTS.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {normalised(name): version for name, version in (line.split("==") for line in lines)}


def test_every_installed_distribution_is_pinned_to_its_version() -> None:
    found = {normalised(one.metadata["Name"]): one.version for one in distributions()}
    installed = {name: version.split("+")[0] for name, version in found.items()}
    unpinned = {
        name: version
        for name, version in installed.items()
        if name not in OURS | BOOTSTRAP and pinned().get(name) != version
    }
    assert not unpinned, "run scripts/pin after adding or upgrading a dependency on purpose"


def test_every_constraint_is_an_exact_version() -> None:
    assert all(re.fullmatch(r"[0-9][\w.!+-]*", version) for version in pinned().values())
