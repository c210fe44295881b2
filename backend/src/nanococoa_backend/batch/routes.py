"""Pages of runs: sending a list or choosing products, looking a draft through, and the results."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from nanococoa_backend.ads import catalogue as lists
from nanococoa_backend.batch.deps import DraftingDep, EditingRuns, ViewingRuns, draft_of_list, known_wishes
from nanococoa_backend.batch.drafting import NothingToMake
from nanococoa_backend.batch.files import empty_list, files_answer, results_answer
from nanococoa_backend.batch.models import BatchRun
from nanococoa_backend.batch.problems import Unreadable, told
from nanococoa_backend.batch.results import tally_of
from nanococoa_backend.batch.service import BatchService
from nanococoa_backend.batch.views import refused_of, summary_of
from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.errors import InvalidField, NotFound
from nanococoa_backend.media.routes import FOREVER
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.products.routes import Viewing

router = APIRouter(include_in_schema=False)

RUNS_SHOWN: Final = 12
MOST_PRODUCTS: Final = 60


@router.get("/batch")
def start_page(
    request: Request, services: ServicesDep, visit: ShopDep, runs: ViewingRuns, products: Viewing, how: str = "list"
) -> Response:
    return _start_page(request, services, runs, products, how=how)


@router.get("/batch/list.csv")
def empty(request: Request, _visit: ShopDep) -> Response:
    """A list to fill in."""
    return empty_list(locale_of(request))


@router.post("/batch/list")
def send_list(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    runs: EditingRuns,
    products: Viewing,
    drafts: DraftingDep,
    table: Annotated[UploadFile | None, File()] = None,
    photos: Annotated[list[UploadFile], File()] = [],  # noqa: B006  # FastAPI copies it
    scene: Annotated[str, Form()] = "",
    formats: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    services.rates.count(rates.BATCHES_OF_BUSINESS, visit.business.id)
    locale = locale_of(request)
    given: dict[str, Any] = {"scene": scene, "formats": formats}
    try:
        wishes = known_wishes(scene, formats, True, services.catalogue.now)
        with told():
            run = draft_of_list(drafts, "", table, photos, wishes)
    except InvalidField as error:
        return _start_page(request, services, runs, products, status=422, errors=error.sentences(locale), **given)
    except Unreadable as error:
        wrong = {error.field: error.message(locale)}
        return _start_page(request, services, runs, products, status=422, errors=wrong, **given)
    except NothingToMake as error:
        wrong, refused = {"table": error.message(locale)}, error.refused
        rows = [{"line": row.line, "name": row.name, "message": row.sentence(locale)} for row in refused]
        return _start_page(request, services, runs, products, status=422, errors=wrong, refused=rows, **given)
    return go_on(f"/batch/{run.id}")


@router.post("/batch/products")
def choose_products(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    runs: EditingRuns,
    products: Viewing,
    drafts: DraftingDep,
    chosen: Annotated[list[uuid.UUID], Form(alias="products")] = [],  # noqa: B006
    scenes: Annotated[list[str], Form()] = [],  # noqa: B006
    formats: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    services.rates.count(rates.BATCHES_OF_BUSINESS, visit.business.id)
    try:
        if not chosen:
            raise InvalidField(products="batch_products")
        for scene in scenes or [""]:
            known_wishes(scene, formats, True, services.catalogue.now)
        run = drafts.from_products("", chosen, scenes, list(dict.fromkeys(formats)), True)
    except InvalidField as error:
        wrong = error.sentences(locale_of(request))
        wrong = {("scenes" if name == "scene" else name): text for name, text in wrong.items()}
        given: dict[str, Any] = {"products_chosen": [str(one) for one in chosen], "scenes": scenes, "formats": formats}
        return _start_page(request, services, runs, products, how="products", status=422, errors=wrong, **given)
    return go_on(f"/batch/{run.id}")


@router.get("/batch/{run_id}")
def run_page(request: Request, services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID) -> Response:
    run, locale = runs.runs.get(run_id), locale_of(request)
    results = runs.results(run)
    return services.pages.render(
        request,
        "batch/draft.html" if run.status == "draft" else "batch/results.html",
        run=run,
        results=results,
        tally=tally_of(results),
        told=summary_of(run, results),
        refused=refused_of(run, locale),
        sizes=sorted({name for result in results for name in result.shown.item.order["formats"]}),
        catalogue=services.catalogue.now,
        lists=lists,
    )


@router.post("/batch/{run_id}/start")
def start(runs: EditingRuns, run_id: uuid.UUID, existing: Annotated[str, Form()] = "reuse") -> Response:
    runs.start(run_id, reuse=existing != "new")
    return go_on(f"/batch/{run_id}")


@router.post("/batch/{run_id}/stop")
def stop(runs: EditingRuns, run_id: uuid.UUID) -> Response:
    runs.stop(run_id)
    return go_on(f"/batch/{run_id}", "batch_stopped")


@router.post("/batch/{run_id}/again")
def again(runs: EditingRuns, run_id: uuid.UUID) -> Response:
    runs.again(run_id)
    return go_on(f"/batch/{run_id}")


@router.post("/batch/{run_id}/delete")
def delete(runs: EditingRuns, run_id: uuid.UUID) -> Response:
    runs.delete(run_id)
    return go_on("/batch", "batch_deleted")


@router.post("/batch/{run_id}/items/{item_id}/again")
def again_item(runs: EditingRuns, run_id: uuid.UUID, item_id: uuid.UUID) -> Response:
    runs.remake(runs.runs.locked(run_id), item_id)
    return go_on(f"/batch/{run_id}")


@router.post("/batch/{run_id}/items/{item_id}/accept")
def accept_item(runs: EditingRuns, run_id: uuid.UUID, item_id: uuid.UUID) -> Response:
    runs.accept(runs.runs.locked(run_id), item_id)
    return go_on(f"/batch/{run_id}", "batch_accepted")


@router.get("/batch/{run_id}/items/{item_id}/photo")
def photo(services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID, item_id: uuid.UUID) -> Response:
    """The thumbnail of a row that is not a product yet."""
    item = runs.item(runs.runs.get(run_id), item_id).item
    if not item.thumb:
        raise NotFound
    return Response(services.store.get(item.thumb), media_type="image/webp", headers={"Cache-Control": FOREVER})


@router.get("/batch/{run_id}/results.csv")
def results_csv(request: Request, services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID) -> Response:
    return results_answer(services, runs, runs.runs.get(run_id), locale_of(request))


@router.get("/batch/{run_id}/files.zip")
def files_zip(request: Request, services: ServicesDep, runs: ViewingRuns, run_id: uuid.UUID) -> Response:
    answer = files_answer(services, runs, runs.runs.get(run_id), locale_of(request))
    return answer or go_on(f"/batch/{run_id}", "batch_no_files")


def _start_page(
    request: Request,
    services: Services,
    runs: BatchService,
    products: Viewing,
    *,
    how: str = "list",
    status: int = 200,
    **values: Any,
) -> Response:
    rows: list[BatchRun] = list(runs.runs.page(RUNS_SHOWN))
    results = runs.results_of(rows)
    known = services.catalogue.now
    first: dict[str, Any] = {
        "scene": known.scenes[0],
        "scenes": list(known.scenes[:1]),
        "formats": known.first_formats()[:1],
        "products_chosen": [],
        "errors": {},
        "refused": [],
    }
    return services.pages.render(
        request,
        "batch/start.html",
        status,
        how="products" if how == "products" else "list",
        runs=[summary_of(run, results[run.id]) for run in rows],
        rows=products.products.shelf(MOST_PRODUCTS) if how == "products" else [],
        catalogue=known,
        lists=lists,
        **(first | {name: value for name, value in values.items() if value or name in ("errors", "refused")}),
    )
