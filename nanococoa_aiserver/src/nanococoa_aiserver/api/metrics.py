"""``/metrics`` for Prometheus, read from the jobs' database when it is scraped; nothing is counted twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.engine_watch import ALIVE_SECONDS
from nanococoa_aiserver.api.gpu_metrics import gpu_families
from nanococoa_aiserver.api.services import Services, ServicesDep
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.jobs.models import JobView, Stats

router = APIRouter(tags=["machine"])

RECENT_ADS = 100
"""Finished ads whose quality is told."""


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    description=(
        "Queue depth and wait by lane, jobs by status, seconds per step, workers alive, cut-out confidence, the share "
        "of recent ads that passed their own checks, graphics memory, swaps and retries, in Prometheus' text format. "
        "For people: `/dashboard`."
    ),
    response_class=Response,
    responses={
        200: {"description": "The numbers", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **errors(503),
    },
)
def metrics(services: ServicesDep) -> Response:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(JobsCollector(services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class JobsCollector(Collector):
    """One reading of the jobs' statistics as metric families. A lost database shows as ``nanococoa_up 0``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing ahead of time, so that registering reads no database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        started = time.perf_counter()
        try:
            stats = self._services.jobs.stats()
            ads, edits = (
                self._services.jobs.list_jobs(status="completed", kind=kind, limit=RECENT_ADS).jobs
                for kind in ("ad", "edit")
            )
        except ServiceError:
            yield GaugeMetricFamily("nanococoa_up", "1 when the jobs' database answers", value=0)
            return
        yield GaugeMetricFamily("nanococoa_up", "1 when the jobs' database answers", value=1)
        yield from _queue(stats)
        yield from _quality(ads)
        yield from _self_checks([*ads, *edits])
        yield from gpu_families(stats.workers)
        seconds = time.perf_counter() - started
        yield GaugeMetricFamily("nanococoa_scrape_seconds", "Seconds this reading took", value=seconds)


def _queue(stats: Stats) -> Iterator[GaugeMetricFamily]:
    yield _labelled("nanococoa_queue_depth", "Jobs waiting, by lane", "lane", stats.waiting)
    yield _labelled("nanococoa_jobs_running", "Jobs being worked on, by lane", "lane", stats.running)
    yield _labelled("nanococoa_queue_oldest_seconds", "Age of the longest waiting job", "lane", stats.oldest_wait)
    yield _labelled("nanococoa_queue_wait_seconds", "Expected wait of a new job", "lane", stats.expected_wait)
    yield _labelled("nanococoa_jobs", "Jobs kept, by outcome", "status", stats.by_status)
    yield _labelled("nanococoa_step_seconds", "Median seconds of recent jobs, by step", "step", stats.step_seconds)
    alive = sum(worker.age <= ALIVE_SECONDS for worker in stats.workers)
    yield GaugeMetricFamily("nanococoa_workers", "Workers that are alive", value=alive)


def _quality(ads: list[JobView]) -> Iterator[GaugeMetricFamily]:
    """Confidence of recent cut-outs that were guessed, and how many recent ads passed their self-check."""
    checks = [view.checks for view in ads]
    guessed = [
        c["fidelity"]["cutout_confidence"]
        for c in checks
        if (c.get("fidelity") or {}).get("cutout_verdict") in ("ok", "uncertain")
    ]
    passed = [bool(c["legibility"]["passed"]) for c in checks if c.get("legibility")]
    if guessed:
        text = "Median confidence of recent cut-outs"
        yield GaugeMetricFamily("nanococoa_cutout_confidence", text, value=median(guessed))
    if passed:
        text = "Share of recent ads whose text passed the legibility check"
        yield GaugeMetricFamily("nanococoa_self_check_success_ratio", text, value=sum(passed) / len(passed))


def _self_checks(views: list[JobView]) -> Iterator[GaugeMetricFamily]:
    """How many recent ads and edits were what was asked for, of those a vision-language model could judge."""
    verdicts = [(view.checks.get("self_check") or {}).get("verdict") for view in views]
    judged = [verdict for verdict in verdicts if verdict in ("pass", "fail")]
    if judged:
        text = "Share of recent pictures that the vision-language model found to be what was asked for"
        yield GaugeMetricFamily("nanococoa_self_success_rate", text, value=judged.count("pass") / len(judged))


def _labelled(name: str, text: str, label: str, values: object) -> GaugeMetricFamily:
    assert isinstance(values, dict)
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
