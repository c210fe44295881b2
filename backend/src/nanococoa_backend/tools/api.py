"""Picture tools by API: keep a picture, change it by words, ask about it, hold it against a text."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, Response, UploadFile

from nanococoa_backend.ads.deps import EditingAds
from nanococoa_backend.ads.schemas import AdView, EditOrder
from nanococoa_backend.ads.views import ad_view
from nanococoa_backend.businesses.visits import EditorDep
from nanococoa_backend.media.routes import MediaDep
from nanococoa_backend.platform import pictures, rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.tools.deps import AskingDep, NotesDep
from nanococoa_backend.tools.schemas import NotePage, NoteView, PictureView, Question, Score

router = APIRouter(prefix="/api/v1", tags=["pictures"])

Photo = Annotated[UploadFile, File(description="JPG, PNG, WebP or HEIC, 20 MB and 25 megapixels at most")]


@router.post(
    "/pictures", status_code=201, summary="Keep a picture for the tools", responses=errors(400, 401, 403, 413, 429)
)
def keep_picture(services: ServicesDep, visit: EditorDep, media: MediaDep, photo: Photo) -> PictureView:
    """For the tools: its id is what they take. Pictures of products and ads are kept already."""
    services.rates.count(rates.PICTURES_OF_BUSINESS, visit.business.id)
    asset = media.keep(visit.business.id, pictures.decode(photo.file.read()), "photo")
    return PictureView(id=asset.id, width=asset.width, height=asset.height)


@router.post("/edits", status_code=202, summary="Change a picture by words", responses=errors(401, 403, 404, 409, 422))
def start_edit(request: Request, services: ServicesDep, visit: EditorDep, ads: EditingAds, order: EditOrder) -> AdView:
    """The changed picture is made beside the request and kept among the ads: follow it with `GET /api/v1/ads/{id}`.
    Needs an aiserver that can edit; without one it fails and says what is missing."""
    services.rates.count(rates.ADS_OF_BUSINESS, visit.business.id)
    return ad_view(ads.make_edit(order), [], services.catalogue.now, locale_of(request))


@router.post("/analyses", status_code=202, summary="Ask about a picture", responses=errors(401, 403, 404, 422, 429))
def ask(request: Request, services: ServicesDep, visit: EditorDep, tools: AskingDep, asked: Question) -> NoteView:
    """Answered beside the request: follow it with `GET /api/v1/picture-notes/{id}`. Without a question: a description,
    colours, and where there is room for text. A question of your own needs a vision-language model; without one it
    fails with MODEL_UNAVAILABLE."""
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    return NoteView.model_validate(tools.ask(asked, locale_of(request)))


@router.post(
    "/scores", status_code=202, summary="Score a picture against a text", responses=errors(401, 403, 404, 422, 429)
)
def score(request: Request, services: ServicesDep, visit: EditorDep, tools: AskingDep, asked: Score) -> NoteView:
    """How well picture and text fit, 0 to 100, with a word for it; follow it with `GET /api/v1/picture-notes/{id}`.
    Needs CLIP; without it it fails with MODEL_UNAVAILABLE."""
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    return NoteView.model_validate(tools.score(asked, locale_of(request)))


@router.get("/picture-notes", summary="List what was asked", responses=errors(401, 422))
def list_notes(
    notes: NotesDep,
    limit: Limit = 24,
    cursor: Cursor = None,
    picture: Annotated[uuid.UUID | None, Query(description="Only about this picture")] = None,
) -> NotePage:
    """Questions and scores with their answers, newest first."""
    rows = notes.page(limit + 1, place_of(cursor), picture)
    more = cursor_after(rows[limit - 1]) if len(rows) > limit else None
    return NotePage(notes=[NoteView.model_validate(row) for row in rows[:limit]], next_cursor=more)


@router.get("/picture-notes/{note_id}", summary="Read one answer", responses=errors(401, 404))
def read_note(notes: NotesDep, note_id: uuid.UUID) -> NoteView:
    """Whether it is there yet, and what it says."""
    return NoteView.model_validate(notes.get(note_id))


@router.post(
    "/picture-notes/{note_id}/again",
    status_code=202,
    summary="Ask a failed question again",
    responses=errors(401, 403, 404, 409, 429),
)
def ask_again(services: ServicesDep, visit: EditorDep, tools: AskingDep, note_id: uuid.UUID) -> NoteView:
    """409 for one that was answered or is under way."""
    services.rates.count(rates.QUESTIONS_OF_BUSINESS, visit.business.id)
    note = tools.notes.get(note_id)
    tools.try_again(note)
    return NoteView.model_validate(note)


@router.delete(
    "/picture-notes/{note_id}",
    status_code=204,
    summary="Delete an answer about a picture",
    responses=errors(401, 403, 404),
)
def delete_note(_visit: EditorDep, notes: NotesDep, note_id: uuid.UUID) -> Response:
    """The picture itself stays, and so do all other answers."""
    notes.remove(notes.get(note_id))
    return Response(status_code=204)
