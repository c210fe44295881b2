"""A business' logo: uploaded, and removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from nanococoa_backend.businesses.visits import BusinessesDep, EditorDep
from nanococoa_backend.errors import InvalidPicture, TooLarge
from nanococoa_backend.limits.service import check
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform import pictures, rates
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.forms import FileOnly, Form, form_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(include_in_schema=False)

FileForm = Annotated[Form[FileOnly], Depends(form_of(FileOnly))]


@router.post("/business/logo")
def set_logo(
    session: SessionDep,
    services: ServicesDep,
    visit: EditorDep,
    businesses: BusinessesDep,
    media: MediaDep,
    form: FileForm,
) -> Response:
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    try:
        data = form.files.get("logo", b"")
        check(session, visit.business.id, "storage", adding=len(data))
        image = pictures.decode(data)
    except (InvalidPicture, TooLarge):
        return go_on("/business#brand", "logo_wrong")
    businesses.set_logo(visit.business, media.keep(visit.business.id, image, "logo").id)
    return go_on("/business#brand", "saved")


@router.post("/business/logo/remove")
def remove_logo(visit: EditorDep, businesses: BusinessesDep) -> Response:
    businesses.set_logo(visit.business, None)
    return go_on("/business#brand", "saved")
