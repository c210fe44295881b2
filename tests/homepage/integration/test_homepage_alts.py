"""Pictures are described by the aiserver's analyst where it can see; elsewhere they keep the name of what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from homepage_generator.agents.analyst import AiserverAnalyst, plain, undescribed
from homepage_generator.media import MediaStore
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.types import PictureId
from homepage_generator.spec.work import Outcome, Work
from nanococoa_client.client import AiserverClient
from support.homepages_desk import URL, Desk, Recorded, followed, making
from support.homepages_samples import brief as sample

SEEN = "흰 바탕에 놓인 초록빛 머그잔이에요."


class Seeing:
    """``POST /analyze`` over real HTTP: says ``answer``, or refuses with a code."""

    def __init__(self) -> None:
        self.answer, self.refuses, self.asked = SEEN, "", 0
        seeing = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                assert asked["image"].startswith("data:image/webp;base64,")
                assert asked["question"]
                seeing.asked += 1
                told = {"job_id": "j", "status": "completed", "result": {"text": seeing.answer}}
                if seeing.refuses:
                    told = {"error": {"code": seeing.refuses, "message": "x", "details": {}, "timestamp": "2026-01-01"}}
                data = json.dumps(told).encode()
                self.send_response(503 if seeing.refuses else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def seeing() -> Iterator[Seeing]:
    server = Seeing()
    yield server
    server.close()


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


@pytest.fixture
def shop(media: MediaStore) -> Brief:
    return sample("workshop", media)


async def described(url: str, media: MediaStore, brief: Brief) -> dict[PictureId, str]:
    async with AiserverClient(url) as client:
        return await AiserverAnalyst(client, media).describe(brief)


async def test_pictures_that_only_have_a_name_are_described(seeing: Seeing, media: MediaStore, shop: Brief) -> None:
    assert await described(seeing.url, media, shop) == dict.fromkeys(undescribed(shop), SEEN)
    assert seeing.asked == len(undescribed(shop)) > 0


async def test_what_the_owner_wrote_stays(seeing: Seeing, media: MediaStore, shop: Brief) -> None:
    own = {one: picture.model_copy(update={"alt": "제가 빚은 잔"}) for one, picture in shop.pictures.items()}
    assert await described(seeing.url, media, shop.model_copy(update={"pictures": own})) == {}
    assert seeing.asked == 0


async def test_without_a_model_that_sees_it_is_asked_once_and_names_stay(
    seeing: Seeing, media: MediaStore, shop: Brief
) -> None:
    seeing.refuses = "MODEL_UNAVAILABLE"
    assert await described(seeing.url, media, shop) == {}
    assert seeing.asked == 1


async def test_an_aiserver_that_is_away_costs_nothing(media: MediaStore, shop: Brief) -> None:
    assert await described("http://127.0.0.1:9", media, shop) == {}


@pytest.mark.parametrize(
    "seen", ["", "가격은 3,900원이에요.", "<b>잔</b>", "가" * 200, "https를 보세요: https://x.example"]
)
def test_figures_markup_and_long_tales_are_no_alt_text(seen: str) -> None:
    assert plain(seen) == ""


def test_one_sentence_is_kept() -> None:
    assert plain('"나무 상자에 담긴 사과예요. 아주 맛있어 보여요."') == "나무 상자에 담긴 사과예요."


async def test_a_made_page_carries_what_the_analyst_saw(
    seeing: Seeing, shop: Brief, media: MediaStore, tmp_path: Path
) -> None:
    async with AiserverClient(seeing.url) as client:
        maker = making(tmp_path, "", Desk(), Recorded(), AiserverAnalyst(client, media))
        work = Work("alts", "make", "ko", URL, tmp_path / "job", brief=shop)
        outcome = (await followed(maker, work))[-1].outcome
    assert isinstance(outcome, Outcome)
    shown = outcome.spec.pictures
    assert {shown[one].alt for one in undescribed(shop) if one in shown} == {SEEN}
