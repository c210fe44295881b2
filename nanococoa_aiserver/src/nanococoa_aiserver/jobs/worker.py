"""The process that runs jobs: DBOS, two lanes, a heartbeat, and an orderly end."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
import uuid
from functools import partial
from threading import Event, Thread

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos._queue import queue_worker_thread

from nanococoa_aiserver.ads.formats import BUCKETS
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.errors import DatabaseUnavailable, JobStopped, ServiceError
from nanococoa_aiserver.jobs.bell import Bell, watch
from nanococoa_aiserver.jobs.database import Database
from nanococoa_aiserver.jobs.forecast import Forecast
from nanococoa_aiserver.jobs.heartbeat import Heartbeat
from nanococoa_aiserver.jobs.housekeeping import Housekeeper
from nanococoa_aiserver.jobs.names import APP_NAME, LANES, PIPELINE_VERSION, Lane
from nanococoa_aiserver.jobs.pipeline import Pipeline, ads_pipeline
from nanococoa_aiserver.jobs.running import Workshop
from nanococoa_aiserver.jobs.serializer import JsonSerializer
from nanococoa_aiserver.jobs.supervisor import die_with_supervisor
from nanococoa_aiserver.jobs.tables import workflows
from nanococoa_aiserver.jobs.workflow import register_workflow
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.settings import Settings
from nanococoa_client import tracing

DRAIN_SECONDS = 8.0
"""Docker kills ten seconds after SIGTERM; what is not done by then is handed over."""

FLUSH_SECONDS = 1.0
"""For the last spans, where there is a collector."""

NICENESS = 10
"""A worker takes every core it gets; on the same machine the API must still answer within milliseconds."""

HEAPS = 2
"""glibc's malloc gives threads up to 8 heaps a core, and what one of them freed another can't use: after 350 jobs a
worker on two cores was a fifth larger than with two heaps, and no faster (docs/decisions/0032)."""

POLL_SECONDS = 1.0
"""Lanes look at the queue this often even when no bell rings."""

logger = logging.getLogger(__name__)


def run_worker(settings: Settings, pipeline: Pipeline | None = None) -> None:
    """Run jobs until SIGTERM or SIGINT; then finish or hand over those under way. Ends the process."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    die_with_supervisor()
    _share_heaps()
    os.nice(NICENESS)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # never preempts the API when it wakes
    worker = Worker(settings, pipeline or ads_pipeline())
    if worker.start(stopped):
        stopped.wait()
        worker.drain()


def _share_heaps() -> None:
    """Let threads share :data:`HEAPS` heaps where malloc is glibc's, unless ``MALLOC_ARENA_MAX`` says otherwise."""
    m_arena_max = -8  # of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(m_arena_max, HEAPS)


class Worker:
    """One process's share of the work."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self._id = f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._database = Database(settings.database_url)
        self._quick = Database(settings.database_url, durable=False)
        self._artifacts = open_store(settings.store_url)
        self._renderer = LayerRenderer(settings.chromium_path)
        self._bells: dict[Lane, Bell] = {lane: Bell(partial(self._has_room, lane)) for lane in LANES}
        self._lanes: list[Thread] = []
        self._closing = Event()
        self._pipeline = pipeline
        self._settings = settings
        engines = pipeline.engines(settings)
        self._workshop = Workshop(
            self._id, settings, self._quick, self._artifacts, engines, self._renderer, Forecast(engines.name)
        )
        self._housekeeper = Housekeeper(self._database, self._artifacts, settings)
        self._heartbeat = Heartbeat(self._quick, self._id, engines, self._recover, self._housekeeper.sweep)

    def start(self, stopped: Event) -> bool:
        """Wait for the database, then take jobs. False when ``stopped`` was set meanwhile."""
        if not self._wait_for_database(stopped):
            return False
        self._dbos = DBOS(config=self._config())
        register_workflow(self._workshop, self._pipeline, lambda: self._ring(alert=True))
        self._heartbeat.beat()
        DBOS.listen_queues([])
        DBOS.launch()
        self._heartbeat.start()
        for lane, limit in LANES.items():
            self._open_lane(lane, limit)
        watch(self._settings.database_url, self._ring, self._closing)
        self._housekeeper.start()
        Thread(target=self._warm_up, name="warm-up", daemon=True).start()
        logger.info("worker %s takes jobs with engine %s", self._id, self._workshop.engines.name)
        return True

    def drain(self) -> None:
        """Take no new jobs, finish those under way within ``DRAIN_SECONDS``, hand over the rest."""
        for bell in self._bells.values():
            bell.set()
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._closing.set()
        try:
            self._heartbeat.stop()
        except DatabaseUnavailable:
            logger.warning("the database is gone: this worker's jobs are taken over when it is back")
        self._renderer.close()
        tracing.flush(FLUSH_SECONDS)
        logging.shutdown()
        os._exit(0)  # steps that did not end in time must not keep the process alive

    def _warm_up(self) -> None:
        """Jobs may come meanwhile: they take turns with it."""
        try:
            self._workshop.engines.warm_up(tuple(BUCKETS.values()), self._check_open)
        except JobStopped:
            return
        except ServiceError as error:
            logger.warning("the warm-up did not succeed: %s", error)

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise JobStopped

    def _config(self) -> DBOSConfig:
        return {
            "name": APP_NAME,
            "system_database_url": self._settings.database_url,
            "system_database_engine": self._database.engine,
            "serializer": JsonSerializer(),
            "executor_id": self._id,
            "application_version": PIPELINE_VERSION,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": 60.0,
            "enable_otlp": tracing.is_on(),
            "otel_attribute_format": "semconv",
        }

    def _open_lane(self, lane: Lane, limit: int) -> None:
        """Run DBOS's own queue thread with a stop event that can be rung (private name of 3.4.0, pinned by a test)."""
        queue = DBOS.register_queue(lane, worker_concurrency=limit, polling_interval_sec=POLL_SECONDS)
        arguments = (self._bells[lane], self._dbos, queue)
        self._lanes.append(Thread(target=queue_worker_thread, args=arguments, name=f"lane-{lane}", daemon=True))
        self._lanes[-1].start()

    def _ring(self, *, alert: bool = False) -> None:
        for bell in self._bells.values():
            bell.ring(alert=alert)

    def _recover(self, dead: list[str]) -> int:
        """Enqueue dead workers' jobs again (private name of 3.4.0, pinned by a test)."""
        taken = DBOS._recover_pending_workflows(dead)
        self._ring()
        return len(taken)

    def _has_room(self, lane: Lane) -> bool:
        try:
            return self._running(workflows.c.queue_name == lane) < LANES[lane]
        except DatabaseUnavailable:
            return False

    def _busy(self) -> bool:
        try:
            return self._running(sa.true()) > 0
        except DatabaseUnavailable:
            return True

    def _running(self, which: sa.ColumnElement[bool]) -> int:
        mine = sa.and_(workflows.c.executor_id == self._id, workflows.c.status == "PENDING", which)
        with self._quick.begin() as connection:
            return connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()

    def _wait_for_database(self, stopped: Event) -> bool:
        while not stopped.is_set():
            try:
                self._database.prepare()
                return True
            except DatabaseUnavailable:
                logger.warning("waiting for the database")
                stopped.wait(1)
        return False
