"""Sites and their versions: list, look at, show to the world, take back, carry away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse

from homepage_generator.api import answers
from homepage_generator.api.declared import errors
from homepage_generator.api.schemas import (
    Messages,
    Published,
    SiteView,
    Slug,
    VersionChoice,
    VersionId,
    VersionsView,
)
from homepage_generator.api.services import ServicesDep
from homepage_generator.errors import NotFound
from homepage_generator.spec.fields import Sections, sections_of
from homepage_generator.spec.policy import FONT_HEADERS, MEDIA_TYPES, PAGE_HEADERS
from homepage_generator.spec.site import SiteSpec

router = APIRouter(prefix="/sites", tags=["sites"])

_PIECE: Final = 64 * 2**10
_FILE: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


@router.get("", summary="List the sites", responses=errors(503))
def list_sites(services: ServicesDep) -> list[SiteView]:
    """Newest first, published or not."""
    return [answers.site_view(site, services) for site in services.sites.all()]


@router.get("/{slug}/versions", summary="List a site's versions", responses=errors(404, 503))
def list_versions(slug: Slug, services: ServicesDep) -> VersionsView:
    """Newest first, each with what it changed; and which of them the world sees."""
    return answers.versions_view(services.sites.site(slug), services.sites.versions(slug), services)


@router.get("/{slug}/versions/{version}", summary="Read a version's sections", responses=errors(404, 503))
def read_version(slug: Slug, version: VersionId, services: ServicesDep) -> Sections:
    """Its sections in their order, each with the texts that may be changed by hand."""
    return sections_of(SiteSpec.model_validate(services.sites.spec(slug, version)), version)


@router.get("/{slug}/versions/{version}/spec", summary="Read a version's spec", responses=errors(404, 503))
def read_spec(slug: Slug, version: VersionId, services: ServicesDep) -> dict[str, Any]:
    """All of it as data: facts, look, pages, sections, words."""
    return services.sites.spec(slug, version)


@router.get("/{slug}/versions/{version}/report", summary="Read what the gate said", responses=errors(404, 503))
def read_report(slug: Slug, version: VersionId, services: ServicesDep) -> dict[str, Any]:
    """The checks that this version passed, with times."""
    return services.sites.report(slug, version)


@router.get(
    "/{slug}/versions/{version}/preview/{path:path}",
    summary="Look at a version before it is published",
    response_class=Response,
    responses={200: {"description": "A file of it", "content": {"text/html": _FILE}}, **errors(404, 503)},
)
def preview(
    slug: Slug,
    version: VersionId,
    services: ServicesDep,
    path: Annotated[str, Path(description="A file of the version; empty: its first page")],
) -> Response:
    """Links within a version are relative, so that it works under any address."""
    file = services.sites.file(slug, version, path)
    if file.suffix not in MEDIA_TYPES:
        raise NotFound("file_not_found")
    headers = {**PAGE_HEADERS, "Cache-Control": "private, no-store"}
    headers |= FONT_HEADERS if file.suffix == ".woff2" else {}
    return FileResponse(file, headers=headers, media_type=MEDIA_TYPES[file.suffix])


@router.post("/{slug}/publish", summary="Show a version to the world", responses=errors(404, 503, 507))
def publish(slug: Slug, choice: VersionChoice, services: ServicesDep) -> Published:
    """In one step: whoever reads the site meanwhile sees the old one or the new one, never half of each."""
    return answers.published(services.sites.publish(slug, choice.version), services)


@router.post("/{slug}/rollback", summary="Go back to a version", responses=errors(404, 503, 507))
def roll_back(slug: Slug, choice: VersionChoice, services: ServicesDep) -> Published:
    """The same as publishing; later versions are kept."""
    return answers.published(services.sites.publish(slug, choice.version), services)


@router.post("/{slug}/unpublish", summary="Take a site off the net", responses=errors(404, 503))
def unpublish(slug: Slug, services: ServicesDep) -> Published:
    """Versions are kept; it can be published again."""
    return answers.published(services.sites.unpublish(slug), services)


@router.delete("/{slug}", status_code=204, summary="Delete a site", responses=errors(404, 503))
def delete(slug: Slug, services: ServicesDep) -> Response:
    """With all its versions and messages, for good."""
    services.sites.remove(slug)
    return Response(status_code=204)


@router.get(
    "/{slug}/export.zip",
    summary="Carry a version away",
    response_class=Response,
    responses={200: {"description": "The archive", "content": {"application/zip": _FILE}}, **errors(404, 503)},
)
def export(
    slug: Slug,
    services: ServicesDep,
    version: Annotated[
        str | None, Query(pattern=r"^v[1-9][0-9]{0,8}$", description="null: the published one, else the newest")
    ] = None,
) -> StreamingResponse:
    """Everything the pages need, with relative links. The same version is the same bytes."""
    found, archive = services.sites.archive(slug, version)
    name = f'attachment; filename="{slug}-{found}.zip"'
    return StreamingResponse(_pieces(archive), media_type="application/zip", headers={"Content-Disposition": name})


@router.get("/{slug}/messages", summary="Read what visitors wrote", responses=errors(404, 503))
def list_messages(
    slug: Slug, services: ServicesDep, limit: Annotated[int, Query(ge=1, le=500, description="At most")] = 100
) -> Messages:
    """Newest first. Where an inbox is set, each is handed over as well and deleted here some weeks later."""
    services.sites.site(slug)
    return Messages(messages=[answers.message_view(kept) for kept in services.messages.of(slug, limit)])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
