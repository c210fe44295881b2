"""Jobs' rows: taken in once per key, claimed one per site, told of, ended. A claim that nobody renews is free again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from homepage_generator.database import Database
from homepage_generator.errors import JobNotFound, JobNotResumable, QueueFull, restored
from homepage_generator.jobs.models import FINISHED, Job, NewJob, Status
from homepage_generator.jobs.tables import jobs
from homepage_generator.publish.sites import give_back

MOST_ATTEMPTS: Final = 5
"""Processes that may die over a job before it is given up: it is likelier the job than the machine."""

QUEUE_RETRY: Final = 30
_CLAIM_LOCK: Final = 0x636C61696D
_OTHER: Final = jobs.alias("other")


class Jobs:
    def __init__(self, database: Database, limit: int = 100) -> None:
        self._database, self._limit = database, limit

    def submit(self, new: NewJob) -> Job:
        """A pending job; the same key again is the same job. Raises QueueFull."""
        with self._database.begin() as connection:
            if known := self._by_key(connection, new.idempotency_key):
                return known
            waiting = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.status == "pending")
            if connection.execute(waiting).scalar_one() >= self._limit:
                raise QueueFull(retry_after=QUEUE_RETRY)
            job_id = uuid.uuid4().hex
            now = self._database.now(connection)
            row = {
                "id": job_id, "kind": new.kind, "slug": new.slug, "request": new.request, "locale": new.locale,
                "idempotency_key": new.idempotency_key, "status": "pending", "created": now,
            }  # fmt: skip
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(jobs).values(row))
            except sa.exc.IntegrityError:  # the same request, at the same moment
                if known := self._by_key(connection, new.idempotency_key):
                    return known
                raise
            return _job(connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).one())

    def get(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        with self._database.begin() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise JobNotFound
        return _job(row)

    def claim(self, owner: str, lease: float) -> Job | None:
        """The oldest job that may begin, or one whose worker died; those of one site go one after another."""
        with self._database.begin() as connection:
            if not self._database.is_sqlite:  # two that look at once would both find the site idle
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIM_LOCK)))
            now = self._database.now(connection)
            self._give_up(connection, now)
            abandoned = (jobs.c.status == "running") & (jobs.c.lease_until < now)
            busy = sa.select(_OTHER.c.id).where(
                _OTHER.c.slug == jobs.c.slug, jobs.c.slug != "", _OTHER.c.id != jobs.c.id
            )
            busy = busy.where(_OTHER.c.status == "running")
            free = abandoned | ((jobs.c.status == "pending") & ~busy.exists())
            query = sa.select(jobs).where(free).order_by(jobs.c.created, jobs.c.id).limit(1)
            row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
            if row is None:
                return None
            taken = {
                "status": "running", "owner": owner, "lease_until": now + lease, "attempts": row.attempts + 1,
                "started": row.started or now, "changed": jobs.c.changed + 1,
            }  # fmt: skip
            connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(taken))
            return _job(connection.execute(sa.select(jobs).where(jobs.c.id == row.id)).one())

    def renew(self, job_id: str, owner: str, lease: float) -> bool:
        """Keep a claim. False: it is to be stopped, or no longer this owner's."""
        with self._database.begin() as connection:
            now = self._database.now(connection)
            mine = (jobs.c.id == job_id) & (jobs.c.owner == owner) & (jobs.c.status == "running")
            done = connection.execute(sa.update(jobs).where(mine, ~jobs.c.stop_wanted).values(lease_until=now + lease))
            return done.rowcount == 1

    def note(self, job_id: str, owner: str, **values: Any) -> None:
        """Progress of a claimed job; what another has taken over is not told of."""
        with self._database.begin() as connection:
            mine = (jobs.c.id == job_id) & (jobs.c.owner == owner) & (jobs.c.status == "running")
            connection.execute(sa.update(jobs).where(mine).values(**values, changed=jobs.c.changed + 1))

    def end(self, job_id: str, owner: str, status: Status, **values: Any) -> bool:
        """Finish a claimed job, and give back the name that it leaves unused; False when it was no longer this owner's.

        One that waits for a word keeps its name: its page bears it."""
        with self._database.begin() as connection:
            now = self._database.now(connection) if status in FINISHED else None
            mine = (jobs.c.id == job_id) & (jobs.c.owner == owner) & (jobs.c.status == "running")
            ended = {"status": status, "owner": None, "lease_until": None, "finished": now}
            done = connection.execute(sa.update(jobs).where(mine).values(**ended, **values, changed=jobs.c.changed + 1))
            if done.rowcount == 1 and status in FINISHED:
                give_back(connection, [job_id])
            return done.rowcount == 1

    def let_go(self, job_id: str, owner: str) -> None:
        """Hand a claimed job back unfinished, for whoever comes next: this process is ending."""
        with self._database.begin() as connection:
            mine = (jobs.c.id == job_id) & (jobs.c.owner == owner) & (jobs.c.status == "running")
            free = {"status": "pending", "owner": None, "lease_until": None, "attempts": jobs.c.attempts - 1}
            connection.execute(sa.update(jobs).where(mine).values(free))

    def stop(self, job_id: str) -> Job:
        """What waits ends at once, what runs as soon as its worker hears of it; what has ended stays as it is."""
        with self._database.begin() as connection:
            now = self._database.now(connection)
            one = jobs.c.id == job_id
            idle = jobs.c.status.in_(("pending", "waiting"))
            ended = {"status": "stopped", "finished": now, "changed": jobs.c.changed + 1}
            if connection.execute(sa.update(jobs).where(one, idle).values(ended)).rowcount == 1:
                give_back(connection, [job_id])
            wanted = {"stop_wanted": True, "changed": jobs.c.changed + 1}
            connection.execute(sa.update(jobs).where(one, jobs.c.status == "running").values(wanted))
        return self.get(job_id)

    def resume(self, job_id: str, allowed: Sequence[Status], **request: Any) -> Job:
        """Let a job go on: one that failed or was stopped, or that waits for a word. Raises JobNotResumable."""
        job = self.get(job_id)
        with self._database.begin() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id).with_for_update()).one()
            if row.status not in allowed:
                raise JobNotResumable(status=row.status)
            again = {
                "status": "pending", "stop_wanted": False, "attempts": 0, "error": None, "finished": None,
                "request": {**job.request, **request}, "changed": jobs.c.changed + 1,
            }  # fmt: skip
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(again))
        return self.get(job_id)

    def ahead(self, job: Job) -> int:
        """How many jobs begin before this one."""
        earlier = (jobs.c.created < job.created) | ((jobs.c.created == job.created) & (jobs.c.id < job.id))
        query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.status == "pending", earlier)
        with self._database.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def recent_seconds(self, kind: str, most: int = 20) -> list[float]:
        """How long the newest completed jobs of this kind took."""
        query = sa.select(jobs.c.finished - jobs.c.started).where(jobs.c.status == "completed", jobs.c.kind == kind)
        with self._database.begin() as connection:
            found = connection.execute(query.order_by(jobs.c.finished.desc()).limit(most)).scalars()
            return [float(seconds) for seconds in found if seconds is not None]

    def newest(self, limit: int = 50) -> list[Job]:
        query = sa.select(jobs).order_by(jobs.c.created.desc(), jobs.c.id).limit(limit)
        with self._database.begin() as connection:
            return [_job(row) for row in connection.execute(query)]

    def by_status(self) -> dict[str, int]:
        query = sa.select(jobs.c.status, sa.func.count()).group_by(jobs.c.status)
        with self._database.begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def now(self) -> float:
        with self._database.begin() as connection:
            return self._database.now(connection)

    def forget(self, before: float) -> list[str]:
        """Delete jobs that ended before then; their ids."""
        old = jobs.c.finished < before
        with self._database.begin() as connection:
            gone = list(connection.execute(sa.select(jobs.c.id).where(old)).scalars())
            connection.execute(sa.delete(jobs).where(jobs.c.id.in_(gone)))
            return gone

    def ids(self) -> set[str]:
        with self._database.begin() as connection:
            return set(connection.execute(sa.select(jobs.c.id)).scalars())

    def _give_up(self, connection: sa.Connection, now: float) -> None:
        over = (jobs.c.status == "running") & (jobs.c.lease_until < now) & (jobs.c.attempts >= MOST_ATTEMPTS)
        error = {"code": "INTERNAL_ERROR", "key": "crashed", "details": {"attempts": MOST_ATTEMPTS}}
        ended = {"status": "failed", "error": error, "finished": now, "owner": None, "changed": jobs.c.changed + 1}
        if gone := connection.execute(sa.update(jobs).where(over).values(ended).returning(jobs.c.id)).scalars().all():
            give_back(connection, gone)

    def _by_key(self, connection: sa.Connection, key: str | None) -> Job | None:
        if key is None:
            return None
        row = connection.execute(sa.select(jobs).where(jobs.c.idempotency_key == key)).one_or_none()
        return _job(row) if row is not None else None


def _job(row: sa.Row[Any]) -> Job:
    return Job(
        id=row.id, kind=row.kind, slug=row.slug, request=row.request, locale=row.locale, status=row.status,
        attempts=row.attempts, agent=row.agent, step=row.step, percent=row.percent, created=row.created,
        started=row.started, finished=row.finished, changed=row.changed, screenshots=list(row.screenshots),
        warnings=list(row.warnings), result=row.result, error=restored(row.error) if row.error else None,
        stop_wanted=row.stop_wanted, owner=row.owner or "",
    )  # fmt: skip
