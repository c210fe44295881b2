"""The page of picture tools: choose a picture, then change it by words, ask about it, or hold it against a text."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.ads.deps import EditingAds
from nanococoa_backend.ads.schemas import EditOrder
from nanococoa_backend.businesses.visits import EditorDep
from nanococoa_backend.errors import InvalidPicture, NotFound, TooLarge
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.media.service import MediaService
from nanococoa_backend.platform import pictures, rates
from nanococoa_backend.platform.forms import FileOnly, Form, empty, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.tools.deps import AskingDep, NotesDep
from nanococoa_backend.tools.models import PictureNote
from nanococoa_backend.tools.repository import OPEN, PictureNotes
from nanococoa_backend.tools.schemas import Change, Question, Score

router = APIRouter(prefix="/edit", include_in_schema=False)

SHELF: Final = 12
NOTES: Final = 20
EXAMPLES: Final = ("beach", "warm", "winter", "remove")

PhotoForm = Annotated[Form[FileOnly], Depends(form_of(FileOnly))]
ChangeForm = Annotated[Form[Change], Depends(form_of(Change))]
QuestionForm = Annotated[Form[Question], Depends(form_of(Question))]
ScoreForm = Annotated[Form[Score], Depends(form_of(Score))]


@router.get("")
def page(
    request: Request,
    services: ServicesDep,
    _visit: EditorDep,
    media: MediaDep,
    notes: NotesDep,
    picture: uuid.UUID | None = None,
) -> Response:
    if picture is None:
        return _choosing(services, notes, empty(request))
    return _page(services, media, notes, picture, empty(request))


@router.post("")
def upload(services: ServicesDep, visit: EditorDep, media: MediaDep, notes: NotesDep, form: PhotoForm) -> Response:
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    try:
        image = pictures.decode(form.files.get("photo", b""))
    except (InvalidPicture, TooLarge) as error:
        form.errors["photo"] = error.message(locale_of(form.request))
        return _choosing(services, notes, form, error.status)
    return go_on(f"/edit?picture={media.keep(visit.business.id, image, 'photo').id}")


@router.post("/change")
def change(
    services: ServicesDep, visit: EditorDep, media: MediaDep, notes: NotesDep, ads: EditingAds, form: ChangeForm
) -> Response:
    services.rates.count(rates.ADS_OF_BUSINESS, visit.business.id)
    if form.given is None:
        return _page(services, media, notes, _picture_of(form), form, 422)
    asked = form.given
    order = EditOrder(
        asset_id=str(asked.asset_id),
        instruction=asked.instruction,
        mode=asked.mode,
        keep_product=asked.keep_product,
        locale=locale_of(form.request),
    )
    return go_on(f"/ads/{ads.make_edit(order, key=asked.key or None).id}")


@router.post("/ask")
def ask(
    services: ServicesDep, visit: EditorDep, media: MediaDep, notes: NotesDep, tools: AskingDep, form: QuestionForm
) -> Response:
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    if form.given is None:
        return _page(services, media, notes, _picture_of(form), form, 422)
    return _waiting(tools.ask(form.given, locale_of(form.request)))


@router.post("/score")
def score(
    services: ServicesDep, visit: EditorDep, media: MediaDep, notes: NotesDep, tools: AskingDep, form: ScoreForm
) -> Response:
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    if form.given is None:
        return _page(services, media, notes, _picture_of(form), form, 422)
    return _waiting(tools.score(form.given, locale_of(form.request)))


@router.post("/notes/{note_id}/again")
def ask_again(services: ServicesDep, visit: EditorDep, tools: AskingDep, note_id: uuid.UUID) -> Response:
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    note = tools.notes.get(note_id)
    tools.try_again(note)
    return _waiting(note)


@router.post("/notes/{note_id}/delete")
def delete_note(_visit: EditorDep, notes: NotesDep, note_id: uuid.UUID) -> Response:
    note = notes.get(note_id)
    notes.remove(note)
    return _waiting(note)


def _waiting(note: PictureNote) -> Response:
    """The picture's page, where the answer will be."""
    return go_on(f"/edit?picture={note.asset_id}#notes")


def _picture_of(form: Form[Any]) -> uuid.UUID:
    try:
        return uuid.UUID(form.values.get("asset_id", ""))
    except ValueError:
        raise NotFound from None


def _choosing(services: Services, notes: PictureNotes, form: Form[Any], status: int = 200) -> Response:
    return services.pages.render(form.request, "tools/choose.html", status, form=form, pictures=notes.pictures(SHELF))


def _page(
    services: Services, media: MediaService, notes: PictureNotes, picture: uuid.UUID, form: Form[Any], status: int = 200
) -> Response:
    shown = notes.page(NOTES, asset_id=picture)
    return services.pages.render(
        form.request,
        "tools/tools.html",
        status,
        form=form,
        picture=media.get(picture),
        notes=shown,
        waiting=[note for note in shown if note.status in OPEN],
        able=services.catalogue.now.abilities,
        examples=EXAMPLES,
        key=form.values.get("key") or secrets.token_urlsafe(16),
    )
