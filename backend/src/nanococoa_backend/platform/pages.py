"""Jinja2 pages: one environment, templates beside their domains, and what every page may use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from nanococoa_backend.messages import has, say
from nanococoa_backend.platform import csrf, wording
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.statics import Statics

FLASH: Final = "nanococoa_said"
THEME: Final = "nanococoa_theme"
_PACKAGE: Final = Path(__file__).resolve().parents[1]


class Pages:
    """Makes pages; thread-safe."""

    def __init__(self) -> None:
        self.statics = Statics()
        folders = [_PACKAGE / "platform" / "templates", *sorted(_PACKAGE.glob("*/templates"))]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = self.statics.url

    def render(self, request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """A page in the request's language."""
        content = self._environment.get_template(template).render(**_shared(request), **values)
        response = HTMLResponse(content, status)
        response.headers["Vary"] = "Accept-Language, Cookie"
        csrf.keep_secret(request, response)
        if FLASH in request.cookies:
            response.delete_cookie(FLASH)
        return response


def go_on(path: str, said: str | None = None, *, detail: str = "") -> RedirectResponse:
    """After a form: on to another page, which says ``flash.SAID`` once."""
    response = RedirectResponse(path, 303)
    if said is not None:
        response.set_cookie(FLASH, f"{said}:{detail}", max_age=60, httponly=True, samesite="lax")
    return response


def inner_path(path: str | None) -> str:
    """``path`` if it leads to one of our own pages, else the home page: no redirect leaves the site."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path:
        return path
    return "/"


def _shared(request: Request) -> Mapping[str, Any]:
    locale = locale_of(request)
    services = request.app.state.services
    said, _, detail = request.cookies.get(FLASH, "").partition(":")
    theme = request.cookies.get(THEME)
    return {
        "t": partial(say, locale),
        "locale": locale,
        "path": request.url.path,
        "csrf": csrf.token_for(request),
        "frame": getattr(request.state, "frame", None),
        "aiserver_is_up": services.watch.is_up,
        "said": said if has(f"flash.{said}") else None,
        "said_detail": detail,
        "theme": theme if theme in ("light", "dark") else None,
        "won": partial(wording.won, locale=locale),
        "when": partial(wording.when, locale=locale),
        "day": partial(wording.date, locale=locale),
        "size": wording.size,
        "percent": wording.percent,
    }
