"""Who may ask which route, as ``tests/security/rules.toml`` states it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, TypeAlias

from fastapi import FastAPI

from support.routes import routes_of

Service: TypeAlias = Literal["aiserver", "homepages", "mcp", "backend"]
Route: TypeAlias = tuple[str, str]
"""Method and pattern."""

_FILE = Path(__file__).parents[1] / "security" / "rules.toml"


def rules_of(service: Service) -> dict[Route, str]:
    """The rule of each route; a route that is stated twice is an error."""
    found: dict[Route, str] = {}
    for rule, stated in tomllib.loads(_FILE.read_text("utf-8"))[service].items():
        for line in stated["routes"]:
            method, path = line.split(" ", 1)
            assert (method, path) not in found, f"{line} has two rules"
            found[method, path] = rule
    return found


def served(app: FastAPI) -> set[Route]:
    """What an application really answers; HEAD comes with GET."""
    return {(method, path) for path, methods in routes_of(app).items() for method in methods - {"HEAD"}}
