"""A job service with real worker processes whose steps are small."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nanococoa_aiserver.artifacts.store import ArtifactStore, open_store
from nanococoa_aiserver.jobs.models import JobView
from nanococoa_aiserver.jobs.names import Status
from nanococoa_aiserver.jobs.service import JobService
from nanococoa_aiserver.settings import Settings
from support.waiting import until

WORKER = [sys.executable, str(Path(__file__).with_name("fake_worker.py"))]
READY = "takes jobs"


@dataclass
class WorkerProcess:
    """A worker and what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        return READY in self.log.read_text("utf-8")


@dataclass
class House:
    """``service`` as the API has it, workers as ``nanococoa serve`` has them."""

    settings: Settings
    service: JobService
    artifacts: ArtifactStore
    journal: Path
    workers: list[WorkerProcess] = field(default_factory=list)

    def start_worker(self, *, wait: bool = True) -> WorkerProcess:
        log = self.journal.with_name(f"worker-{len(self.workers)}.log")
        with log.open("wb") as output:
            process = subprocess.Popen(WORKER, env=self.environment(), stdout=output, stderr=output)
        self.workers.append(worker := WorkerProcess(process, log))
        if wait:
            until(worker.is_ready)
        return worker

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings.environment(), "JOURNAL": str(self.journal)}

    def ad(self, **request: Any) -> str:
        return self.service.submit("ad", request).id

    def starts(self, job_id: str) -> list[str]:
        """Names of the steps in the order they were begun, by whichever worker."""
        return [line["step"] for line in self.lines() if line["job"] == job_id]

    def starters(self, job_id: str) -> list[int]:
        """Process numbers, one for each of ``starts``."""
        return [line["pid"] for line in self.lines() if line["job"] == job_id]

    def until_step(self, job_id: str, step: str, seconds: float = 180) -> None:
        until(lambda: step in self.starts(job_id), seconds)

    def until_status(self, job_id: str, status: Status, seconds: float = 180) -> JobView:
        until(lambda: self.service.status(job_id).status == status, seconds)
        return self.service.status(job_id)

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.send(signal.SIGCONT)
                worker.kill()
        self.service.close()

    def lines(self) -> list[dict[str, Any]]:
        """Every start of a step: job, step, pid, at."""
        return [json.loads(line) for line in self.journal.read_text("utf-8").splitlines()]


def build_house(folder: Path, jobs_url: str, **settings: object) -> House:
    """Jobs with their database, files and journal under ``folder``."""
    chosen = Settings.model_validate({"data_dir": folder / "data", "jobs_url": jobs_url, **settings})
    store = open_store(chosen.store_url)
    journal = folder / "journal"
    journal.touch()
    return House(chosen, JobService(chosen, store), store, journal)
