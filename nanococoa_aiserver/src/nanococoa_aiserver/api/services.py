"""What the routes work with. ``app.py`` builds it once in the lifespan; a route gets it by ``Depends``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from nanococoa_aiserver.api.engine_watch import EngineWatch
from nanococoa_aiserver.api.machine_metrics import MachineMetrics
from nanococoa_aiserver.api.pictures import Pictures
from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.jobs.service import JobService
from nanococoa_aiserver.settings import Settings

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    jobs: JobService
    artifacts: ArtifactStore
    pictures: Pictures
    machine: MachineMetrics
    uploads: CapacityLimiter
    engine: EngineWatch

    async def take_in(self, work: Callable[[], Answer]) -> Answer:
        """Run what looks at pictures in one of its own few threads, so that nobody else waits behind an upload."""
        return await to_thread.run_sync(work, limiter=self.uploads)


def services_of(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesDep: TypeAlias = Annotated[Services, Depends(services_of)]
