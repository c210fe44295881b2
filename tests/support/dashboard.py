"""The dashboard's application with a fake aiserver behind it, and people who use it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from nanococoa_backend.app import create_app
from nanococoa_backend.platform.mail import Letter
from nanococoa_backend.platform.services import Services
from nanococoa_backend.settings import Settings
from nanococoa_client.api import ImagesAs
from nanococoa_client.errors import InvalidImage, UpstreamUnavailable
from nanococoa_client.fake import FakeAiserver
from nanococoa_client.schemas import (
    CutoutRequest,
    GenerateRequest,
    JobAccepted,
    LightResult,
    RenderRequest,
    StatusResponse,
)
from support.migrated import with_tables
from support.waiting import until

PASSWORD = "새벽 네 시 가락시장"
ADDRESS = "http://127.0.0.1:8890"


def photo(width: int = 160, height: int = 120, file_type: str = "JPEG", **options: Any) -> bytes:
    """A red product on grey."""
    image = Image.new("RGB", (width, height), "#999")
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, 3 * width // 4, 3 * height // 4), fill="#c22")
    file = io.BytesIO()
    image.save(file, file_type, **options)
    return file.getvalue()


def strokes(width: int = 160, height: int = 120) -> bytes:
    """Paint that removes the left half and adds nothing."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, width // 2, height))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class CuttingAiserver(FakeAiserver):
    """Cuts out what is red. ``away`` takes it off the network, ``refuses`` makes it find nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.refuses = False
        self.confidence, self.verdict = 0.97, "ok"
        self.asked: list[CutoutRequest] = []
        self.rendered: list[RenderRequest] = []

    async def health(self) -> bool:
        return not self.away

    def made(self) -> list[str]:
        """Ids of the ads and edits it was given."""
        return [job.id for job in self._jobs.values() if job.kind in ("ad", "edit")]

    async def generate(self, request: GenerateRequest) -> JobAccepted:
        self._reachable()
        return await super().generate(request)

    async def status(self, job_id: str, images: ImagesAs = "url") -> StatusResponse:
        self._reachable()
        return await super().status(job_id, images)

    async def render(self, request: RenderRequest) -> LightResult:
        self._reachable()
        self.rendered.append(request)
        return await super().render(request)

    def forget(self) -> None:
        """Jobs and files are gone, as after KEEP_JOBS_DAYS."""
        self._jobs.clear()
        self._files.clear()

    def _reachable(self) -> None:
        if self.away:
            raise UpstreamUnavailable(service="nanococoa_aiserver", retry_after=1)

    async def cutout(self, request: CutoutRequest) -> LightResult:
        self._reachable()
        if self.refuses:
            raise InvalidImage("product_not_found")
        self.asked.append(request)
        link = f"/artifacts/{self._put(_red_part(base64.b64decode(request.image.partition(',')[2])))}"
        result = {"cutout": link, "confidence": self.confidence, "verdict": self.verdict}
        return self._light("cutout", result, {"cutout": link})


def _red_part(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.putalpha(image.getchannel("G").point(lambda level: 255 if level < 100 else 0))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@dataclass
class Letterbox:
    """A mailer that keeps letters."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@dataclass
class Dashboard:
    app: FastAPI
    client: TestClient
    aiserver: CuttingAiserver
    letterbox: Letterbox

    def visitor(self) -> Browser:
        """Somebody with cookies of their own."""
        return Browser(self)

    def owner(self, email: str = "sajang@haetsal.kr") -> Browser:
        """Signed up, with the practice shop."""
        browser = self.visitor()
        browser.sign_up(email)
        assert browser.post("/businesses/demo").status_code == 303
        return browser


class Browser:
    """What a browser does: keeps cookies, takes the token from the page, does not follow redirects by itself."""

    def __init__(self, dashboard: Dashboard) -> None:
        self._client = dashboard.client
        self.cookies: dict[str, str] = {}
        self.token = ""

    @property
    def services(self) -> Services:
        """What the application behind it works with."""
        services: Services = self._client.app.state.services  # type: ignore[attr-defined]  # FastAPI's own
        return services

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return self._send("GET", path, **options)

    def post(self, path: str, data: dict[str, str] | None = None, **options: Any) -> httpx2.Response:
        return self._send("POST", path, data={"csrf": self.fresh_token(), **(data or {})}, **options)

    def api(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"X-CSRF-Token": self.fresh_token()} if method != "GET" else {}
        return self._send(method, f"/api/v1{path}", headers=headers, **options)

    def raw(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Without a token, unless the caller brings one."""
        return self._send(method, path, **options)

    def fresh_token(self) -> str:
        token: str = self._send("GET", "/api/v1/csrf").json()["token"]
        return token

    def sign_up(self, email: str) -> httpx2.Response:
        return self.post("/sign-up", {"name": "김햇살", "email": email, "password": PASSWORD})

    def sign_in(self, email: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/sign-in", {"email": email, "password": password})

    def add_product(self, name: str = "부사 사과", data: bytes | None = None) -> str:
        """The new product's id."""
        files = {"photo": ("p.jpg", data or photo(), "image/jpeg")}
        answer = self.api("POST", "/products", data={"name": name, "price": "39,900"}, files=files)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def finished_cutout(self, product_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            cutout: dict[str, Any] = self.api("GET", f"/products/{product_id}").json()["cutout"]
            return cutout if cutout["status"] != "pending" else None

        return until(look) or {}

    def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        self._client.cookies.clear()
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": header, "Accept-Language": "ko", **options.pop("headers", {})}
        answer = self._client.request(method, path, headers=headers, follow_redirects=False, **options)
        self.cookies |= dict(answer.cookies)
        return answer


@contextmanager
def open_dashboard(
    folder: Path, database_url: str, aiserver: CuttingAiserver | None = None, **settings: Any
) -> Iterator[Dashboard]:
    """The application, started; closed afterwards."""
    aiserver, letterbox = aiserver or CuttingAiserver(), Letterbox()
    given = Settings(backend_data_dir=folder / "backend", database_url=database_url, **settings)
    with_tables(given.customers_url)
    app = create_app(given, aiserver, None if given.smtp_url else letterbox)
    with TestClient(app, base_url=given.public_url) as client:
        yield Dashboard(app, client, aiserver, letterbox)


def csrf_of(page: str) -> str:
    """The token on a page."""
    found = re.search(r'name="csrf" content="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The envelope of an answer that must be one."""
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    return error
