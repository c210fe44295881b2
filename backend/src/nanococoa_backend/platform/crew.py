"""Rows that wait, worked on beside the requests by a few hands: claimed, held on to while the work lasts, let go.

A domain says what to claim and what to do (``Duty``). A row whose worker died is taken up by another hand within
``claims.LEASE``; one whose work crashed rests for a while, so that its bug holds up nobody else.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar

import structlog
from anyio import CancelScope, CapacityLimiter, create_task_group, to_thread
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.errors import BackendError
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.claims import LEASE, Claim, claim_on, hold
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.tables import Base
from nanococoa_backend.platform.watch import Bell
from nanococoa_client import request_ids

RENEWED_EVERY: Final = LEASE.total_seconds() / 4
"""Seconds between two renewals: three may fail in a row."""

PAUSE: Final = 5.0
"""Seconds between two looks when nobody rings."""

RESTS: Final = timedelta(minutes=1)
"""Until a row whose work crashed is tried again."""

SOON: Final = timedelta(seconds=5)
"""Until a row is tried again whose work met our own database or disk being away."""

Task = TypeVar("Task")


class Duty(Protocol[Task]):
    """What a domain does with its rows. ``name`` is for the log."""

    name: str

    def claim(self, session: Session) -> tuple[Base, Task] | None:
        """The next row (``claims.claim``) and what is to be done with it."""

    async def attend(self, task: Task) -> None:
        """Do it, and write down what comes of it: an end, or when the row is due again."""


class Crew(Generic[Task]):
    """``bell`` wakes it, ``hands`` work at once, ``pause`` is how long they wait for the bell before they look."""

    def __init__(
        self, database: Database, duty: Duty[Task], bell: Bell, *, hands: int = 1, pause: float | None = None
    ) -> None:
        self._database, self._duty, self._bell = database, duty, bell
        self._hands, self._pause = hands, PAUSE if pause is None else pause
        self._limiter = CapacityLimiter(1)  # busy routes must not keep a renewal from its thread

    async def run(self) -> None:
        """Work until cancelled."""
        async with create_task_group() as group:
            for _ in range(self._hands):
                group.start_soon(self._work)

    async def look(self) -> bool:
        """Whether there was something to do."""
        try:
            with CancelScope(shield=True):  # what is claimed is worked on, or let go
                taken = await run_in_threadpool(self._take)
            return taken is not None and await self._attend(*taken)
        except BackendError as error:
            structlog.get_logger().warning("work waits", duty=self._duty.name, code=error.code)
        except Exception:  # a claim that crashes must not end the crew: other rows may be in order
            structlog.get_logger().exception("claim crashed", duty=self._duty.name)
        return False

    async def _work(self) -> None:
        while True:
            if not await self.look():
                await self._bell.wait(self._pause)

    def _take(self) -> tuple[Claim, Task] | None:
        with self._database.begin() as session:
            scope.widen(session)
            found = self._duty.claim(session)
            if found is None:
                return None
            row, task = found
            return claim_on(row), task

    async def _attend(self, claimed: Claim, task: Task) -> bool:
        """Whether the next row may be looked at right away. The row's id stands for a request's in logs and calls."""
        structlog.contextvars.bind_contextvars(request_id=request_ids.begin(str(claimed.row_id)))
        try:
            async with create_task_group() as group:
                group.start_soon(self._keep, claimed)
                rest = await self._rest_after(task)
                group.cancel_scope.cancel()
        except asyncio.CancelledError:  # this process is ending: whoever is next need not wait for the lease
            await self._let_go(claimed, timedelta())
            raise
        if rest is not None:
            await self._let_go(claimed, rest)
        return rest is None

    async def _rest_after(self, task: Task) -> timedelta | None:
        """Work on it. None when that went as the duty foresaw, which has then said what is next."""
        try:
            await self._duty.attend(task)
        except BackendError as error:
            structlog.get_logger().warning("work waits", duty=self._duty.name, code=error.code)
            return SOON
        except Exception:
            structlog.get_logger().exception("work crashed", duty=self._duty.name)
            return RESTS
        return None

    async def _keep(self, claimed: Claim) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY)
            try:
                if not await to_thread.run_sync(self._hold, claimed, LEASE, limiter=self._limiter):
                    return
            except BackendError as error:
                structlog.get_logger().warning("lease not renewed", duty=self._duty.name, code=error.code)

    async def _let_go(self, claimed: Claim, rest: timedelta) -> None:
        try:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._hold, claimed, rest, limiter=self._limiter)
        except BackendError as error:  # the lease ends by itself
            structlog.get_logger().warning("lease not ended", duty=self._duty.name, code=error.code)

    def _hold(self, claimed: Claim, lasting: timedelta) -> bool:
        with self._database.begin() as session:
            scope.widen(session)
            return hold(session, claimed, lasting)
