"""What people do with jobs: ask, look, stop, let go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from homepage_generator.errors import NotFound
from homepage_generator.jobs import eta
from homepage_generator.jobs.models import Job, NewJob
from homepage_generator.jobs.repository import Jobs
from homepage_generator.spec.work import Approval

_AGAIN: Final = ("failed", "stopped")


class JobService:
    """``ring`` wakes who works on jobs, ``cut_short`` ends the work on one."""

    def __init__(
        self, jobs: Jobs, folder: Path, workers: int, ring: Callable[[], None], cut_short: Callable[[str], None]
    ) -> None:
        self.jobs, self._folder, self._workers = jobs, folder, workers
        self._ring, self._cut_short = ring, cut_short

    def submit(self, new: NewJob) -> Job:
        job = self.jobs.submit(new)
        self._ring()
        return job

    def status(self, job_id: str) -> Job:
        """With its place in the queue and the seconds it still takes."""
        job = self.jobs.get(job_id)
        if job.status not in ("pending", "running"):
            return job
        whole = eta.typical(self.jobs.recent_seconds(job.kind), job.kind)
        if job.status == "pending":
            ahead = self.jobs.ahead(job)
            return replace(job, queue_position=ahead + 1, eta=eta.wait(whole, ahead, self._workers))
        elapsed = self.jobs.now() - (job.started or job.created)
        return replace(job, eta=eta.remaining(whole, job.percent, elapsed))

    def stop(self, job_id: str) -> Job:
        job = self.jobs.stop(job_id)
        self._cut_short(job_id)
        return job

    def resume(self, job_id: str) -> Job:
        """A job that failed or was stopped goes on where it was."""
        job = self.jobs.resume(job_id, _AGAIN)
        self._ring()
        return job

    def answer(self, job_id: str, said: Approval) -> Job:
        """The owner's word on a page that waits for it."""
        before = self.jobs.get(job_id).request.get("answer") or {"number": 0}
        answer = {"approved": said.approved, "words": said.words, "number": before["number"] + 1}
        job = self.jobs.resume(job_id, ("waiting",), answer=answer)
        self._ring()
        return job

    def screenshot(self, job_id: str, name: str) -> Path:
        """Raises NotFound for one the job does not tell of."""
        job = self.jobs.get(job_id)
        path = self._folder / job_id / "shots" / name
        if name not in {shot["name"] for shot in job.screenshots} or not path.is_file():
            raise NotFound("screenshot_not_found")
        return path
