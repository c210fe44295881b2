"""The editor by API: a version's layer live, previews, new versions."""

from __future__ import annotations

import base64
import uuid
from typing import Annotated, Final

from anyio import from_thread
from fastapi import APIRouter, Header, Query, Request, Response

from nanococoa_backend.ads.kit import render_kept
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.editor.deps import Editing, Viewing
from nanococoa_backend.editor.live import live_format
from nanococoa_backend.editor.merging import render_request
from nanococoa_backend.editor.schemas import EditorView, EditView, LiveFormat, PreviewOrder, VersionOrder
from nanococoa_backend.editor.views import editor_view
from nanococoa_backend.errors import AiserverDown
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_client.schemas import AdLayer, Checks

router = APIRouter(prefix="/api/v1", tags=["editor"])

PREVIEW_SECONDS: Final = 12
"""A preview that takes longer is no help while typing."""

MONTH: Final = "private, max-age=2592000"

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same order with the same key makes one version"),
]


@router.get("/ads/{ad_id}/editor", summary="Open an ad's text", responses=errors(401, 404, 409))
def open_editor(
    request: Request, services: ServicesDep, visit: ShopDep, editor: Viewing, ad_id: uuid.UUID
) -> EditorView:
    """The version the ad shows: its words, formats, colours, and what was changed before."""
    return editor_view(editor.opened(ad_id), services, visit.business, locale_of(request))


@router.get(
    "/ads/{ad_id}/versions/{version_id}/layers/{format_name}",
    summary="Read one format's text layer",
    responses=errors(401, 404, 409),
)
def read_layer(editor: Viewing, ad_id: uuid.UUID, version_id: uuid.UUID, format_name: str) -> LiveFormat:
    """The words as a page to lay over the picture without words, and where the renderer put each of them."""
    layer = editor.opened(ad_id, version_id).format(format_name)
    address = f"/ads/{ad_id}/versions/{version_id}"
    return live_format(layer, f"{address}/plate/{format_name}", f"{address}/cover/{format_name}" if layer.cover else "")


@router.post(
    "/ads/{ad_id}/preview", summary="See one format with changes", responses=errors(401, 403, 404, 409, 422, 429)
)
def preview(
    request: Request, services: ServicesDep, visit: EditorDep, editor: Editing, ad_id: uuid.UUID, order: PreviewOrder
) -> LiveFormat:
    """Rendered and measured as a new version would be; nothing is kept. Takes about a second."""
    services.rates.count(rates.PREVIEWS_OF_BUSINESS, visit.business.id)
    opened = editor.opened(ad_id, order.base_version)
    opened.format(order.format)
    wanted = render_request(
        opened.layer, order, [order.format], wait_seconds=PREVIEW_SECONDS, locale=locale_of(request)
    )
    answer = from_thread.run(render_kept, services.aiserver, services.store, visit.business.id, wanted)
    if answer.result is None:
        raise AiserverDown("preview_late")
    layer = AdLayer.model_validate(answer.result["layer"]).formats[order.format]
    shown = live_format(layer, _embedded(services, layer.plate), _embedded(services, layer.cover))
    shown.checks, shown.warnings = Checks.model_validate(answer.result.get("checks") or {}), answer.warnings
    return shown


@router.post(
    "/ads/{ad_id}/versions",
    status_code=202,
    summary="Save a new version of an ad",
    responses=errors(401, 403, 404, 409, 422, 429),
)
def save_version(
    services: ServicesDep, visit: EditorDep, editor: Editing, ad_id: uuid.UUID, order: VersionOrder, key: Key = None
) -> EditView:
    """Its texts are rendered again with the changes, by the aiserver and without a GPU; ask for the edit until it is
    done. Earlier versions stay. 409 when the ad shows another version by now: `details.current_version` is the one to
    base the same changes on.
    """
    services.rates.count(rates.VERSIONS_OF_BUSINESS, visit.business.id)
    return EditView.model_validate(editor.order(ad_id, order, user_id=visit.user.id, key=key))


@router.get("/ads/{ad_id}/edits/{edit_id}", summary="Follow a new version", responses=errors(401, 404))
def read_edit(editor: Viewing, ad_id: uuid.UUID, edit_id: uuid.UUID) -> EditView:
    """Whether it is still being rendered. It goes on while nobody asks, and when the aiserver is away for a while."""
    return EditView.model_validate(editor.edit(ad_id, edit_id))


@router.delete("/ads/{ad_id}/edits/{edit_id}", summary="Give up a new version", responses=errors(401, 403, 404))
def cancel_edit(editor: Editing, ad_id: uuid.UUID, edit_id: uuid.UUID) -> EditView:
    """Of one that still waits; a version that is there stays."""
    edit = editor.edit(ad_id, edit_id)
    editor.cancel(edit)
    return EditView.model_validate(edit)


@router.get(
    "/fonts/subset",
    summary="Fetch the letters of a text as a font",
    response_class=Response,
    responses=errors(401, 422),
)
def font(
    services: ServicesDep,
    _visit: ShopDep,
    family: Annotated[str, Query(min_length=1, max_length=80, description="A family of `fonts`")],
    text: Annotated[str, Query(min_length=1, max_length=600, description="The letters wanted")],
    weight: Annotated[int, Query(ge=100, le=900, description="CSS weight")] = 400,
) -> Response:
    """For showing an ad's words as they will be drawn, on a device that has none of the fonts."""
    data = from_thread.run(services.aiserver.font, family, weight, text)
    return Response(data, media_type="font/otf", headers={"Cache-Control": MONTH})


def _embedded(services: Services, artifact: str) -> str:
    """A preview's picture as a data URI: it is looked at once, and kept nowhere."""
    if not artifact:
        return ""
    data: bytes = from_thread.run(services.aiserver.artifact, artifact)
    kind = {"jpg": "jpeg"}.get(suffix := artifact.rpartition(".")[2], suffix)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
