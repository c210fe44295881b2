"""Following jobs: check_generation_status, stop_generation, list_jobs."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult
from pydantic import Field

from nanococoa_client.api import FINISHED
from nanococoa_client.schemas import JobStatus, StatusResponse
from nanococoa_mcpserver.call_keys import own_jobs
from nanococoa_mcpserver.homepages import HomepageState, is_homepage
from nanococoa_mcpserver.job_states import answer, homepage_state, job_state
from nanococoa_mcpserver.language import chosen_locale, locale
from nanococoa_mcpserver.messages import say
from nanococoa_mcpserver.results import Jobs, JobState, Stopped
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.arguments import JobId
from nanococoa_mcpserver.tools.tool import SuiteTool, tool
from nanococoa_mcpserver.watching import Watch, patiently

TICK: Final = 1.5
"""Seconds between two progress notifications: hosts that hear nothing for long give a call up."""

GRACE: Final = 3.0
"""Seconds more for an aiserver that is away just when a wait ends."""


class Progress:
    """Progress notifications of one call. The protocol wants every value to be larger than the last."""

    def __init__(self, ctx: Context[Any, Any]) -> None:
        self._ctx = ctx
        self._last = -0.01

    async def tell(self, percent: float, message: str) -> None:
        self._last = max(min(percent, 100.0), self._last + 0.01)
        await self._ctx.report_progress(round(self._last, 2), 100, message or None)


class JobTools:
    """What looks at jobs. Only ``stop_generation`` changes one."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def check_generation_status(
        self,
        ctx: Context[Any, Any],
        job_id: JobId,
        wait_seconds: Annotated[
            float, Field(ge=0, le=40, description="Wait this long for the end; 0 answers at once")
        ] = 25,
    ) -> Annotated[CallToolResult, JobState]:
        """Wait for a job and see how far it is; when it is done, get its pictures. Works for ads, edits and homepages.

        Call it again and again until status is completed, failed or stopped. It waits up to wait_seconds and tells
        progress meanwhile; giving the wait up never stops the job. When done it answers with a preview picture and,
        for every format, a url to show to the user and an image_id to pass to other tools. Read `warnings` and
        `checks`: what they say, the user should hear.
        """
        if is_homepage(job_id):
            return await answer(self._suite, homepage_state(await self._homepage(ctx, job_id, wait_seconds)))
        ends = asyncio.get_running_loop().time() + wait_seconds
        status = await self._status(job_id, wait_seconds)
        if status.status not in FINISHED and wait_seconds > 0:
            await self._wait(ctx, job_id, ends)
            status = await self._status(job_id, GRACE)
        return await answer(self._suite, job_state(status, self._suite.links))

    async def stop_generation(self, ctx: Context[Any, Any], job_id: JobId) -> Stopped:
        """Stop a waiting or running job (ad, edit or homepage), only when the user asks for it.

        Finished steps are kept. A job that has already ended is left as it is, and the answer says so. Takes a second.
        """
        if is_homepage(job_id):
            was: JobStatus = (await self._suite.homepages.status(job_id)).status
            now = (await self._suite.homepages.stop(job_id)).status if was not in FINISHED else was
            return _stopped(job_id, was, now, "")
        was = (await self._suite.aiserver.status(job_id, images="none")).status
        after = await self._suite.aiserver.stop(job_id)
        return _stopped(job_id, was, after.status, after.message)

    async def list_jobs(
        self,
        ctx: Context[Any, Any],
        status: Annotated[JobStatus | None, Field(description="Only those in this state")] = None,
        kind: Annotated[
            Literal["ad", "edit", "render", "cutout", "analyze", "clip_score"] | None,
            Field(description="Only this kind"),
        ] = None,
        limit: Annotated[int, Field(ge=1, le=50, description="How many")] = 10,
        offset: Annotated[int, Field(ge=0, description="Skip this many, for the next page")] = 0,
    ) -> Jobs:
        """List recent jobs, newest first: to find a job_id again, or to show the user what was made. Takes no time.

        With a shop's token: the ads and edits started over MCP for that shop.
        """
        page = await self._suite.aiserver.list_jobs(
            status=status, kind=kind, key_prefix=own_jobs(), limit=limit, offset=offset
        )
        return Jobs(jobs=page.jobs, total=page.total)

    async def _status(self, job_id: str, seconds: float) -> StatusResponse:
        return await patiently(lambda: self._suite.aiserver.status(job_id), seconds)

    async def _wait(self, ctx: Context[Any, Any], job_id: str, ends: float) -> None:
        progress, loop = Progress(ctx), asyncio.get_running_loop()
        language = chosen_locale() or ""
        async with self._suite.watches.watch(self._suite.aiserver, job_id, language) as watch:
            while (left := ends - loop.time()) > 0:
                over = await watch.ended_within(min(TICK, left))
                await progress.tell(*_seen(watch))
                if over:
                    return

    async def _homepage(self, ctx: Context[Any, Any], job_id: str, seconds: float) -> HomepageState:
        progress, loop = Progress(ctx), asyncio.get_running_loop()
        ends = loop.time() + seconds
        while True:
            state = await self._suite.homepages.status(job_id)
            left = ends - loop.time()
            if state.is_over or left <= 0:
                return state
            await progress.tell(state.progress_percent, state.message)
            await asyncio.sleep(min(TICK, left))


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    made = JobTools(suite)
    return [
        tool(made.check_generation_status, "Wait for a job and get its pictures", "reads"),
        tool(made.stop_generation, "Stop a job", "ends"),
        tool(made.list_jobs, "List recent jobs", "reads"),
    ]


def _seen(watch: Watch) -> tuple[float, str]:
    if watch.away:
        return 0, say("notes", "aiserver_away", locale())
    percent, message = watch.latest.get("progress_percent") or 0.0, str(watch.latest.get("message") or "")
    return float(percent), message


def _stopped(job_id: str, was: JobStatus, now: JobStatus, message: str) -> Stopped:
    if was in FINISHED:
        message = say("notes", "already_over", locale(), status=was)
    return Stopped(job_id=job_id, status=now, stopped=now == "stopped" and was != "stopped", message=message)
