"""An ad's progress as server-sent events: its whole state at each change, until it has ended and its files are here.

The aiserver's own events say when to look; while it does not answer, the row tells what is known. Whoever connects
anew gets the state as it is, so nothing has to be replayed. The last event comes when the row has ended: then the
files are at home.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Final

from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.ads.making import snapshot_of
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.progress import progress_of
from nanococoa_backend.ads.repository import UNDER_WAY, Ads
from nanococoa_backend.errors import BackendError, NotFound
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.services import Services
from nanococoa_client.api import Aiserver
from nanococoa_client.errors import ServiceError

PAUSE: Final = 1.5
"""Seconds until the next look when the aiserver says nothing: its countdown goes on all the same."""

SHORTEST: Final = 0.25
"""Seconds between two looks, however much is said."""

KEEPALIVE_SECONDS: Final = 15
LONGEST: Final = 1800.0
"""Seconds of one connection; browsers connect anew by themselves."""


async def progress_events(
    services: Services, business_id: uuid.UUID, ad_id: uuid.UUID, locale: Locale
) -> AsyncIterator[ServerSentEvent]:
    """``progress`` for each change, ``end`` at last."""
    ears = _Ears(services.aiserver)
    clock = asyncio.get_running_loop().time
    last: dict[str, Any] | None = None
    number, ends = 0, clock() + LONGEST
    try:
        while clock() < ends and (ad := await _looked_at(services, business_id, ad_id)) is not None:
            state, ended = progress_of(ad, locale).as_json(), ad.status not in UNDER_WAY
            if state != last or ended:
                number, last = number + 1, state
                name = "end" if ended else "progress"
                yield ServerSentEvent(json.dumps(state, ensure_ascii=False), event=name, id=str(number))
            if ended:
                return
            await ears.hear(ad.job_id)
    finally:
        await ears.close()


class _Ears:
    """Listens to a job's events beside the looks, and only to know when to look."""

    def __init__(self, aiserver: Aiserver) -> None:
        self._aiserver = aiserver
        self._said = asyncio.Event()
        self._job_id: str | None = None
        self._listening: asyncio.Task[None] | None = None

    async def hear(self, job_id: str | None) -> None:
        """Until something is said of ``job_id``, a moment at most."""
        if job_id is not None and (job_id != self._job_id or self._listening is None or self._listening.done()):
            await self.close()
            self._job_id, self._listening = job_id, asyncio.create_task(self._listen(job_id))
        await asyncio.sleep(SHORTEST)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                await self._said.wait()
        self._said.clear()

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, job_id: str) -> None:
        with suppress(ServiceError):
            async with aclosing(self._aiserver.events(job_id)) as events:  # type: ignore[type-var]
                async for _ in events:
                    self._said.set()
        await asyncio.sleep(KEEPALIVE_SECONDS)  # it has ended or is away: the row tells the rest


async def _looked_at(services: Services, business_id: uuid.UUID, ad_id: uuid.UUID) -> Ad | None:
    """The ad as it is, with the aiserver's newest word on it; None when it is gone."""
    while True:
        try:
            ad = await run_in_threadpool(_row, services, business_id, ad_id)
            break
        except NotFound:
            return None
        except BackendError:  # the database is away for a moment
            await asyncio.sleep(PAUSE)
    if ad.job_id is not None and ad.status in ("pending", "running"):
        with suppress(ServiceError):
            status = await services.aiserver.status(ad.job_id)
            ad.progress = snapshot_of(status)
            ad.status = "pending" if status.status == "pending" else "running"  # it has ended when its row says so
    return ad


def _row(services: Services, business_id: uuid.UUID, ad_id: uuid.UUID) -> Ad:
    with services.database.begin() as session:
        scope.narrow(session, business_id)
        ad = Ads(session).live(ad_id)
        session.expunge(ad)
        return ad
