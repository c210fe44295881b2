"""What jobs need of the graph, without agents or browser: a maker that tests hold, fail, and let go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from PIL import Image

from homepage_generator.errors import HomepageError
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.business import Business
from homepage_generator.spec.sections import Footer, Hero
from homepage_generator.spec.site import Look, Page, Seo, SiteSpec
from homepage_generator.spec.work import Outcome, Progress, Shot, Work


class HeldMaker:
    """``hold`` (when cleared) keeps jobs in their second step, ``failure`` is raised there; ``works`` is what came."""

    def __init__(self) -> None:
        self.hold = asyncio.Event()
        self.hold.set()
        self.failure: BaseException | None = None
        self.works: list[Work] = []
        self.forgotten: list[str] = []
        self.under_way = 0
        self.most_under_way = 0

    async def open(self, _settings: Settings, _media: MediaStore, _stack: AsyncExitStack) -> HeldMaker:
        return self

    async def run(self, work: Work) -> AsyncIterator[Progress]:
        self.works.append(work)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield Progress("planner", "plan", 10)
            yield Progress("developer", "write", 40, _shots(work.folder))
            await self.hold.wait()
            if self.failure is not None:
                raise self.failure
            if work.approve and work.answer is None:
                yield Progress("reviewer", "approval", 80, awaits_approval=True)
                return
            spec = spec_of(work)
            yield Progress(
                "publisher", "keep", 95, outcome=Outcome(spec, built(work, spec), {"passed": True}, _said(work))
            )
        finally:
            self.under_way -= 1

    async def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)


def brief(name: str = "햇살과일") -> Brief:
    return Brief(business=Business(name=name))


def spec_of(work: Work) -> SiteSpec:
    if work.base is not None:
        words = (work.edit and work.edit.instruction) or "고침"
        hero = work.base.pages[0].sections[0].model_copy(update={"lead": words})
        page = work.base.pages[0].model_copy(update={"sections": [hero, *work.base.pages[0].sections[1:]]})
        return work.base.model_copy(update={"pages": [page]})
    assert work.brief is not None
    return spec(work.brief.business.name)


def spec(name: str = "햇살과일") -> SiteSpec:
    page = Page(id="home", title="처음", sections=[Hero(id="hero", headline=[name]), Footer(id="footer")])
    look = Look(theme="market")
    return SiteSpec(business=Business(name=name), look=look, seo=Seo(title=name, description=name), pages=[page])


def built(work: Work, spec: SiteSpec) -> Path:
    """A tiny site whose content is its spec's."""
    return site_folder(work.folder / "build", spec.business.name, spec.pages[0].sections[0].lead)


def site_folder(folder: Path, title: str, text: str = "") -> Path:
    (folder / "p").mkdir(parents=True, exist_ok=True)
    link = '<link rel="stylesheet" href="s1.css">'
    form = '<form action="contact" method="post"><input name="name"><button>보내기</button></form>'
    page = (
        f'<!doctype html><html lang="ko"><meta charset="utf-8">{link}<title>{title}</title><h1>{title}</h1>{text}{form}'
    )
    (folder / "index.html").write_text(page, "utf-8")
    for name in ("404", "thanks", "sorry"):
        (folder / f"{name}.html").write_text(f"<!doctype html><title>{name}</title><h1>{name}</h1>", "utf-8")
    (folder / "s1.css").write_text("h1{color:#123456}", "utf-8")
    (folder / "f1.woff2").write_bytes(b"wOF2")
    Image.new("RGB", (8, 8), "#c33").save(folder / "p" / "a-8.webp")
    return folder


def _shots(folder: Path) -> dict[str, Shot]:
    path = folder / "shots" / "phone-1.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (36, 64), "#fff6e3").save(path)
    return {"phone-1.png": Shot(path, 360)}


def _said(work: Work) -> list[str]:
    return [work.edit.instruction or f"{work.edit.section} 고침"] if work.edit else []


def failing(error: HomepageError) -> HeldMaker:
    maker = HeldMaker()
    maker.failure = error
    return maker
