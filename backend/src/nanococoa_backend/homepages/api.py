"""Homepages by API: asked for, changed, shown to the world and taken back. Every wish is kept until it is fulfilled."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from nanococoa_backend.businesses.visits import EditorDep, ShopDep
from nanococoa_backend.homepages.deps import EditingHomepages, ViewingHomepages
from nanococoa_backend.homepages.events import event_stream
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.schemas import (
    EditIn,
    HomepageOrder,
    HomepagePage,
    HomepageView,
    OptionsView,
    TaskPage,
    TaskView,
    ThemeView,
    VersionIn,
    WholeHomepage,
)
from nanococoa_backend.homepages.service import HomepageService, changes_of, sections_of, versions_of
from nanococoa_backend.platform import rates
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.paging import Cursor, Limit, cursor_after, place_of
from nanococoa_backend.platform.services import ServicesDep

router = APIRouter(prefix="/api/v1/homepages", tags=["homepages"])


@router.get("", summary="List the homepages of the business", responses=errors(401, 422))
def list_homepages(homepages: ViewingHomepages, limit: Limit = 24, cursor: Cursor = None) -> HomepagePage:
    """Newest first, each with where it stands; deleted ones are left out."""
    found = homepages.homepages.shelf(limit + 1, place_of(cursor))
    more = cursor_after(found[limit - 1]) if len(found) > limit else None
    return HomepagePage(homepages=[HomepageView.model_validate(one) for one in found[:limit]], next_cursor=more)


@router.get("/options", summary="What a homepage may look like", responses=errors(401))
def read_options(request: Request, services: ServicesDep, _visit: ShopDep) -> OptionsView:
    """The looks the homepage service offers, and whether it answers just now."""
    suffix, watch = locale_of(request), services.homepages.watch
    themes = [
        ThemeView(name=one.name, title=getattr(one, f"title_{suffix}"), text=getattr(one, f"text_{suffix}"))
        for one in watch.options.themes
    ]
    return OptionsView(available=watch.is_up, themes=themes)


@router.post("", status_code=202, summary="Have a homepage made", responses=errors(401, 403, 409, 422, 429))
def make_homepage(
    services: ServicesDep, visit: EditorDep, homepages: EditingHomepages, order: HomepageOrder
) -> WholeHomepage:
    """From the shop's facts, its products and ads alone. Nothing is published by this: read the page until it has a
    `draft`, look at its preview, then publish. While the service is away the wish is kept and sent when it is back."""
    services.rates.count(rates.HOMEPAGES_OF_BUSINESS, visit.business.id)
    return _told(homepages, homepages.make(order))


@router.get("/{homepage_id}", summary="Read one homepage", responses=errors(401, 404))
def read_homepage(homepages: ViewingHomepages, homepage_id: uuid.UUID) -> WholeHomepage:
    """Its sections, its versions, what is not published yet, and what is under way."""
    return _told(homepages, homepages.homepages.live(homepage_id))


@router.delete("/{homepage_id}", status_code=204, summary="Delete a homepage", responses=errors(401, 403, 404))
def delete_homepage(homepages: EditingHomepages, homepage_id: uuid.UUID) -> Response:
    """It is taken off the net, and can be brought back for seven days."""
    homepages.delete(homepages.homepages.live(homepage_id))
    return Response(status_code=204)


@router.post("/{homepage_id}/restore", summary="Bring a deleted homepage back", responses=errors(401, 403, 404))
def restore_homepage(homepages: EditingHomepages, homepage_id: uuid.UUID) -> WholeHomepage:
    """Its versions are as they were; nobody sees it before it is published again."""
    return _told(homepages, homepages.restore(homepage_id))


@router.post(
    "/{homepage_id}/edits", status_code=202, summary="Change a homepage", responses=errors(401, 403, 404, 409, 422, 429)
)
def edit_homepage(
    request: Request,
    services: ServicesDep,
    visit: EditorDep,
    homepages: EditingHomepages,
    homepage_id: uuid.UUID,
    given: EditIn,
) -> TaskView:
    """By words or by hand. It makes a new version to look at; what is published stays as it is."""
    services.rates.count(rates.HOMEPAGES_OF_BUSINESS, visit.business.id)
    task = homepages.edit(homepages.homepages.live(homepage_id), given, locale_of(request))
    return TaskView.model_validate(task)


@router.post(
    "/{homepage_id}/publish", status_code=202, summary="Publish the draft", responses=errors(401, 403, 404, 409, 422)
)
def publish_homepage(homepages: EditingHomepages, homepage_id: uuid.UUID) -> TaskView:
    """The world sees it when the wish is `completed`; the address is the page's `url`."""
    return TaskView.model_validate(homepages.publish(homepages.homepages.live(homepage_id)))


