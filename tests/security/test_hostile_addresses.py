"""No field makes a service ask an address of its caller's choosing, however the address is written.

A listener stands where the addresses lead; it must hear nothing. Redirects: tests/backend/…/test_dashboard_webhooks.py.
What a language model is sent to by words on a page, and paths over stdio: tests/mcp/integration/test_mcp_doors.py.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from homepage_generator.app import create_app as homepages_app
from homepage_generator.settings import Settings as HomepageSettings
from nanococoa_aiserver.app import create_app as aiserver_app
from nanococoa_aiserver.settings import Settings as AiserverSettings
from nanococoa_backend.webhooks.post import Post, is_public
from support.dashboard import photo
from support.homepages_maker import HeldMaker

INSIDE = (
    "127.0.0.1", "localhost", "LOCALHOST.", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1",
    "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "127。0。0。1", "①②⑦.⓪.⓪.①", "localhost%00.example",
    "127.0.0.1%2f", "[::1%25lo]",
)  # fmt: skip
FORMS = (
    "http://{0}/x.png", "https://{0}/x.png", "//{0}/x.png", "HTTP://{0}/x.png", "ftp://{0}/x.png", "gopher://{0}/x",
    "http://user:pass@{0}/x.png", "http:\\\\{0}\\x.png", "file:///etc/passwd", "data:text/uri-list,http://{0}/x.png",
    "s3://{0}/x.png", "http://{0}/artifacts/" + "0" * 64 + ".png", "jar:http://{0}!/x.png", "url:http://{0}/x.png",
)  # fmt: skip


@dataclass
class Listener:
    """Counts who comes."""

    door: socket.socket

    @property
    def port(self) -> int:
        return int(self.door.getsockname()[1])

    def heard(self) -> int:
        """Connections that the system has taken for us since the last time."""
        count = 0
        while True:
            try:
                self.door.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def listener() -> Iterator[Listener]:
    with socket.socket(socket.AF_INET6) as door:
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        door.bind(("::", 0))
        door.listen(200)
        door.setblocking(False)
        yield Listener(door)


async def test_a_webhook_reaches_the_listener_where_that_is_allowed(listener: Listener) -> None:
    """So that its silence means something."""
    post = Post(private_too=True)
    sending = asyncio.ensure_future(post.send(f"http://localhost:{listener.port}/", "{}", {}))
    while not listener.heard():
        assert not sending.done()
        await asyncio.sleep(0)
    await sending
    await post.close()


@pytest.mark.parametrize("host", INSIDE)
async def test_a_webhook_goes_to_no_way_of_writing_this_machine(listener: Listener, host: str) -> None:
    post = Post()
    try:
        for scheme in ("http", "https"):
            answer = await post.send(f"{scheme}://{host}:{listener.port}/", "{}", {})
            assert answer.status is None
    finally:
        await post.close()
    assert listener.heard() == 0


@pytest.mark.parametrize("address", ["fec0::1", "64:ff9b:1::7f00:1", "::10.0.0.1", "::ffff:0:0", "2001:db8::1"])
def test_addresses_that_only_look_like_the_internets_are_inside(address: str) -> None:
    assert not is_public(address)


class Names:
    """A resolver of the system whose answers change: ``asked`` counts them."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, _host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.asked += 1
        addresses = self.answers.pop(0) if self.answers else ("127.0.0.1",)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


async def test_a_name_that_leads_inside_and_outside_leads_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    async def call(_socket: socket.socket, address: tuple[str, int]) -> None:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", call)
    monkeypatch.setattr(socket, "getaddrinfo", Names(("127.0.0.1", "8.8.8.8", "169.254.169.254", "10.0.0.1")))
    post = Post()
    await post.send("http://two.example/", "{}", {})
    await post.close()
    assert set(called) == {"8.8.8.8"}


