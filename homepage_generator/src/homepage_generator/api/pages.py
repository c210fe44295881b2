"""Published pages and their one form, for the world: no token, no cookies, no scripts, sandboxed.

In the suite nginx serves the files from their volume; here they are served for those who run without it.
"""

from __future__ import annotations

from html import escape
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from homepage_generator.api.language import locale_of
from homepage_generator.api.schemas import Slug
from homepage_generator.api.services import Services, ServicesDep
from homepage_generator.api.visitors import address_of
from homepage_generator.errors import NotFound, TooManyTries
from homepage_generator.messages import say
from homepage_generator.publish.messages import Message
from homepage_generator.spec.policy import FONT_HEADERS, MEDIA_TYPES, PAGE_HEADERS
from nanococoa_client.messages import Locale

router = APIRouter(prefix="/sites", include_in_schema=False)

FIELDS: Final = ("name", "reply", "when", "message", "page")
_GONE: Final = (
    '<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
)


@router.get("/{slug}")
def without_slash(slug: Slug) -> Response:
    return RedirectResponse(f"{slug}/", 301)


@router.post("/{slug}/contact")
async def contact(request: Request, slug: Slug, services: ServicesDep) -> Response:
    """A visitor's message. The answer is a page of the site: thanks, or what was wrong."""
    form = await request.form(max_files=0, max_fields=20)
    given = {name: value for name in FIELDS if isinstance(value := form.get(name), str)}
    if form.get("website"):  # the field no person sees: let the robot believe it
        return _to("thanks.html")
    try:
        message = Message.model_validate(given)
    except ValidationError:
        return _to("sorry.html")
    if form.get("consent") != "yes":
        return _to("sorry.html")
    visitor = address_of(request, services.settings.trusted_proxies)
    try:
        await run_in_threadpool(_keep, services, slug, message, visitor)
    except TooManyTries as error:
        structlog.get_logger().warning("too many messages", slug=slug)
        return _to("sorry.html", {"Retry-After": str(error.retry_after)})
    return _to("thanks.html")


@router.get("/{slug}/{path:path}")
def page(request: Request, slug: Slug, path: str, services: ServicesDep) -> Response:
    try:
        file = services.sites.live_file(slug, path)
    except NotFound:
        return _gone(services, slug, locale_of(request))
    if file.suffix not in MEDIA_TYPES:
        return _gone(services, slug, locale_of(request))
    fonts = FONT_HEADERS if file.suffix == ".woff2" else {}
    return FileResponse(file, headers={**PAGE_HEADERS, **fonts}, media_type=MEDIA_TYPES[file.suffix])


def _keep(services: Services, slug: str, message: Message, visitor: str) -> None:
    services.messages.keep(slug, message, visitor, forward=services.inbox is not None)
    structlog.get_logger().info("message kept", slug=slug)
    if services.inbox is not None:
        services.inbox.ring()


def _to(page: str, headers: dict[str, str] | None = None) -> Response:
    return RedirectResponse(page, 303, {**PAGE_HEADERS, "Cache-Control": "no-store", **(headers or {})})


def _gone(services: Services, slug: str, locale: Locale) -> Response:
    """The site's own page for it, where there is a site."""
    try:
        file = services.sites.live_file(slug, "404.html")
    except NotFound:
        title, text = (escape(say(locale, f"pages.gone_{part}")) for part in ("title", "text"))
        return Response(_GONE.format(lang=locale, title=title, text=text), 404, PAGE_HEADERS, MEDIA_TYPES[".html"])
    return FileResponse(file, 404, PAGE_HEADERS, MEDIA_TYPES[".html"])
