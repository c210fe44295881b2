"""The homepage generator, over HTTP: start a page, look at it, stop it. Same job states and envelope as the aiserver.

Its job ids carry a mark here, so that one tool follows ads and homepages alike.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote, urljoin

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nanococoa_client import calling
from nanococoa_client.api import FINISHED
from nanococoa_client.errors import BY_CODE, ServiceError, UpstreamUnavailable
from nanococoa_client.schemas import JobStatus
from nanococoa_mcpserver.errors import refusal

MARK: Final = "homepage:"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=5)
_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


class HomepageResult(BaseModel):
    model_config = ConfigDict(extra="ignore")

    homepage_url: str | None = None


class HomepageState(BaseModel):
    """What is read of the generator's answers; it may say more."""

    model_config = ConfigDict(extra="ignore")

    job_id: str = Field(description="The generator's own id")
    status: JobStatus = Field(description="pending → running → completed, failed or stopped")
    message: str = ""
    progress_percent: float = 0
    agent: str | None = None
    step: str | None = None
    eta_seconds: float | None = None
    queue_position: int | None = None
    result: HomepageResult | None = None
    error: dict[str, Any] | None = None
    warnings: list[str] = []

    @property
    def homepage_url(self) -> str | None:
        return self.result.homepage_url if self.result else None

    @property
    def is_over(self) -> bool:
        return self.status in FINISHED


class Homepages:
    """One per process. ``public_url`` makes a relative page address one that a browser can open."""

    def __init__(self, base_url: str, public_url: str, token: str | None = None) -> None:
        self._base, self._public = base_url, public_url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def generate(self, commission: dict[str, Any], key: str) -> HomepageState:
        """``commission``: business_info, products, style, locale. The same key again is the same job."""
        return await self._call("POST", "/generate", commission, {"Idempotency-Key": key})

    async def status(self, job_id: str) -> HomepageState:
        return await self._call("GET", f"/status/{_own(job_id)}")

    async def stop(self, job_id: str) -> HomepageState:
        return await self._call("POST", f"/stop/{_own(job_id)}")

    async def health(self) -> bool:
        """Whether the service answers at all; never raises."""
        try:
            async with self._open().get(f"{self._base}/health") as answer:
                return answer.status < 500
        except _LOST:
            return False

    async def _call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> HomepageState:
        try:
            async with self._open().request(method, self._base + path, json=body, headers=headers) as answer:
                return self._read(answer.status, await answer.read())
        except _LOST as lost:
            raise refusal(UpstreamUnavailable, "homepage_away", url=self._base) from lost

    def _read(self, status: int, content: bytes) -> HomepageState:
        if status >= 400:
            raise _failure(status, content)
        try:
            state = HomepageState.model_validate_json(content)
        except ValidationError:
            raise refusal(UpstreamUnavailable, "homepage_strange", status=status) from None
        url = urljoin(f"{self._public}/", state.homepage_url) if state.homepage_url else None
        return state.model_copy(update={"result": HomepageResult(homepage_url=url), "job_id": MARK + state.job_id})

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT, middlewares=(calling.carry,))
        return self._session


def is_homepage(job_id: str) -> bool:
    return job_id.startswith(MARK)


def _own(job_id: str) -> str:
    return quote(job_id.removeprefix(MARK), safe="")


def _failure(status: int, content: bytes) -> ServiceError:
    """The exception for an error answer; what is no envelope (a proxy's page) is UpstreamUnavailable."""
    try:
        body = json.loads(content)["error"]
        return BY_CODE.get(body["code"], ServiceError).told(body["message"], body.get("details") or {})
    except (ValueError, KeyError, TypeError):
        return refusal(UpstreamUnavailable, "homepage_strange", status=status)
