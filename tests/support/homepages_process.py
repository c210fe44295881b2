"""A process that makes one page and is there to be killed: ``python homepages_process.py FOLDER JOB_JSON``.

``FOLDER/journal`` gets a line for each step of an agent or the workshop: when it begins, when it has ended. A job's
``hold`` names a step that, once begun, waits for ever; ``browser``: with the real renderer, browser and gate. How it
ended is written to ``FOLDER/result``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.port import Agents
from homepage_generator.chromium import Chromium
from homepage_generator.gate import Report
from homepage_generator.graph import Making
from homepage_generator.graph.workshop import BrowserWorkshop
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.work import Approval, EditAsked, Progress, Work
from support.homepages_desk import URL, Desk, Recorded, making


class Journal:
    def __init__(self, file: Path, hold: str) -> None:
        self._file, self._hold = file, hold

    def write(self, line: str) -> None:
        with self._file.open("a") as file:
            file.write(f"{line}\n")

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        self.write(f"begin {name}")
        if name == self._hold:
            await asyncio.Event().wait()
        done = await work()
        self.write(f"end {name}")
        return done


class JournalledAgents(Recorded):
    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal
        self._inner = BuiltinAgents()

    def of(self, _ledger: Ledger) -> Agents:
        return self

    async def plan(self, *given: Any) -> Any:
        return await self._journal.step("plan", lambda: self._inner.plan(*given))

    async def design(self, *given: Any) -> Any:
        return await self._journal.step("design", lambda: self._inner.design(*given))

    async def develop(self, *given: Any) -> Any:
        return await self._journal.step("develop", lambda: self._inner.develop(*given))

    async def review(self, *given: Any) -> Any:
        return await self._journal.step("review", lambda: self._inner.review(*given))

    async def edit(self, *_given: Any) -> Any:
        async def patches() -> list[tuple[str, Patch]]:
            return [("hero", Patch(fields={"lead": "골라서 내놓습니다."}))]

        return await self._journal.step("edit", patches)


class JournalledDesk(Desk):
    def __init__(self, journal: Journal, inner: Desk | BrowserWorkshop) -> None:
        super().__init__()
        self._journal, self._inner = journal, inner

    async def build(self, spec: SiteSpec, folder: Path, url: str) -> None:
        await self._journal.step("build", lambda: self._inner.build(spec, folder, url))

    async def inspect(self, folder: Path, url: str, shots: Path) -> Report:
        report: Report = await self._journal.step("inspect", lambda: self._inner.inspect(folder, url, shots))
        return report


def work_of(job: dict[str, Any], folder: Path) -> Work:
    brief, base, edit, answer = (job.get(name) for name in ("brief", "base", "edit", "answer"))
    return Work(
        job_id=job.get("id", "job1"),
        kind="edit" if base else "make",
        locale="ko",
        url=URL,
        folder=folder / "jobs" / "job1",
        brief=Brief.model_validate(brief) if brief else None,
        base=SiteSpec.model_validate(base) if base else None,
        edit=EditAsked(**edit) if edit else None,
        approve=job.get("approve", False),
        answer=Approval(**answer) if answer else None,
    )


def _maker(folder: Path, job: dict[str, Any], journal: Journal) -> Making:
    agents = JournalledAgents(journal)
    if not job.get("browser"):
        return making(folder, job["url"], JournalledDesk(journal, Desk()), agents)
    settings = Settings(homepage_data_dir=folder, database_url=job["url"])
    media, chromium = MediaStore(folder / "media"), Chromium()
    desk = JournalledDesk(journal, BrowserWorkshop(media, chromium, None))
    return Making(settings, media, chromium, agents=agents.of, workshop=desk)


async def main(folder: Path, job: dict[str, Any]) -> None:
    journal = Journal(folder / "journal", job.get("hold", ""))
    last: Progress | None = None
    async with _maker(folder, job, journal) as maker:
        async for last in maker.run(work_of(job, folder)):
            if last.step == "keep" and last.outcome is None:
                journal.write("begin keep")
                if job.get("hold") == "keep":
                    threading.Event().wait()  # the whole process: the publisher does not go on
    assert last is not None
    done = last.outcome
    result = {
        "pid": os.getpid(), "awaits": last.awaits_approval,
        "spec": done.spec.model_dump(mode="json") if done else None,
        "folder": str(done.folder) if done else None,
        "passed": done.report["passed"] if done else None,
        "changes": done.changes if done else [],
    }  # fmt: skip
    (folder / "result").write_text(json.dumps(result, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))))
