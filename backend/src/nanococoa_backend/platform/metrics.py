"""``/metrics`` for Prometheus: requests as they were answered, and the work that waits, read when it is scraped."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from nanococoa_backend.errors import BackendError
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.services import ServicesDep
from nanococoa_backend.platform.tables import Base, now

router = APIRouter(include_in_schema=False)

UNDER_WAY: Final = ("waiting", "pending", "running")
"""What every table of work calls rows that have not ended."""

METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""Others are told as one: whoever makes up names must not fill the memory with them."""

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds; 0.15 is what a page may take."""


class Requests:
    """How long each route took to answer. The route's pattern is told, never an address: it may hold a token."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._seconds = Histogram(
            "nanococoa_dashboard_request_seconds",
            "Seconds until an answer was complete, by route",
            ["method", "route", "status"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """``status`` is None when the client left before it was answered."""
        known = method if method in METHODS else "?"
        self._seconds.labels(known, route, str(status or 499)).observe(seconds)


@router.get("/metrics")
def metrics(request: Request, services: ServicesDep) -> Response:
    """For whoever shows ``METRICS_TOKEN``; while none is set there is nothing here."""
    wanted = services.settings.metrics_token
    if wanted is None:
        return Response(status_code=404)
    shown = request.headers.get("authorization", "").encode("latin-1", "replace")
    if not hmac.compare_digest(f"Bearer {wanted.get_secret_value()}".encode(), shown):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
    requests: Requests = request.app.state.requests
    waiting = CollectorRegistry(auto_describe=False)
    waiting.register(_Work(services.database))
    return Response(generate_latest(requests.registry) + generate_latest(waiting), media_type=CONTENT_TYPE_LATEST)


class _Work(Collector):
    """One reading of the tables whose rows are worked on. A lost database shows as ``nanococoa_dashboard_up 0``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing ahead of time, so that registering reads no database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        rows = GaugeMetricFamily("nanococoa_dashboard_work", "Rows not ended, by kind", labels=["work", "status"])
        oldest = GaugeMetricFamily("nanococoa_dashboard_work_oldest_seconds", "Age of the oldest", labels=["work"])
        up = 1
        try:
            for work, found in self._read():
                oldest.add_metric([work], max((age for _, age in found.values()), default=0))
                for status, (number, _) in found.items():
                    rows.add_metric([work, status], number)
        except BackendError:
            up = 0
        yield GaugeMetricFamily("nanococoa_dashboard_up", "1 when the database answers", value=up)
        if up:
            yield from (rows, oldest)

    def _read(self) -> Iterator[tuple[str, dict[str, tuple[int, float]]]]:
        """By table and status: how many rows, and the age of the oldest."""
        moment = now()
        with self._database.begin() as session:
            scope.widen(session)
            for table in _tables_of_work():
                columns = table.c
                query = sa.select(columns.status, sa.func.count(), sa.func.min(columns.created_at))
                query = query.where(columns.status.in_(UNDER_WAY)).group_by(columns.status)
                found = session.execute(query)
                yield table.name, {s: (number, (moment - first).total_seconds()) for s, number, first in found}


def _tables_of_work() -> list[sa.Table]:
    """Those that are claimed (``platform.claims``)."""
    return [table for table in Base.metadata.sorted_tables if {"status", "next_try_at"} <= set(table.c.keys())]
