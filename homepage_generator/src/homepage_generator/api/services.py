"""What the routes work with. ``app.py`` builds it once in the lifespan; a route gets it by ``Depends``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from homepage_generator.fetching import ArtifactPictures
from homepage_generator.jobs.service import JobService
from homepage_generator.media import MediaStore
from homepage_generator.publish.inbox import Inbox
from homepage_generator.publish.messages import MessageStore
from homepage_generator.publish.sites import SiteStore
from homepage_generator.settings import Settings

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Services:
    """``inbox`` is None where messages are kept here alone."""

    settings: Settings
    jobs: JobService
    sites: SiteStore
    messages: MessageStore
    media: MediaStore
    pictures: ArtifactPictures
    inbox: Inbox | None
    uploads: CapacityLimiter

    def address(self, slug: str) -> str:
        """Where the world finds a site."""
        return f"{self.settings.public_address}/sites/{slug}/"

    async def take_in(self, work: Callable[[], Answer]) -> Answer:
        """Run what looks at pictures in one of its own few threads, so that nobody else waits behind an upload."""
        return await to_thread.run_sync(work, limiter=self.uploads)


def services_of(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesDep: TypeAlias = Annotated[Services, Depends(services_of)]
