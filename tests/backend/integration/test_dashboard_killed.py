"""A dashboard killed with SIGKILL in the middle of everything it does, and started again: all is there, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from support import calls
from support.backend_process import BackendProcess, Program
from support.dashboard import PASSWORD
from support.homepage_service import HomepageService
from support.lists import zipped
from support.mcp_server import serving_mcp
from support.own_server import Server
from support.real_dashboard import sample
from support.talking_llm import Says, TalkingLlm, talking_llm
from support.waiting import until

pytestmark = pytest.mark.timeout(1200)

ORDER = {"scene": "wood", "fields": {"headline": "갓 딴 부사", "price": "39,900원"}, "formats": ["square"]}
TABLE = "상품,가격,문구,사진\n꿀사과,39900,아침에 딴 사과,12.jpg\n아오리,32000,새콤한 사과,14.jpg\n"
WORDS = "명절 특가 | 부사 | 39,900원"
UNTIL_DONE = 300.0
"""Seconds for what was left behind: a lease has to end first, and the aiserver has all of it to do."""


@dataclass
class Shop:
    """A shop and what was under way in it when its dashboard was killed: ``ad`` is the one whose text was edited."""

    program: Program
    aiserver: Server
    homepages: HomepageService
    ad: str
    edit: str
    run: str
    chat: str
    page: str
    jobs_before: set[str]

    def new_jobs(self, kind: str) -> list[str]:
        """Of the aiserver, since the ad was finished whose text was edited."""
        return [job for job in jobs_of(self.aiserver, kind) if job not in self.jobs_before]

    def ended(self, path: str, *under_way: str) -> dict[str, Any]:
        """What stands at ``path`` when its status is none of those."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.program.api("GET", path)
            return found if found["status"] not in under_way else None

        return until(look, UNTIL_DONE, 0.3) or {}