async def test_a_name_is_asked_for_once_a_letter(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it can't be public when it is looked at and private when it is called (DNS rebinding)."""
    names = Names(("169.254.169.254",), ("127.0.0.1",))
    monkeypatch.setattr(socket, "getaddrinfo", names)
    post = Post()
    answer = await post.send(f"http://rebinding.example:{listener.port}/", "{}", {})
    await post.close()
    assert (answer.text, names.asked, listener.heard()) == ("private address", 1, 0)


def addresses(listener: Listener, host: str = "127.0.0.1") -> list[str]:
    return [form.format(f"{host}:{listener.port}") for form in FORMS]


PICTURE_FIELDS = {
    "/generate": ("product_image", "step1_image", "cutout_image", "brand.logo"),
    "/edit": ("image", "reference_images", "mask"),
    "/cutout": ("image",),
    "/analyze": ("image",),
    "/clip-score": ("image_base64",),
}
ORDERS: dict[str, dict[str, Any]] = {
    "/generate": {"text_content": "햇사과", "bg_prompt": "나무 탁자"},
    "/edit": {"instruction": "배경을 바꿔 줘", "mode": "local"},
    "/clip-score": {"prompt": "사과"},
    "/analyze": {},
    "/cutout": {},
}


def test_the_aiserver_fetches_no_picture(listener: Listener, tmp_path: Path) -> None:
    picture = base64.b64encode(photo()).decode()
    app = aiserver_app(AiserverSettings.model_validate({"data_dir": tmp_path, "log_level": "WARNING"}))
    with TestClient(app) as client:
        assert picture_fields(client) == {name for names in PICTURE_FIELDS.values() for name in names}
        for route, fields in PICTURE_FIELDS.items():
            for field in fields:
                for address in addresses(listener):
                    order = ORDERS[route] | {PICTURE_FIELDS[route][0]: picture} | placed(field, address)
                    answer = client.post(route, json=order)
                    assert 400 <= answer.status_code < 500, (route, field, address, answer.text)
    assert listener.heard() == 0


def picture_fields(client: TestClient) -> set[str]:
    """What the JSON bodies say is a picture: a new field of this kind belongs into ``PICTURE_FIELDS``."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    found = set()
    for name in ("GenerateRequest", "EditRequest", "CutoutRequest", "AnalyzeRequest", "ClipScoreRequest", "Brand"):
        for field in schemas[name]["properties"]:
            if re.search("image|logo|mask|photo|picture|url", field):
                found.add(f"brand.{field}" if name == "Brand" else field)
    return found


def placed(field: str, address: str) -> dict[str, Any]:
    head, _, rest = field.partition(".")
    if rest:
        return {head: {rest: address}}
    return {head: [address] if head.endswith("images") else address}


BUSINESS = {"name": "햇살과일", "trade": "과일 가게"}


def test_the_homepage_generator_fetches_no_picture_but_its_aiservers(listener: Listener, tmp_path: Path) -> None:
    """Its aiserver is the listener's neighbour, so that only the port tells them apart."""
    own = f"http://127.0.0.1:{listener.port}0" if listener.port < 6000 else "http://127.0.0.1:9"
    given = HomepageSettings(homepage_data_dir=tmp_path, aiserver_url=own, log_level="WARNING")
    more = [f"{own}@127.0.0.1:{listener.port}/x.png", f"{own}/../x.png", f"{own}.evil.example:{listener.port}/x.png"]
    with TestClient(homepages_app(given, HeldMaker().open)) as client:
        for address in [*addresses(listener), *more]:
            for place, shop in {
                "brand": {"business_info": BUSINESS | {"brand": {"logo": address}}},
                "photos": {"business_info": BUSINESS | {"photos": [address]}},
                "menu": {"business_info": BUSINESS | {"menu": [{"items": [{"name": "배", "image": address}]}]}},
                "products": {"business_info": BUSINESS, "products": [{"name": "배", "image": address}]},
                "ads": {"business_info": BUSINESS, "ads": [{"title": "배", "image": address}]},
            }.items():
                answer = client.post("/generate", json=shop)
                assert answer.status_code == 422, (address, place, answer.text)
                assert place in answer.json()["error"]["details"]["field"]
    assert listener.heard() == 0
