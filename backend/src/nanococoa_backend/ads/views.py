"""Ads and what they can be made of, as the API tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nanococoa_backend.ads.catalogue import Catalogue, format_title, group_of, style_title, title_of
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.ads.repository import UNDER_WAY, Files
from nanococoa_backend.ads.schemas import (
    AdFile,
    AdProblem,
    AdProgress,
    AdView,
    CatalogueEntry,
    CatalogueFormat,
    CatalogueView,
)
from nanococoa_backend.messages import Locale, say


def ad_view(ad: Ad, files: Files, catalogue: Catalogue, locale: Locale) -> AdView:
    return AdView(
        id=ad.id,
        kind=ad.kind,
        status=ad.status,
        title=ad.title,
        product_id=ad.product_id,
        parent_id=ad.parent_id,
        order=ad.request,
        progress=_progress(ad, locale) if ad.status in UNDER_WAY else None,
        problem=problem_of(ad, locale),
        version_id=ad.version_id,
        files=[
            AdFile(
                format=image.format,
                title=format_title(catalogue, image.format, locale),
                width=image.width,
                height=image.height,
                bytes=image.bytes,
                url=f"/media/{asset.id}/original",
            )
            for image, asset in files
        ],
        needs_look=ad.needs_look,
        is_favorite=ad.is_favorite,
        created_at=ad.created_at,
        finished_at=ad.finished_at,
    )


def problem_of(ad: Ad, locale: Locale) -> AdProblem | None:
    """Why it failed: a refusal of the aiserver in its own words, in the reader's language as far as it is known."""
    if ad.status != "failed" or not ad.problem:
        return None
    told = ad.problem.get("message_en") if locale == "en" else None
    message = told or ad.problem.get("message") or say(locale, "errors.unexpected")
    return AdProblem(code=str(ad.problem.get("code", "INTERNAL_ERROR")), message=str(message))


def catalogue_view(catalogue: Catalogue, locale: Locale, static: Callable[[str], str]) -> CatalogueView:
    return CatalogueView(
        formats=[
            CatalogueFormat(
                name=spec.name,
                title=title_of(spec, locale),
                width=spec.width,
                height=spec.height,
                group=group_of(spec.name),
            )
            for spec in catalogue.formats
        ],
        scenes=[CatalogueEntry(**scene) for scene in scene_choices(catalogue, locale, static)],
        styles=[CatalogueEntry(name=name, title=style_title(name, locale)) for name in catalogue.styles],
        fonts=list(catalogue.fonts),
        is_current=catalogue.is_current,
    )


def scene_choices(catalogue: Catalogue, locale: Locale, static: Callable[[str], str]) -> list[dict[str, Any]]:
    """Name, title and thumbnail of each scene; one that has no thumbnail yet is shown by its name."""
    return [
        {"name": name, "title": say(locale, f"scenes.{name}.title"), "picture": _picture(name, static)}
        for name in catalogue.scenes
    ]


def _picture(scene: str, static: Callable[[str], str]) -> str | None:
    try:
        return static(f"img/scene/{scene}.webp")
    except KeyError:
        return None


def _progress(ad: Ad, locale: Locale) -> AdProgress:
    told, shown = ad.progress or {}, progress_of(ad, locale)
    at = next((number for number, step in enumerate(shown.steps, 1) if step.state == "now"), 0)
    return AdProgress(
        percent=shown.percent,
        step=shown.steps[at - 1].name if at else "",
        step_title=shown.steps[at - 1].title if at else "",
        number=at,
        of=len(shown.steps),
        eta_seconds=told.get("eta_seconds"),
        queue_position=told.get("queue_position") if ad.status == "pending" else None,
        preview=shown.preview or None,
    )