@router.post(
    "/{homepage_id}/rollback", status_code=202, summary="Publish a version", responses=errors(401, 403, 404, 409, 422)
)
def roll_back_homepage(homepages: EditingHomepages, homepage_id: uuid.UUID, given: VersionIn) -> TaskView:
    """Show the world an earlier version. The draft is not touched."""
    return TaskView.model_validate(homepages.publish(homepages.homepages.live(homepage_id), given.version))


@router.post(
    "/{homepage_id}/unpublish", status_code=202, summary="Take it off the net", responses=errors(401, 403, 404, 409)
)
def unpublish_homepage(homepages: EditingHomepages, homepage_id: uuid.UUID) -> TaskView:
    """Versions are kept; it can be published again."""
    return TaskView.model_validate(homepages.unpublish(homepages.homepages.live(homepage_id)))


@router.get("/{homepage_id}/tasks", summary="List what was wished of a page", responses=errors(401, 404, 422))
def list_tasks(
    homepages: ViewingHomepages, homepage_id: uuid.UUID, limit: Limit = 24, cursor: Cursor = None
) -> TaskPage:
    """Newest first: made, changed, published, taken back."""
    homepage = homepages.homepages.live(homepage_id)
    found = homepages.tasks.of(homepage.id, limit + 1, place_of(cursor))
    more = cursor_after(found[limit - 1]) if len(found) > limit else None
    return TaskPage(tasks=[TaskView.model_validate(one) for one in found[:limit]], next_cursor=more)


@router.post("/{homepage_id}/tasks/{task_id}/stop", summary="Stop a wish under way", responses=errors(401, 403, 404))
def stop_task(homepages: EditingHomepages, homepage_id: uuid.UUID, task_id: uuid.UUID) -> TaskView:
    """It ends as `stopped` in a moment; the page stays as it is."""
    task = homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id)
    homepages.stop(task)
    return TaskView.model_validate(task)


@router.post(
    "/{homepage_id}/tasks/{task_id}/again",
    status_code=202,
    summary="Wish the same once more",
    responses=errors(401, 403, 404, 409),
)
def again(homepages: EditingHomepages, homepage_id: uuid.UUID, task_id: uuid.UUID) -> TaskView:
    """For a wish that failed or was stopped; 409 for any other."""
    task = homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id)
    homepages.try_again(task)
    return TaskView.model_validate(task)


@router.get(
    "/{homepage_id}/tasks/{task_id}/events",
    summary="Follow a wish's progress",
    response_class=EventSourceResponse,
    responses=errors(401, 404, 429),
)
def follow_task(
    request: Request,
    services: ServicesDep,
    visit: ShopDep,
    homepages: ViewingHomepages,
    homepage_id: uuid.UUID,
    task_id: uuid.UUID,
) -> EventSourceResponse:
    """Server-sent events: `progress` with the whole state at each change, `end` at last."""
    task = homepages.tasks.one_of(homepages.homepages.live(homepage_id).id, task_id)
    return event_stream(services, visit.user.id, visit.business.id, task.id, locale_of(request))


def _told(homepages: HomepageService, homepage: Homepage) -> WholeHomepage:
    plain = HomepageView.model_validate(homepage).model_dump()
    return WholeHomepage(
        **plain,
        versions=versions_of(homepage),
        sections=sections_of(homepage),
        changes=changes_of(homepage),
        tasks=[TaskView.model_validate(one) for one in homepages.tasks.under_way(homepage.id)],
    )
