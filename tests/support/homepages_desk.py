"""The graph at work with stand-ins for the browser: tests say what the gate finds, and what is held where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from anyio import to_thread

from homepage_generator.agents.analyst import Analyst
from homepage_generator.agents.builtin import BuiltinAgents
from homepage_generator.agents.ledger import Ledger
from homepage_generator.agents.port import Agents, Design, Finding, Fix, Plan
from homepage_generator.chromium import Chromium
from homepage_generator.gate import Finding as Found
from homepage_generator.gate import Report
from homepage_generator.graph import Making
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.patch import Patch
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import PictureId
from homepage_generator.spec.work import Progress, Work

URL = "https://shop.example/sites/haetsal/"
Finds = Callable[[SiteSpec], Sequence[Found]]


class Desk:
    """A workshop whose builds are one file, and whose gate finds what ``finds`` says of a spec."""

    def __init__(self, finds: Finds = lambda _: ()) -> None:
        self.finds = finds
        self.specs: list[SiteSpec] = []

    async def build(self, spec: SiteSpec, folder: Path, url: str) -> None:
        assert url == URL
        await to_thread.run_sync(partial(folder.mkdir, parents=True, exist_ok=True))
        (folder / "index.html").write_text(spec.model_dump_json(), "utf-8")
        self.specs.append(spec)

    async def inspect(self, folder: Path, url: str, shots: Path) -> Report:
        spec = SiteSpec.model_validate_json((folder / "index.html").read_text("utf-8"))
        await to_thread.run_sync(partial(shots.mkdir, parents=True, exist_ok=True))
        shot = shots / "index-360.webp"
        shot.write_bytes(b"webp")
        return Report(findings=list(self.finds(spec)), screenshots={"index-360": shot})


class Recorded:
    """The built-in agents, with what they were asked; ``fixes`` are what the reviewer wants of a page that passed."""

    def __init__(self) -> None:
        self.own = BuiltinAgents()
        self.asked: list[str] = []
        self.wanted: list[list[Fix]] = []
        self.patches: list[tuple[str, Patch]] = []

    def of(self, _ledger: Ledger) -> Agents:
        return self

    async def plan(self, brief: Brief) -> Plan:
        self.asked.append("plan")
        return await self.own.plan(brief)

    async def design(self, brief: Brief, plan: Plan, fixes: Sequence[Fix]) -> Design:
        self.asked.append("design")
        return await self.own.design(brief, plan, fixes)

    async def develop(
        self, brief: Brief, plan: Plan, design: Design, fixes: Sequence[Fix], last: SiteSpec | None
    ) -> SiteSpec:
        self.asked.append("develop")
        return await self.own.develop(brief, plan, design, fixes, last)

    async def review(
        self, brief: Brief, spec: SiteSpec, findings: Sequence[Finding], screenshots: Mapping[str, Path]
    ) -> list[Fix]:
        self.asked.append("review")
        own = await self.own.review(brief, spec, findings, screenshots)
        return own or (self.wanted.pop(0) if self.wanted else [])

    async def edit(self, spec: SiteSpec, section: str | None, instruction: str) -> list[tuple[str, Patch]]:
        self.asked.append("edit")
        return self.patches or await self.own.edit(spec, section, instruction)


class Blind:
    """An analyst that sees nothing: pictures keep their names."""

    async def describe(self, brief: Brief) -> dict[PictureId, str]:
        return {}


def making(folder: Path, url: str, desk: Desk, agents: Recorded, analyst: Analyst | None = None) -> Making:
    settings, media = Settings(homepage_data_dir=folder, database_url=url), MediaStore(folder / "media")
    return Making(settings, media, Chromium(), agents=agents.of, workshop=desk, analyst=analyst or Blind())


async def followed(making: Making, work: Work) -> list[Progress]:
    return [progress async for progress in making.run(work)]
