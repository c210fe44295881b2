"""Small things whose time is over: sign-ins, password links, counted tries, letters that were sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from nanococoa_backend.accounts.models import PasswordReset
from nanococoa_backend.accounts.repository import Accounts
from nanococoa_backend.platform.database import Database
from nanococoa_backend.platform.leases import Lease
from nanococoa_backend.platform.letters import LetterRow
from nanococoa_backend.platform.rates import Tries
from nanococoa_backend.platform.tables import now

LETTERS_KEPT: Final = timedelta(days=30)
"""Of a letter that is away, address and outcome are kept this long, for questions."""


class Forgetting:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def work(self) -> None:
        """The housekeeping's chore."""
        await run_in_threadpool(self._work)

    def _work(self) -> None:
        moment = now()
        with self._database.begin() as session:
            Accounts(session).forget_old()
            session.execute(sa.delete(PasswordReset).where(PasswordReset.used_at.is_not(None)))
            session.execute(sa.delete(Tries).where(Tries.ends_at < moment))
            session.execute(sa.delete(Lease).where(Lease.ends_at < moment - timedelta(days=1)))
            ended = (LetterRow.status != "waiting", LetterRow.created_at < moment - LETTERS_KEPT)
            session.execute(sa.delete(LetterRow).where(*ended))
