"""Pages of the editor."""

from __future__ import annotations

import uuid
from typing import Annotated, Final, Literal

from anyio import from_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from nanococoa_backend.ads.kit import bring_kit, picture_of
from nanococoa_backend.businesses.visits import EditorDep, ShopDep, Visit
from nanococoa_backend.editor.deps import Editing, Viewing
from nanococoa_backend.editor.plain import order_of, texts_of
from nanococoa_backend.editor.service import Opened
from nanococoa_backend.editor.views import editor_view
from nanococoa_backend.editor.wording import sentences
from nanococoa_backend.errors import InvalidField, NotFound, Outdated
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.forms import Form, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)

FOREVER: Final = "private, max-age=31536000, immutable"
FRAME_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox allow-same-origin"
)
"""A layer has its own style sheet and style attributes, which pages may not have: it lives in a frame of its own, where
no script runs. The page around it reads and changes it."""


FormatName = Annotated[str, Query(alias="format")]


class Typed(BaseModel):
    """Any texts."""


class VersionChoice(BaseModel):
    version_id: uuid.UUID


TypedForm = Annotated[Form[Typed], Depends(form_of(Typed))]
ChoiceForm = Annotated[Form[VersionChoice], Depends(form_of(VersionChoice))]


@router.get("/ads/{ad_id}/edit")
def page(
    request: Request, services: ServicesDep, visit: EditorDep, editor: Editing, ad_id: uuid.UUID, shown: FormatName = ""
) -> Response:
    opened = editor.opened(ad_id)
    if (waiting := editor.edits.waiting_of(ad_id)) is not None:
        return go_on(f"/ads/{ad_id}/edit/{waiting.id}")
    return _page(request, services, visit, editor, opened, shown)


@router.post("/ads/{ad_id}/edit")
def save(services: ServicesDep, visit: EditorDep, editor: Editing, ad_id: uuid.UUID, form: TypedForm) -> Response:
    services.rates.count(rates.VERSIONS_OF_BUSINESS, visit.business.id)
    opened = editor.opened(ad_id)
    locale, typed = locale_of(form.request), form.values
    try:
        order = order_of(opened, typed, locale)
        edit = editor.order(ad_id, order, user_id=visit.user.id, key=typed.get("key") or None)
    except (InvalidField, Outdated) as error:
        told = error.sentences(locale) if isinstance(error, InvalidField) else {"form": error.message(locale)}
        form.errors |= told
        name = typed.get("format", "")
        return _page(form.request, services, visit, editor, opened, name, form=form, status=error.status)
    return go_on(f"/ads/{ad_id}/edit/{edit.id}")


@router.post("/ads/{ad_id}/edit/restore")
def restore(_visit: EditorDep, editor: Editing, ad_id: uuid.UUID, form: ChoiceForm) -> Response:
    editor.use_version(ad_id, form.model.version_id)
    return go_on(f"/ads/{ad_id}/edit", "version_used")


@router.get("/ads/{ad_id}/edit/{edit_id}")
def pending(
    request: Request, services: ServicesDep, _visit: EditorDep, editor: Editing, ad_id: uuid.UUID, edit_id: uuid.UUID
) -> Response:
    """What without scripts shows that the new version is being drawn; leads on when it is there."""
    edit = editor.edit(ad_id, edit_id)
    if edit.status == "done":
        return go_on(f"/ads/{ad_id}/edit", "version_saved")
    return services.pages.render(request, "editor/pending.html", edit=edit)


@router.post("/ads/{ad_id}/edit/{edit_id}/cancel")
def cancel(_visit: EditorDep, editor: Editing, ad_id: uuid.UUID, edit_id: uuid.UUID) -> Response:
    editor.cancel(editor.edit(ad_id, edit_id))
    return go_on(f"/ads/{ad_id}/edit")


@router.get("/ads/{ad_id}/versions/{version_id}/{picture}/{format_name}")
def layer_picture(
    services: ServicesDep,
    visit: ShopDep,
    editor: Viewing,
    ad_id: uuid.UUID,
    version_id: uuid.UUID,
    picture: Literal["plate", "cover"],
    format_name: str,
) -> Response:
    """What lies under or over the words; fetched from the aiserver where it is not here yet."""
    opened = editor.opened(ad_id, version_id)
    layer = opened.format(format_name)
    artifact = layer.plate if picture == "plate" else layer.cover
    try:
        data, media_type = picture_of(services.store, visit.business.id, artifact)
    except NotFound:
        from_thread.run(bring_kit, services.aiserver, services.store, visit.business.id, opened.layer)
        data, media_type = picture_of(services.store, visit.business.id, artifact)
    return Response(data, media_type=media_type, headers={"Cache-Control": FOREVER})


@router.get("/editor/frame")
def frame(_visit: ShopDep) -> Response:
    """The empty page a layer is shown in."""
    content = "<!doctype html><html><head><meta charset=utf-8><title>·</title></head><body></body></html>"
    headers = {"Content-Security-Policy": FRAME_POLICY, "Cache-Control": "private, max-age=86400"}
    return Response(content, media_type="text/html", headers=headers)


def _page(
    request: Request,
    services: Services,
    visit: Visit,
    editor: Editing,
    opened: Opened,
    format_name: str,
    *,
    form: Form[Typed] | None = None,
    status: int = 200,
) -> Response:
    view = editor_view(opened, services, visit.business, locale_of(request))
    names = [tab.name for tab in view.formats]
    chosen = format_name if format_name in names else names[0]
    return services.pages.render(
        request,
        "editor/editor.html",
        status,
        ad=opened.ad,
        version=opened.version,
        view=view,
        say=sentences(locale_of(request)),
        chosen=chosen,
        images=editor.images(opened),
        versions=editor.versions(opened.ad.id),
        texts=texts_of(opened.layer, chosen, form.values if form else {}),
        typed=form.values if form else {},
        errors=form.errors if form else {},
        key=uuid.uuid4().hex,
    )
