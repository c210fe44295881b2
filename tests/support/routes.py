"""Every route of an application, however deeply it was included."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI


def routes_of(app: FastAPI) -> dict[str, set[str]]:
    """Methods by path."""
    found: dict[str, set[str]] = {}
    _collect(app.routes, found)
    return found


def _collect(routes: Any, found: dict[str, set[str]]) -> None:
    for route in routes:
        if getattr(route, "methods", None):
            found.setdefault(route.path, set()).update(route.methods)
        else:
            _collect(getattr(route, "original_router", route).routes, found)