def jobs_of(aiserver: Server, kind: str) -> list[str]:
    query = {"kind": kind, "limit": "100"}
    found: list[dict[str, Any]] = calls.get(f"{aiserver.url}/jobs", params=query, timeout=60).json()["jobs"]
    return [job["job_id"] for job in found]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def killed(
    request: pytest.FixtureRequest, aiserver: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """On each database in turn; running again."""
    folder = tmp_path_factory.mktemp("killed")
    url = request.getfixturevalue("postgres").create_database(folder.name) if request.param == "postgres" else ""
    homepages = HomepageService()
    with talking_llm() as llm, serving_mcp(folder, AISERVER_URL=aiserver.url) as mcp:
        settings = {"MCP_URL": f"{mcp.url}/mcp", "OPENAI_BASE_URL": llm.url, "OPENAI_API_KEY": "sk-test"}
        backend = BackendProcess(folder, aiserver.url, url, HOMEPAGE_URL=homepages.url, **settings)
        backend.start()
        program = Program(backend.url)
        try:
            shop = busy(program, aiserver, homepages, llm)
            backend.kill()
            llm.go.set()
            homepages.hold.set()
            backend.start()
            yield shop
        finally:
            program.close()
            backend.end()
            homepages.close()


def busy(program: Program, aiserver: Server, homepages: HomepageService, llm: TalkingLlm) -> Shop:
    """Everything at once, each in its middle."""
    program.begin("sajang@haetsal.kr", PASSWORD)
    product = program.add_product("부사")
    ad = program.api("POST", "/ads", json={"product_id": product, **ORDER})["id"]
    until(lambda: program.api("GET", f"/ads/{ad}")["status"] == "completed", UNTIL_DONE, 0.1)
    before = {job for kind in ("ad", "render") for job in jobs_of(aiserver, kind)}

    homepages.hold.clear()
    page = program.api("POST", "/homepages", json={})["id"]
    until(lambda: program.api("GET", f"/homepages/{page}")["tasks"][0]["status"] == "running")
    chat = asks_for_an_ad(program, llm, product)
    run = program.api("POST", "/batches", files=the_list(), data={"scene": "wood"})["id"]
    until(lambda: any(job not in before for job in jobs_of(aiserver, "ad")), 180)
    saved = {"base_version": program.api("GET", f"/ads/{ad}")["version_id"], "fields": {"headline": "고친 사과"}}
    edit = program.api("POST", f"/ads/{ad}/versions", json=saved)["id"]
    until(lambda: any(job not in before for job in jobs_of(aiserver, "render")), pause=0.005)
    return Shop(program, aiserver, homepages, ad, edit, run, chat, page, before)


def asks_for_an_ad(program: Program, llm: TalkingLlm, product: str) -> str:
    """A conversation whose agent has begun an ad and is speaking of it."""
    wishes = {"product_id": product, "text_content": WORDS, "bg_prompt": "명절 청사초롱", "formats": ["square"]}
    making = Says("만들게요.", [("generate_ad_image", wishes)])

    def goes_on(body: dict[str, Any]) -> Says:
        """Makes another one, unless it is told of the first."""
        knows = any(message["role"] == "tool" for message in body["messages"])
        return Says("만들고 있어요.") if knows else making

    llm.script = [making, Says("만들고 있어요.", waits=True), goes_on]
    chat = str(program.api("POST", "/chats")["id"])
    program.api("POST", f"/chats/{chat}/messages", json={"text": "명절 특가 광고 만들어 줘"})
    assert llm.began.wait(120)
    return chat


def the_list() -> list[tuple[str, tuple[str, bytes, str]]]:
    photos = zipped({f"{number}.jpg": sample(number) for number in ("12", "14")})
    return [("table", ("목록.csv", TABLE.encode(), "text/csv")), ("photos", ("사진.zip", photos, "application/zip"))]


def titles_of(shop: Shop) -> list[str]:
    ads = shop.program.api("GET", "/ads?limit=100")["ads"]
    return sorted(ad["title"] for ad in ads)


def test_every_row_of_a_list_becomes_one_ad(killed: Shop) -> None:
    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = killed.program.api("GET", f"/batches/{killed.run}")
        return run if not run["making"] else None

    run = until(look, UNTIL_DONE, 0.3) or {}
    assert (run["status"], run["total"], run["passed"] + run["look"], run["failed"]) == ("finished", 2, 2, 0)
    titles = titles_of(killed)
    assert [titles.count(title) for title in ("아침에 딴 사과", "새콤한 사과")] == [1, 1]


def test_a_conversation_goes_on_and_its_ad_is_made_once(killed: Shop) -> None:
    def look() -> str | None:
        status = str(killed.program.api("GET", f"/chats/{killed.chat}")["turn"]["status"])
        return status if status not in ("waiting", "running") else None

    assert until(look, UNTIL_DONE, 0.3) == "done"
    messages = killed.program.api("GET", f"/chats/{killed.chat}/messages?limit=100")["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant"]
    assert messages[-1]["body"]["text"].strip() == "만들고 있어요."
    (ad,) = messages[2]["body"]["ads"]
    assert killed.ended(f"/ads/{ad}", "pending", "running")["status"] == "completed"
    assert titles_of(killed).count("명절 특가") == 1


def test_an_edit_becomes_one_version(killed: Shop) -> None:
    assert killed.ended(f"/ads/{killed.ad}/edits/{killed.edit}", "waiting")["status"] == "done"
    opened = killed.program.api("GET", f"/ads/{killed.ad}/editor")
    assert (opened["number"], opened["fields"]["headline"]) == (2, "고친 사과")


def test_a_homepage_is_made_once(killed: Shop) -> None:
    def look() -> dict[str, Any] | None:
        page: dict[str, Any] = killed.program.api("GET", f"/homepages/{killed.page}")
        return page if not page["tasks"] else None

    page = until(look, UNTIL_DONE, 0.3) or {}
    assert page["draft"] == "v1"
    assert len(killed.homepages.commissions) == 1
    assert len(killed.program.api("GET", "/homepages")["homepages"]) == 1


def test_the_aiserver_was_given_each_ad_once(killed: Shop) -> None:
    test_every_row_of_a_list_becomes_one_ad(killed)
    test_a_conversation_goes_on_and_its_ad_is_made_once(killed)
    assert len(killed.new_jobs("ad")) == 3
