"""Runs of many ads by API: what the pages do, as JSON under /api/v1."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from nanococoa_backend.batch.deps import DraftingDep, EditingRuns, ViewingRuns, draft_of_list, known_wishes
from nanococoa_backend.batch.files import files_answer, results_answer
from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.problems import told
from nanococoa_backend.batch.schemas import BatchOfProducts, BatchPage, BatchStart, BatchView
from nanococoa_backend.batch.service import BatchService
from nanococoa_backend.batch.views import summary_of, view_of
from nanococoa_backend.businesses.visits import EditorDep
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1/batches", tags=["batches"])

Table = Annotated[UploadFile, File(description="CSV in UTF-8, CP949 or UTF-16; columns by name, Korean or English")]
PhotoFiles = Annotated[list[UploadFile], File(description="Pictures, ZIPs of pictures, or both; matched by file name")]


@router.get("", summary="List runs of many ads", responses=errors(401, 409, 422))
def list_batches(
    runs: ViewingRuns,
    limit: Limit = 24,
    cursor: Cursor = None,
) -> BatchPage:
    """Newest first, with how many of each passed."""
    rows = runs.runs.page(limit + 1, place_of(cursor))
    results = runs.results_of(rows[:limit])
    more = cursor_after(rows[limit - 1]) if len(rows) > limit else None
    return BatchPage(batches=[summary_of(run, results[run.id]) for run in rows[:limit]], next_cursor=more)


@router.post(
    "", status_code=202, summary="Make many ads from a list", responses=errors(400, 401, 403, 409, 413, 422, 429)
)
def make_batch(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    runs: EditingRuns,
    drafts: DraftingDep,
    table: Table,
    photos: PhotoFiles = [],  # noqa: B006  # FastAPI copies it
    name: Annotated[str, Form(max_length=80, description="What the run is called; empty: the list's name")] = "",
    scene: Annotated[str, Form(max_length=60, description="Where a row names none; empty: the first preset")] = "",
    formats: Annotated[list[str], Form(description="Where a row names none")] = ["square"],  # noqa: B006
    use_brand: Annotated[bool, Form(description="Take the shop's own colours, font and logo")] = True,
    reuse: Annotated[bool, Form(description="Make rows of products the shop has, where the name is the same")] = True,
    start: Annotated[bool, Form(description="false: keep it as a draft to look through first")] = True,
) -> BatchView:
    """Checks every row and photo before anything is kept. Rows that can't become ads are told in `refused`, the others
    go on; 422 when none can."""
    services.rates.count(rates.BATCHES_OF_BUSINESS, visit.business.id)
    known = services.catalogue.now
    wishes = known_wishes(scene or known.scenes[0], formats, use_brand, known)
    with told():
        run = draft_of_list(drafts, name, table, photos, wishes)
    return _told(request, runs, runs.start(run.id, reuse=reuse) if start else run)


@router.post(
    "/products",
    status_code=202,
    summary="Make many ads of products and scenes",
    responses=errors(401, 403, 404, 409, 422, 429),
)
def make_batch_of_products(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    runs: EditingRuns,
    drafts: DraftingDep,
    wanted: BatchOfProducts,
) -> BatchView:
    """Every product before every scene; 200 ads a run at most."""
    services.rates.count(rates.BATCHES_OF_BUSINESS, visit.business.id)
    known = services.catalogue.now
    for scene in wanted.scenes:
        known_wishes(scene, wanted.formats, wanted.use_brand, known)
    run = drafts.from_products(wanted.name, wanted.products, wanted.scenes, wanted.formats, wanted.use_brand)
    return _told(request, runs, runs.start(run.id) if wanted.start else run)


@router.get("/{run_id}", summary="Read one run with all its rows", responses=errors(401, 404))
def read_batch(request: Request, runs: ViewingRuns, run_id: uuid.UUID) -> BatchView:
    """How many passed, which ones to look at and why, and the ad of each row."""
    return _told(request, runs, runs.runs.get(run_id))


@router.post("/{run_id}/start", status_code=202, summary="Start a drafted run", responses=errors(401, 403, 404, 429))
def start_batch(request: Request, runs: EditingRuns, run_id: uuid.UUID, wishes: BatchStart) -> BatchView:
    """Its rows become ads beside the requests. A run that was started already stays as it is."""
    return _told(request, runs, runs.start(run_id, reuse=wishes.reuse))


@router.post("/{run_id}/stop", summary="Stop a run of many ads", responses=errors(401, 403, 404))
def stop_batch(request: Request, runs: EditingRuns, run_id: uuid.UUID) -> BatchView:
    """Finished ads stay, the others are stopped; `retry` goes on with them."""
    return _told(request, runs, runs.stop(run_id))


@router.post(
    "/{run_id}/retry", status_code=202, summary="Make only what is missing", responses=errors(401, 403, 404, 409)
)
def retry_batch(request: Request, runs: EditingRuns, run_id: uuid.UUID) -> BatchView:
    """Takes up the rows that failed or were stopped; 409 for a draft."""
    return _told(request, runs, runs.again(run_id))


@router.post(
    "/{run_id}/items/{item_id}/retry",
    status_code=202,
    summary="Make one row anew",
    responses=errors(401, 403, 404, 409),
)
def retry_item(request: Request, runs: EditingRuns, run_id: uuid.UUID, item_id: uuid.UUID) -> BatchView:
    """With the product's cut-out as it is now; 409 while it is under way."""
    run = runs.runs.locked(run_id)
    runs.remake(run, item_id)
    return _told(request, runs, run)


@router.post("/{run_id}/items/{item_id}/accept", summary="Take a row as it is", responses=errors(401, 403, 404, 409))
def accept_item(request: Request, runs: EditingRuns, run_id: uuid.UUID, item_id: uuid.UUID) -> BatchView:
    """A person has looked: it counts as passed. 409 when there was nothing to look at."""
    run = runs.runs.locked(run_id)
    runs.accept(run, item_id)
    return _told(request, runs, run)


@router.delete("/{run_id}", status_code=204, summary="Delete a run of many ads", responses=errors(401, 403, 404))
def delete_batch(runs: EditingRuns, run_id: uuid.UUID) -> Response:
    """The run and its table of results; its ads stay in the gallery. What is under way is stopped."""
    runs.delete(run_id)
    return Response(status_code=204)


@router.get(
    "/{run_id}/results.csv",
    summary="Fetch the results as a table",
    response_class=Response,
    responses=errors(401, 404),
)
def fetch_results(request: Request, services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID) -> Response:
    """UTF-8 with its mark; no cell can be taken for a formula."""
    return results_answer(services, runs, runs.runs.get(run_id), locale_of(request))


@router.get(
    "/{run_id}/files.zip",
    summary="Fetch all finished pictures",
    response_class=Response,
    responses=errors(401, 404, 422),
)
def fetch_files(request: Request, services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID) -> Response:
    """Every placement of every ad that is finished, in one ZIP; 422 while there is none."""
    answer = files_answer(services, runs, runs.runs.get(run_id), locale_of(request))
    if answer is None:
        raise InvalidField(run_id="batch_no_files")
    return answer


def _told(request: Request, runs: BatchService, run: BatchRun) -> BatchView:
    return view_of(run, runs.results(run), locale_of(request))
