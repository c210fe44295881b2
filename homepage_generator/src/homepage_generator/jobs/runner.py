"""Works on jobs beside the requests: claims, follows the graph, keeps the version, ends the row.

A claim is a short lease that is renewed; whoever dies loses it and another goes on at the node it was in. Each claim
has an owner's name of its own: a job that ended may be taken up again before the hand that ended it has put it down.
Stopping cancels the work; what it had built goes with the job's folder.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from homepage_generator.database import in_thread
from homepage_generator.errors import GateFailed, HomepageError, Unexpected
from homepage_generator.jobs.models import Job
from homepage_generator.jobs.repository import Jobs
from homepage_generator.jobs.requests import work_of
from homepage_generator.publish.messages import MessageStore
from homepage_generator.publish.sites import SiteStore
from homepage_generator.spec.work import Maker, Outcome, Progress
from nanococoa_client import tracing

LEASE: Final = 15.0
"""Seconds after which a worker that was killed is missed."""

PAUSE: Final = 1.0
"""Seconds between two looks when nobody rings."""

KEEP_SWEEPING: Final = 3600.0


class Runner:
    """``hands`` jobs at a time in this process. ``address`` makes a slug the page's whole address."""

    def __init__(
        self, jobs: Jobs, sites: SiteStore, maker: Maker, folder: Path, address: Callable[[str], str],
        messages: MessageStore, *, hands: int = 2, lease: float = LEASE, keep_days: float = 30,
    ) -> None:  # fmt: skip
        self._messages = messages
        self._jobs, self._sites, self._maker, self._folder, self._address = jobs, sites, maker, folder, address
        self._hands, self._lease, self._keep_seconds = hands, lease, keep_days * 86_400
        self._process, self._claims = f"{socket.gethostname()}:{os.getpid()}:{time.monotonic_ns()}", itertools.count()
        self._bell = asyncio.Event()
        self._working: dict[str, tuple[str, asyncio.Task[None]]] = {}  # by claim: a job's next one may begin meanwhile

    def ring(self) -> None:
        """There may be a job."""
        self._bell.set()

    def cut_short(self, job_id: str) -> None:
        """End a job's work at once, if it is done here; elsewhere the next renewal tells."""
        for worked_on, task in self._working.values():
            if worked_on == job_id:
                task.cancel()

    async def run(self) -> None:
        """Work until cancelled; jobs under way are then handed back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep())
            for _ in range(self._hands):
                group.create_task(self._hand())

    async def _hand(self) -> None:
        while True:
            if not await self._look():
                self._bell.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), PAUSE)

    async def _look(self) -> bool:
        """Whether there was something to do."""
        try:
            job = await self._claim()
            if job is not None:
                await self._attend(job)
        except HomepageError as error:
            structlog.get_logger().warning("jobs wait", code=error.code)
            return False
        return job is not None

    async def _claim(self) -> Job | None:
        """A job to do. One that was claimed while we were told to end is handed back."""
        taken: list[Job] = []

        def claim() -> None:
            if (job := self._jobs.claim(f"{self._process}:{next(self._claims)}", self._lease)) is not None:
                taken.append(job)

        try:
            await in_thread(claim)
        except asyncio.CancelledError:
            for job in taken:
                await in_thread(self._jobs.let_go, job.id, job.owner)
            raise
        return taken[0] if taken else None

    async def _attend(self, job: Job) -> None:
        log = structlog.get_logger().bind(job_id=job.id, kind=job.kind, attempt=job.attempts)
        log.info("job begins")
        work = asyncio.create_task(self._do(job))
        self._working[job.owner] = (job.id, work)
        beat = asyncio.create_task(self._beat(job, work))
        try:
            await asyncio.wait({work})
            await self._settle(job, work)
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work})
            with suppress(HomepageError):
                await in_thread(self._jobs.let_go, job.id, job.owner)
            raise
        finally:
            beat.cancel()
            del self._working[job.owner]

    async def _settle(self, job: Job, work: asyncio.Task[None]) -> None:
        """Write how it ended."""
        if work.cancelled():
            await self._end(job, "stopped")
            return
        error = work.exception()
        if error is None:
            return
        log = structlog.get_logger().bind(job_id=job.id)
        if isinstance(error, GateFailed):  # it would fail again where it stands: another try begins anew
            await self._maker.forget(job.id)
        if isinstance(error, HomepageError):
            log.warning("job failed", code=error.code, key=error.key)
            await self._end(job, "failed", error=error.to_json())
        else:
            log.error("job crashed", exc_info=error)
            await self._end(job, "failed", error=Unexpected().to_json())

    async def _end(self, job: Job, status: Any, **values: Any) -> None:
        if await in_thread(lambda: self._jobs.end(job.id, job.owner, status, **values)):
            structlog.get_logger().info("job ended", job_id=job.id, status=status)

    async def _beat(self, job: Job, work: asyncio.Task[None]) -> None:
        """Renew the claim; cancel the work when it is to be stopped, or was taken over."""
        while not work.done():
            await asyncio.sleep(self._lease / 5)
            try:
                kept = await in_thread(self._jobs.renew, job.id, job.owner, self._lease)
            except HomepageError:  # the database is away: the lease may end, the work may still be told of
                continue
            if not kept:
                work.cancel()

    async def _do(self, job: Job) -> None:
        with tracing.working(f"homepage {job.kind}", job_id=job.id):
            await self._make(job)

    async def _make(self, job: Job) -> None:
        slug = await in_thread(self._name, job)
        if job.slug not in ("", slug):  # another took its name while it was ended; what it built bears the old one
            await self._maker.forget(job.id)
        work = await in_thread(work_of, job, self._address(slug), self._folder / job.id, self._sites)
        async for progress in self._maker.run(work):
            if progress.outcome is not None:
                await in_thread(self._keep, job, slug, progress.outcome)
                await in_thread(shutil.rmtree, progress.outcome.folder, True)  # it stands among the versions now
                await self._maker.forget(job.id)
                return
            if progress.awaits_approval:
                await self._note(job, progress)
                await self._end(job, "waiting")
                return
            await self._note(job, progress)
        raise Unexpected

    def _name(self, job: Job) -> str:
        """The site it works on: the one it was asked for, else a name that is its own from now on."""
        if job.kind == "edit" or job.request.get("remake"):
            return job.slug
        slug = self._sites.reserve(job.request["brief"]["business"]["name"], job.id)
        self._jobs.note(job.id, job.owner, slug=slug)
        return slug

    async def _note(self, job: Job, progress: Progress) -> None:
        shots = [{"name": name, "width": shot.width} for name, shot in progress.screenshots.items()]
        told = {
            "agent": progress.agent, "step": progress.step, "percent": max(job.percent, min(99.0, progress.percent))
        }  # fmt: skip
        values = told | ({"screenshots": shots} if shots else {})
        await in_thread(lambda: self._jobs.note(job.id, job.owner, **values))

    def _keep(self, job: Job, slug: str, outcome: Outcome) -> None:
        """The version, its publication where it was asked for, and the row's end; each may be repeated."""
        spec = outcome.spec.model_dump(mode="json")
        version = self._sites.add(slug, job.id, outcome.folder, spec, outcome.report, outcome.changes)
        publish = bool(job.request.get("publish"))
        if publish:
            self._sites.publish(slug, version)
        result = {"slug": slug, "version": version, "published": publish}
        warnings = [*job.request.get("warnings", []), *outcome.warnings]
        done = {"agent": "publisher", "step": "done", "percent": 100.0, "result": result, "warnings": warnings}
        self._jobs.end(job.id, job.owner, "completed", **done)
        structlog.get_logger().info("job ended", job_id=job.id, status="completed", slug=slug, version=version)

    async def _sweep(self) -> None:
        """Delete old jobs, messages that were handed over, and folders that no job has."""
        while True:
            with suppress(HomepageError):
                for job_id in await in_thread(self._forget):
                    await self._maker.forget(job_id)
            await asyncio.sleep(KEEP_SWEEPING)

    def _forget(self) -> list[str]:
        before = self._jobs.now() - self._keep_seconds
        self._messages.forget(before)
        gone = self._jobs.forget(before)
        known = self._jobs.ids()
        for folder in self._folder.glob("*"):
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        return gone
