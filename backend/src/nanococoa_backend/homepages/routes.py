"""Pages of homepages: the shelf, asking for one, looking at it, changing and publishing it."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from nanococoa_backend.ads.repository import Ads
from nanococoa_backend.businesses.visits import EditorDep, Visit
from nanococoa_backend.errors import InvalidField, TooManyHomepages
from nanococoa_backend.homepages.deps import EditingHomepages, ViewingHomepages
from nanococoa_backend.homepages.models import Homepage, HomepageTask
from nanococoa_backend.homepages.progress import progress_of
from nanococoa_backend.homepages.repository import UNDER_WAY
from nanococoa_backend.homepages.schemas import MOST_ADS, MOST_PRODUCTS, EditIn, OrderForm, VersionIn, WordsForm
from nanococoa_backend.homepages.service import HomepageService, changes_of, sections_of, versions_of
from nanococoa_backend.messages import Locale, has, say
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.database import SessionDep
from nanococoa_backend.platform.forms import Form, empty, form_of
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.pages import go_on
from nanococoa_backend.platform.services import Services, ServicesDep
from nanococoa_backend.products.repository import Products

router = APIRouter(prefix="/homepages", include_in_schema=False)

NEWEST_ADS = 4
"""Ads that are ticked to begin with."""

MakeForm = Annotated[Form[OrderForm], Depends(form_of(OrderForm))]
EditForm = Annotated[Form[WordsForm], Depends(form_of(WordsForm))]
VersionForm = Annotated[Form[VersionIn], Depends(form_of(VersionIn))]


@router.get("")
def shelf(request: Request, services: ServicesDep, homepages: ViewingHomepages) -> Response:
    rows = [(one, homepages.tasks.latest(one.id)) for one in homepages.homepages.shelf(100)]
    return _page(services, request, "homepages/shelf.html", rows=rows, under_way=UNDER_WAY)


@router.get("/new")
def new_page(request: Request, services: ServicesDep, session: SessionDep, visit: EditorDep) -> Response:
    """Everything is chosen already."""
    return _maker(services, session, visit, empty(request, key=secrets.token_urlsafe(16), pages="one"))


@router.post("/new")
def make(
    services: ServicesDep, session: SessionDep, visit: EditorDep, homepages: EditingHomepages, form: MakeForm
) -> Response:
    services.rates.count(rates.HOMEPAGES_OF_BUSINESS, visit.business.id)
    if form.given is None:
        return _maker(services, session, visit, form, 422)
    try:
        homepage = homepages.make(form.given, form.given.key or None)
    except InvalidField as error:
        form.refuse(error)
        return _maker(services, session, visit, form, 422)
    except TooManyHomepages as error:
        form.errors["title"] = error.message(locale_of(form.request))
        return _maker(services, session, visit, form, error.status)
    return go_on(f"/homepages/{homepage.id}")


@router.get("/{homepage_id}")
def homepage_page(
    request: Request, services: ServicesDep, homepages: ViewingHomepages, homepage_id: uuid.UUID
) -> Response:
    return _homepage(services, homepages, homepages.homepages.live(homepage_id), empty(request))


@router.post("/{homepage_id}/edit")
def edit(
    services: ServicesDep, visit: EditorDep, homepages: EditingHomepages, homepage_id: uuid.UUID, form: EditForm
) -> Response:
    services.rates.count(rates.HOMEPAGES_OF_BUSINESS, visit.business.id)
    homepage = homepages.homepages.live(homepage_id)
    if form.given is not None:
        try:
            homepages.edit(homepage, EditIn(instruction=form.given.instruction), locale_of(form.request))
        except InvalidField as error:
            form.refuse(error)
        else:
            return go_on(f"/homepages/{homepage.id}", "homepage_editing")
    return _homepage(services, homepages, homepage, form, 422)


@router.post("/{homepage_id}/publish")
def publish(homepages: EditingHomepages, homepage_id: uuid.UUID) -> Response:
    homepages.publish(homepages.homepages.live(homepage_id))
    return go_on(f"/homepages/{homepage_id}", "homepage_publishing")


@router.post("/{homepage_id}/rollback")
def roll_back(homepages: EditingHomepages, homepage_id: uuid.UUID, form: VersionForm) -> Response:
    homepages.publish(homepages.homepages.live(homepage_id), form.model.version)
    return go_on(f"/homepages/{homepage_id}", "homepage_going_back")


@router.post("/{homepage_id}/unpublish")
def unpublish(homepages: EditingHomepages, homepage_id: uuid.UUID) -> Response:
    homepages.unpublish(homepages.homepages.live(homepage_id))
    return go_on(f"/homepages/{homepage_id}", "homepage_hiding")


@router.post("/{homepage_id}/delete")
def delete(homepages: EditingHomepages, homepage_id: uuid.UUID) -> Response:
    homepages.delete(homepages.homepages.live(homepage_id))
    return go_on("/homepages", "homepage_deleted", detail=str(homepage_id))


@router.post("/{homepage_id}/restore")
def restore(homepages: EditingHomepages, homepage_id: uuid.UUID) -> Response:
    return go_on(f"/homepages/{homepages.restore(homepage_id).id}", "homepage_restored")


@router.post("/{homepage_id}/tasks/{task_id}/stop")
def stop(homepages: EditingHomepages, homepage_id: uuid.UUID, task_id: uuid.UUID) -> Response:
    homepages.stop(homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id))
    return go_on(f"/homepages/{homepage_id}", "homepage_stopping")


@router.post("/{homepage_id}/tasks/{task_id}/again")
def again(homepages: EditingHomepages, homepage_id: uuid.UUID, task_id: uuid.UUID) -> Response:
    homepages.try_again(homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id))
    return go_on(f"/homepages/{homepage_id}")


def _homepage(
    services: Services, homepages: HomepageService, homepage: Homepage, form: Form[Any], status: int = 200
) -> Response:
    """While it is first made: how far it is. Afterwards: the page itself, with what is under way on top."""
    locale = locale_of(form.request)
    latest = homepages.tasks.latest(homepage.id)
    waiting = homepages.tasks.under_way(homepage.id)
    task = waiting[0] if waiting else latest
    return _page(
        services,
        form.request,
        "homepages/homepage.html" if homepage.draft else "homepages/progress.html",
        status,
        form=form,
        homepage=homepage,
        task=task,
        state=progress_of(task, locale),
        problem=_why(task, locale),
        under_way=task.status in UNDER_WAY,
        queued=len(waiting),
        sections=sections_of(homepage),
        versions=versions_of(homepage),
        changes=changes_of(homepage),
    )


def _why(task: HomepageTask, locale: Locale) -> str:
    """In our own words where we have some, else in the service's."""
    problem = task.problem or {}
    key = f"homepages.problem.{problem.get('code')}"
    return say(locale, key) if has(key) else str(problem.get("message", ""))


def _maker(services: Services, session: SessionDep, visit: Visit, form: Form[Any], status: int = 200) -> Response:
    ads = Ads(session).recent(MOST_ADS)
    products = Products(session).shelf(MOST_PRODUCTS)
    typed = bool(form.lists)
    return _page(
        services,
        form.request,
        "homepages/new.html",
        status,
        form=form,
        shop=visit.business,
        products=products,
        ads=ads,
        on_products=set(form.lists.get("products", [])) if typed else {str(row[0].id) for row in products},
        on_ads=set(form.lists.get("ads", [])) if typed else {str(row[0].id) for row in ads[:NEWEST_ADS]},
        themes=services.homepages.watch.options.themes,
    )


def _page(services: Services, request: Request, template: str, status: int = 200, /, **values: Any) -> Response:
    return services.pages.render(request, template, status, is_up=services.homepages.watch.is_up, **values)
