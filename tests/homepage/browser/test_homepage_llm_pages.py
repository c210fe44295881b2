"""Eight trades, each in another look, worded by a language model over real HTTP that fails in its own way: every page
passes the gate, and nothing that nobody told is on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from homepage_generator.chromium import Chromium
from homepage_generator.graph import Making
from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.types import ThemeName
from homepage_generator.spec.work import Work
from support.homepages_llm import Fault, HomepageLlm, homepage_llm
from support.homepages_samples import brief

CASES: tuple[tuple[str, ThemeName, Fault | None], ...] = (
    ("fruit", "orchard", None),
    ("cafe", "parlour", "garbage"),
    ("restaurant", "roastery", "429"),
    ("bakery", "market", "500"),
    ("salon", "ledger", "cut"),
    ("clinic", "workbench", "html"),
    ("academy", "plain", "wrong shape"),
    ("workshop", "orchard", "empty"),
)


@pytest.fixture(scope="module")
def llm() -> Iterator[HomepageLlm]:
    with homepage_llm() as opened:
        yield opened


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaStore:
    return MediaStore(tmp_path_factory.mktemp("media"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def making(
    llm: HomepageLlm, media: MediaStore, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Making]:
    settings = Settings(homepage_data_dir=tmp_path_factory.mktemp("homepages"), openai_base_url=llm.url)
    async with Making(settings, media, Chromium()) as maker:
        yield maker


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("trade", "theme", "fault"), CASES)
async def test_a_page_that_a_failing_model_worded_passes_the_gate(
    making: Making,
    media: MediaStore,
    llm: HomepageLlm,
    trade: str,
    theme: ThemeName,
    fault: Fault | None,
    tmp_path: Path,
) -> None:
    llm.faults, llm.lies = [fault, None, fault, None, fault], trade in ("clinic", "academy")
    order = brief(trade, media, style=theme)
    work = Work(f"{trade}-{theme}", "make", order.locale, f"https://shop.example/sites/{trade}/", tmp_path, brief=order)
    last = [progress async for progress in making.run(work)][-1]
    assert last.outcome is not None
    assert last.outcome.report["findings"] == []
    assert last.outcome.spec.look.theme == theme
    assert llm.kinds[-1] == "ReviewSaid"
    assert "llm_failed" not in last.outcome.warnings
    page = (last.outcome.folder / "index.html").read_text("utf-8")
    assert not any(lie in page for lie in ("9,900", "30년 전통", "인생 맛집", "<script>", "1923"))
