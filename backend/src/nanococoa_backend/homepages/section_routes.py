"""Pages and files of one homepage's parts: a section's texts, its place, the preview, pictures of work in progress."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField, NotFound, Outdated
from nanococoa_backend.homepages.deps import EditingHomepages, ViewingHomepages
from nanococoa_backend.homepages.events import event_stream
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.preview import preview_of, screenshot_of
from nanococoa_backend.homepages.schemas import EditIn, PatchIn, SwitchForm
from nanococoa_backend.homepages.service import section_of, versions_of
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.forms import FileOnly, Form, empty, form_of
from nanococoa_backend.platform.homepage_contract import Section
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep

router = APIRouter(tags=["homepages"])

PREFIX = "f-"
"""Before the names of a section's texts in its form."""

TextsForm = Annotated[Form[FileOnly], Depends(form_of(FileOnly))]
PlaceForm = Annotated[Form[SwitchForm], Depends(form_of(SwitchForm))]


@router.get("/homepages/{homepage_id}/sections/{section_id}", include_in_schema=False)
def section_page(
    request: Request, services: ServicesDep, homepages: ViewingHomepages, homepage_id: uuid.UUID, section_id: str
) -> Response:
    homepage = homepages.homepages.live(homepage_id)
    section = section_of(homepage, section_id)
    return _section(services, homepage, section, empty(request, **{PREFIX + f.name: f.value for f in section.fields}))


@router.post("/homepages/{homepage_id}/sections/{section_id}", include_in_schema=False)
def save_section(
    services: ServicesDep,
    visit: EditorDep,
    homepages: EditingHomepages,
    homepage_id: uuid.UUID,
    section_id: str,
    form: TextsForm,
) -> Response:
    """What was changed by hand, or wished in words when the form has ``instruction``."""
    services.rates.count(rates.HOMEPAGES_OF_BUSINESS, visit.business.id)
    homepage = homepages.homepages.live(homepage_id)
    section = section_of(homepage, section_id)
    try:
        given = _given(section, form.values)
        if given is None:
            return go_on(f"/homepages/{homepage.id}", "homepage_unchanged")
        homepages.edit(homepage, given, locale_of(form.request))
    except InvalidField as error:
        form.errors |= {_name(section, name): text for name, text in error.sentences(locale_of(form.request)).items()}
        return _section(services, homepage, section, form, 422)
    return go_on(f"/homepages/{homepage.id}", "homepage_editing")


@router.post("/homepages/{homepage_id}/sections/{section_id}/place", include_in_schema=False)
def place_section(homepages: EditingHomepages, homepage_id: uuid.UUID, section_id: str, form: PlaceForm) -> Response:
    """Hide it, show it, move it."""
    homepage = homepages.homepages.live(homepage_id)
    patch = PatchIn.model_validate(form.model.model_dump(exclude_none=True))
    section = section_of(homepage, section_id)
    homepages.edit(homepage, EditIn(section=section.id, patch=patch), locale_of(form.request))
    return go_on(f"/homepages/{homepage.id}", "homepage_editing")


@router.get("/homepages/{homepage_id}/preview/{version}/{path:path}", include_in_schema=False)
async def preview(
    services: ServicesDep, homepages: ViewingHomepages, homepage_id: uuid.UUID, version: str, path: str
) -> Response:
    return await preview_of(services.homepages.service, homepages.homepages.live(homepage_id), version, path)


@router.get("/homepages/{homepage_id}/tasks/{task_id}/screenshots/{name}", include_in_schema=False)
async def screenshot(
    services: ServicesDep, homepages: ViewingHomepages, homepage_id: uuid.UUID, task_id: uuid.UUID, name: str
) -> Response:
    task = homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id)
    taken = {one["name"] for one in (task.progress or {}).get("screenshots") or []}
    if task.job_id is None or name not in taken:
        raise NotFound
    return await screenshot_of(services.homepages.service, task.job_id, name)


@router.get("/homepages/{homepage_id}/tasks/{task_id}/events", include_in_schema=False)
def events(
    request: Request,
    services: ServicesDep,
    visit: ShopDep,
    homepages: ViewingHomepages,
    homepage_id: uuid.UUID,
    task_id: uuid.UUID,
) -> Response:
    task = homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id)
    return event_stream(services, visit.user.id, visit.business.id, task.id, locale_of(request))


@router.get("/homepages/{homepage_id}/export.zip", include_in_schema=False)
@router.get(
    "/api/v1/homepages/{homepage_id}/export.zip",
    summary="Download a version as a ZIP",
    response_class=Response,
    responses=errors(401, 404, 409),
)
async def export(
    services: ServicesDep, homepages: ViewingHomepages, homepage_id: uuid.UUID, version: str = ""
) -> Response:
    """All files of a version, the draft's when none is named, ready for any web host."""
    homepage = homepages.homepages.live(homepage_id)
    chosen = version or homepage.draft
    if homepage.slug is None or chosen is None:
        raise Outdated
    if chosen not in {one.id for one in versions_of(homepage)}:
        raise NotFound
    open_until_sent = AsyncExitStack()
    pieces = await open_until_sent.enter_async_context(services.homepages.service.export(homepage.slug, chosen))
    headers = {"Content-Disposition": f'attachment; filename="{homepage.slug}-{chosen}.zip"'}
    return StreamingResponse(_sent(pieces, open_until_sent), media_type="application/zip", headers=headers)


async def _sent(pieces: AsyncIterator[bytes], open_until_sent: AsyncExitStack) -> AsyncIterator[bytes]:
    async with open_until_sent:
        async for piece in pieces:
            yield piece


def _given(section: Section, values: dict[str, str]) -> EditIn | None:
    """None when nothing was changed."""
    words = values.get("instruction", "").strip()
    if words:
        if len(words) > 500:
            raise InvalidField(instruction="string_too_long")
        return EditIn(section=section.id, instruction=words)
    typed = {field.name: values.get(PREFIX + field.name) for field in section.fields}
    before = {field.name: field.value for field in section.fields}
    plain = {name: text.replace("\r\n", "\n").strip() for name, text in typed.items() if text is not None}
    changed = {name: text for name, text in plain.items() if text != before[name].strip()}
    return EditIn(section=section.id, patch=PatchIn(fields=changed)) if changed else None


def _name(section: Section, name: str) -> str:
    return PREFIX + name if name in {field.name for field in section.fields} else name


def _section(services: Services, homepage: Homepage, section: Section, form: Form[Any], status: int = 200) -> Response:
    return services.pages.render(
        form.request,
        "homepages/section.html",
        status,
        homepage=homepage,
        section=section,
        form=form,
        is_up=services.homepages.watch.is_up,
    )
