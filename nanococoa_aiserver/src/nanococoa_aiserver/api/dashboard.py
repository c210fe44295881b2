"""The dev dashboard: one page of our own files, live by asking for its state."""

from __future__ import annotations

from dataclasses import asdict
from importlib import resources
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response

from nanococoa_aiserver.api.answers import summary
from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.engine_watch import ALIVE_SECONDS
from nanococoa_aiserver.api.language import locale_of
from nanococoa_aiserver.api.services import ServicesDep
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import LANES

router = APIRouter(tags=["machine"])

SHOWN: Final = 24
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@router.get(
    "/dashboard",
    summary="The dashboard, a page for people",
    description=(
        "Jobs with thumbnails and step times, lanes, workers and the machine's load, live, as an HTML page. Programs "
        "use `GET /jobs`, `GET /status/{job_id}` and `GET /metrics`."
    ),
    response_class=Response,
    responses={
        200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}},
        **errors(),
    },
)
def dashboard() -> Response:
    return _file("page.html")


@router.get("/dashboard/state", include_in_schema=False)
def state(request: Request, services: ServicesDep) -> dict[str, Any]:
    """What the page draws, in one answer."""
    locale = locale_of(request)
    stats = services.jobs.stats()
    page = services.jobs.list_jobs(limit=SHOWN)
    return {
        "machine": services.machine.latest().model_dump(),
        "lanes": [
            {
                "name": lane,
                "slots": LANES[lane],
                "running": stats.running[lane],
                "waiting": stats.waiting[lane],
                "expected_wait": stats.expected_wait[lane],
            }
            for lane in LANES
        ],
        "by_status": stats.by_status,
        "step_seconds": stats.step_seconds,
        "workers": [asdict(worker) | {"alive": worker.age <= ALIVE_SECONDS} for worker in stats.workers],
        "jobs": [
            summary(view, locale).model_dump(mode="json") | {"eta_seconds": view.eta, "words": _words(view)}
            for view in page.jobs
        ],
        "total": page.total,
    }


@router.get("/dashboard/{name}", include_in_schema=False)
def page_file(name: Literal["page.css", "page.js", "words.js", "icon.svg"]) -> Response:
    return _file(name)


def _words(view: JobView) -> str:
    """What the job is about, as far as it fits a line."""
    told = ("text_content", "instruction", "prompt", "question")
    words = next((text for name in told if (text := view.params.get(name))), "")
    return str(words).replace("\n", " ")[:60]


def _file(name: str) -> Response:
    text = resources.files(__package__).joinpath("page", name).read_text("utf-8")
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
    return Response(text, media_type=_TYPES[name.rsplit(".", 1)[1]], headers=headers)
