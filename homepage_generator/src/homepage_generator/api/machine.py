"""Is it alive, can it work, and numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from tempfile import TemporaryFile

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from homepage_generator.api.declared import errors
from homepage_generator.api.schemas import Health, Readiness
from homepage_generator.api.services import Services, ServicesDep
from homepage_generator.errors import HomepageError
from homepage_generator.jobs import eta

router = APIRouter(tags=["machine"])


@router.get("/health", summary="Is the process alive?")
async def health() -> Health:
    """Answers at once and asks for no token."""
    return Health(status="ok", version=version("homepage-generator"))


@router.get(
    "/ready",
    summary="Can pages be made and shown?",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something is missing; the answer says what"}, **errors()},
)
def ready(services: ServicesDep) -> JSONResponse:
    """200 when the database answers and files can be written; 503 else. Asks for no token."""
    database, store = _database_works(services), _store_works(services)
    state = Readiness(ready=database and store, database=database, store=store)
    return JSONResponse(state.model_dump(), 200 if state.ready else 503)


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "The numbers", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **errors(),
    },
)
def metrics(services: ServicesDep) -> Response:
    """Jobs by status, seconds they take, sites that are published."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Numbers(Collector):
    """One reading; a lost database shows as ``homepages_up 0``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing ahead of time, so that registering reads no database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        text = "1 when the database answers"
        try:
            jobs, sites = self._services.jobs.jobs, self._services.sites.all()
            by_status = jobs.by_status()
            seconds = {kind: eta.typical(jobs.recent_seconds(kind), kind) for kind in eta.FIRST_GUESS}
        except HomepageError:
            yield GaugeMetricFamily("homepages_up", text, value=0)
            return
        yield GaugeMetricFamily("homepages_up", text, value=1)
        yield _labelled("homepages_jobs", "Jobs kept, by status", "status", by_status)
        yield _labelled("homepages_job_seconds", "Median seconds of recent jobs, by kind", "kind", seconds)
        yield GaugeMetricFamily("homepages_sites", "Sites that have a version", value=len(sites))
        shown = sum(site.published is not None for site in sites)
        yield GaugeMetricFamily("homepages_published", "Sites that the world sees", value=shown)


def _labelled(name: str, text: str, label: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _database_works(services: Services) -> bool:
    try:
        services.jobs.jobs.now()
    except HomepageError:
        return False
    return True


def _store_works(services: Services) -> bool:
    try:
        for folder in (services.sites.folders.root, services.settings.homepage_data_dir):
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder) as file:
                file.write(b"works")
                file.flush()
    except OSError as error:
        structlog.get_logger().warning("the store does not work", error=str(error))
        return False
    return True
