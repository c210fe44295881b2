"""The typed client of the aiserver, over HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp
from pydantic import TypeAdapter

from nanococoa_client import calling
from nanococoa_client.api import ImagesAs, JobEvent
from nanococoa_client.errors import BY_CODE, ServiceError, UpstreamUnavailable
from nanococoa_client.messages import Locale
from nanococoa_client.schemas import (
    AnalyzeRequest,
    ClipScoreRequest,
    CutoutRequest,
    EditRequest,
    FontFamily,
    FormatSpec,
    GenerateRequest,
    JobAccepted,
    JobPage,
    JobStatus,
    LightResult,
    RenderRequest,
    Resources,
    StatusResponse,
)
from nanococoa_client.schemas.requests import LightRequest
from nanococoa_client.sse import read_events

RETRY_DELAYS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each new try after a lost connection."""

_SILENCE: Final = 45.0
"""Seconds without a byte (the server sends a sign of life every 15) after which a stream is taken for dead."""

_LONGEST_LINE: Final = 2**20
"""Bytes of an event."""

_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


class AiserverClient:
    """One per process and event loop; ``async with`` or ``close``.

    A request is tried again after a lost connection only when that cannot do its work twice: reading, stopping,
    deleting, and jobs with an idempotency key.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        locale: Locale | None = None,
        timeout: float = 90.0,
        retry_delays: tuple[float, ...] = RETRY_DELAYS,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if locale:
            self._headers["Accept-Language"] = locale
        self._timeout = timeout
        self._retry_delays = retry_delays
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def generate(self, request: GenerateRequest) -> JobAccepted:
        return await self._start("/generate", request)

    async def edit(self, request: EditRequest) -> JobAccepted:
        return await self._start("/edit", request)

    async def status(self, job_id: str, images: ImagesAs = "url") -> StatusResponse:
        answer = await self._call("GET", f"/status/{_part(job_id)}", query={"images": images})
        return StatusResponse.model_validate_json(answer)

    async def events(self, job_id: str, after: int = 0) -> AsyncIterator[JobEvent]:
        """Changes after the event ``after``, until the job's end; goes on by itself after a lost connection."""
        tries = 0
        while True:
            try:
                async for event in self._stream(job_id, after):
                    after, tries = event.id, 0
                    yield event
                return
            except _LOST as lost:
                if tries >= len(self._retry_delays):
                    raise UpstreamUnavailable(service="nanococoa_aiserver") from lost
                await asyncio.sleep(self._retry_delays[tries])
                tries += 1

    async def wait(self, job_id: str, seconds: float | None = None, images: ImagesAs = "url") -> StatusResponse:
        """The job's state when it has ended. Raises TimeoutError after ``seconds``."""
        async with asyncio.timeout(seconds):
            async for _ in self.events(job_id):
                pass
            return await self.status(job_id, images)

    async def stop(self, job_id: str) -> JobAccepted:
        return JobAccepted.model_validate_json(await self._call("POST", f"/stop/{_part(job_id)}", again=True))

    async def resume(
        self, job_id: str, from_step: str | None = None, changes: dict[str, Any] | None = None
    ) -> JobAccepted:
        body = {"from_step": from_step, "changes": changes or {}}
        return JobAccepted.model_validate_json(await self._call("POST", f"/jobs/{_part(job_id)}/resume", body=body))

    async def list_jobs(
        self,
        *,
        status: JobStatus | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        key_prefix: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> JobPage:
        moment = since.isoformat() if since else None
        given = {"status": status, "kind": kind, "since": moment, "key_prefix": key_prefix}
        query = {name: value for name, value in given.items() if value} | {"limit": str(limit), "offset": str(offset)}
        return JobPage.model_validate_json(await self._call("GET", "/jobs", query=query))

    async def delete(self, job_id: str) -> None:
        await self._call("DELETE", f"/jobs/{_part(job_id)}")

    async def artifact(self, artifact: str) -> bytes:
        """The file's bytes; ``artifact`` is an id or a path as answers hold it."""
        return await self._call("GET", f"/artifacts/{_part(artifact.rsplit('/', 1)[-1])}")

    async def cutout(self, request: CutoutRequest) -> LightResult:
        return await self._light("/cutout", request)

    async def render(self, request: RenderRequest) -> LightResult:
        return await self._light("/render", request)

    async def analyze(self, request: AnalyzeRequest) -> LightResult:
        return await self._light("/analyze", request)

    async def clip_score(self, request: ClipScoreRequest) -> LightResult:
        return await self._light("/clip-score", request)

    async def formats(self) -> list[FormatSpec]:
        return TypeAdapter(list[FormatSpec]).validate_json(await self._call("GET", "/formats"))

    async def fonts(self) -> list[FontFamily]:
        return TypeAdapter(list[FontFamily]).validate_json(await self._call("GET", "/fonts"))

    async def font(self, family: str, weight: int, text: str) -> bytes:
        query = {"family": family, "weight": str(weight), "text": text}
        return await self._call("GET", "/fonts/subset", query=query)

    async def resources(self) -> Resources:
        return Resources.model_validate_json(await self._call("GET", "/resources"))

    async def health(self) -> bool:
        """Whether the server answers at all; never raises."""
        try:
            await self._once("GET", "/health", None, None)
        except (ServiceError, *_LOST):
            return False
        return True

    async def _start(self, path: str, request: GenerateRequest | EditRequest) -> JobAccepted:
        body = request.model_dump(mode="json", exclude_unset=True)
        answer = await self._call("POST", path, body=body, again=request.idempotency_key is not None)
        return JobAccepted.model_validate_json(answer)

    async def _light(self, path: str, request: LightRequest) -> LightResult:
        body = request.model_dump(mode="json", exclude_unset=True)
        return LightResult.model_validate_json(await self._call("POST", path, body=body))

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        again: bool = False,
    ) -> bytes:
        """The answer's body, with tries after lost connections where that is safe. Raises the error it tells."""
        delays = self._retry_delays if again or method in ("GET", "DELETE") else ()
        for delay in (*delays, None):
            try:
                return await self._once(method, path, query, body)
            except _LOST as lost:
                if delay is None:
                    raise UpstreamUnavailable(service="nanococoa_aiserver") from lost
                await asyncio.sleep(delay)
        raise AssertionError("the last try returns or raises")

    async def _once(self, method: str, path: str, query: Mapping[str, str] | None, body: Any) -> bytes:
        # A file object goes out piece by piece: pictures as base64 would hold up the event loop in one go.
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        headers = {} if body is None else {"Content-Type": "application/json"}
        async with self._open().request(method, self._base + path, params=query, data=data, headers=headers) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise failure(answer.status, content, answer.headers.get("Retry-After"))
            return content

    async def _stream(self, job_id: str, after: int) -> AsyncIterator[JobEvent]:
        quiet = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_SILENCE)
        headers = {"Last-Event-ID": str(after)} if after else {}
        url = f"{self._base}/jobs/{_part(job_id)}/events"
        async with self._open().get(url, headers=headers, timeout=quiet, read_bufsize=_LONGEST_LINE) as answer:
            if answer.status >= 400:
                raise failure(answer.status, await answer.read(), answer.headers.get("Retry-After"))
            async for event in read_events(answer.content):
                yield event

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=self._timeout, sock_connect=10)
            # A watched job holds its connection: with aiohttp's 100 a hundred watchers would block everything else.
            pool = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=limit, connector=pool, middlewares=(calling.carry,)
            )
        return self._session


def failure(status: int, content: bytes, retry_after: str | None = None) -> ServiceError:
    """The exception for an error answer; what is no envelope (a proxy's page) is UpstreamUnavailable."""
    try:
        body = json.loads(content)["error"]
        error = BY_CODE.get(body["code"], ServiceError).told(body["message"], body.get("details") or {})
    except (ValueError, KeyError, TypeError):
        return UpstreamUnavailable(service=f"nanococoa_aiserver (HTTP {status})")
    error.job_id = body.get("job_id")
    error.retry_after = int(retry_after) if retry_after and retry_after.isdecimal() else None
    return error


def _part(name: str) -> str:
    return quote(name, safe="")
