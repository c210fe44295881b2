"""How the suite is: get_system_status."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from mcp.server.mcpserver import Context

from nanococoa_client.schemas import SystemMetrics
from nanococoa_mcpserver.language import locale
from nanococoa_mcpserver.messages import say
from nanococoa_mcpserver.results import Queue, Service, SystemStatus
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.tool import SuiteTool, tool

_AISERVER: Final = "every tool for pictures"
_HOMEPAGES: Final = "generate_homepage"


class SystemTools:
    """Asks the other services; one that is away is told, not raised."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def get_system_status(self, ctx: Context[Any, Any]) -> SystemStatus:
        """See which services answer, which engine and models are there, how long the queue is, and the GPU's load.

        Call it when a tool failed with *_UNAVAILABLE, when a job waits long, or before you promise edits or scores.
        Takes under a second.
        """
        aiserver, homepages = await asyncio.gather(self._suite.aiserver.health(), self._suite.homepages.health())
        services = [
            Service(name="nanococoa_aiserver", answers=aiserver, does=_AISERVER),
            Service(name="homepage_generator", answers=homepages, does=_HOMEPAGES),
        ]
        found = SystemStatus(services=services, checked_at=datetime.now(UTC))
        return await self._with_aiserver(found) if aiserver else found

    async def _with_aiserver(self, found: SystemStatus) -> SystemStatus:
        aiserver = self._suite.aiserver
        resources, waiting, running, load = await asyncio.gather(
            aiserver.resources(),
            aiserver.list_jobs(status="pending", limit=1),
            aiserver.list_jobs(status="running", limit=1),
            self._load(),
        )
        told = {
            "engine": resources.engine,
            "models": resources.models,
            "queue": Queue(waiting=waiting.total, running=running.total),
            "note": "" if resources.engine == "diffusion" else say("next", "edit_unavailable", locale()),
        }
        return found.model_copy(update=told | _measured(load))

    async def _load(self) -> SystemMetrics | None:
        """The machine's load comes with any job's state; without a job there is none to tell."""
        latest = (await self._suite.aiserver.list_jobs(limit=1)).jobs
        return (await self._suite.aiserver.status(latest[0].job_id, images="none")).system_metrics if latest else None


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    return [tool(SystemTools(suite).get_system_status, "See how the suite is", "reads")]


def _measured(load: SystemMetrics | None) -> dict[str, Any]:
    if load is None:
        return {}
    return {"gpu_info": load.gpu_info, "cpu_percent": load.cpu_percent, "ram_percent": load.ram_percent}
