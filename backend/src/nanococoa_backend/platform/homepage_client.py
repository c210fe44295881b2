"""The homepage service over HTTP, by the contract of ``homepage_contract``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, ValidationError

from nanococoa_backend.errors import HomepagesDown
from nanococoa_backend.platform.homepage_contract import (
    Accepted,
    Commission,
    Edit,
    JobState,
    Options,
    Published,
    Sections,
    VersionChoice,
    Versions,
)
from nanococoa_client import calling
from nanococoa_client.errors import BY_CODE, ServiceError

LARGEST_ANSWER: Final = 4 * 2**20
"""Bytes of JSON; a service that says more is not believed."""

LARGEST_FILE: Final = 25 * 2**20

_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=30)
_STREAM: Final = aiohttp.ClientTimeout(total=600, sock_connect=5, sock_read=60)
_LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)

Answered = TypeVar("Answered", bound=BaseModel)


class ForeignRefusal(ServiceError):
    """A refusal by a code that only the homepage service has; ``details`` name it."""

    code, status = "REFUSED", 422


class ForeignOutage(ServiceError):
    """The same for a failure that may pass."""

    code, status = "UPSTREAM_UNAVAILABLE", 503


class HomepageClient:
    """One per process. Whatever goes wrong is a ServiceError: HomepagesDown when it is away or answers nonsense."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"Accept-Language": "ko"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def health(self) -> bool:
        """Whether it answers at all; never raises."""
        try:
            await self._call("GET", "/health")
        except ServiceError as error:
            return not isinstance(error, HomepagesDown)
        return True

    async def options(self) -> Options:
        return await self._read(Options, "GET", "/options")

    async def generate(self, commission: Commission, key: str) -> Accepted:
        return await self._read(Accepted, "POST", "/generate", commission, key)

    async def status(self, job_id: str) -> JobState:
        return await self._read(JobState, "GET", f"/status/{_part(job_id)}")

    async def stop(self, job_id: str) -> Accepted:
        return await self._read(Accepted, "POST", f"/stop/{_part(job_id)}")

    async def versions(self, slug: str) -> Versions:
        return await self._read(Versions, "GET", f"/sites/{_part(slug)}/versions")

    async def sections(self, slug: str, version: str) -> Sections:
        return await self._read(Sections, "GET", f"/sites/{_part(slug)}/versions/{_part(version)}")

    async def edit(self, slug: str, edit: Edit, key: str) -> Accepted:
        return await self._read(Accepted, "POST", f"/sites/{_part(slug)}/edit", edit, key)

    async def publish(self, slug: str, version: str) -> Published:
        return await self._read(Published, "POST", f"/sites/{_part(slug)}/publish", VersionChoice(version=version))

    async def roll_back(self, slug: str, version: str) -> Published:
        return await self._read(Published, "POST", f"/sites/{_part(slug)}/rollback", VersionChoice(version=version))

    async def unpublish(self, slug: str) -> Published:
        return await self._read(Published, "POST", f"/sites/{_part(slug)}/unpublish")

    async def remove(self, slug: str) -> None:
        """The site with all its versions and messages, for good. One that is gone already is fine."""
        try:
            await self._call("DELETE", f"/sites/{_part(slug)}")
        except ServiceError as error:
            if error.status != 404:
                raise

    async def preview(self, slug: str, version: str, path: str) -> tuple[bytes, str]:
        """A file of a version, and its media type. ``path`` has been checked by the caller."""
        parts = "/".join(_part(part) for part in path.split("/"))
        return await self._file(f"/sites/{_part(slug)}/versions/{_part(version)}/preview/{parts}")

    async def screenshot(self, job_id: str, name: str) -> tuple[bytes, str]:
        return await self._file(f"/jobs/{_part(job_id)}/screenshots/{_part(name)}")

    @asynccontextmanager
    async def export(self, slug: str, version: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """A version as a ZIP, piece by piece."""
        url = f"{self._base}/sites/{_part(slug)}/export.zip"
        try:
            async with self._open().get(url, params={"version": version}, timeout=_STREAM) as answer:
                if answer.status >= 400:
                    raise _failure(answer.status, await answer.read(), answer.headers.get("Retry-After"))
                yield answer.content.iter_chunked(64 * 1024)
        except _LOST as lost:
            raise HomepagesDown(retry_after=10) from lost

    async def _read(
        self, model: type[Answered], method: str, path: str, body: BaseModel | None = None, key: str | None = None
    ) -> Answered:
        content, _ = await self._call(method, path, body, key)
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            raise HomepagesDown("homepages_strange") from error

    async def _file(self, path: str) -> tuple[bytes, str]:
        return await self._call("GET", path, largest=LARGEST_FILE)

    async def _call(
        self,
        method: str,
        path: str,
        body: BaseModel | None = None,
        key: str | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> tuple[bytes, str]:
        headers = {"Idempotency-Key": key} if key else {}
        sent: Any = body.model_dump(mode="json", exclude_none=True) if body is not None else None
        try:
            async with self._open().request(
                method, self._base + path, json=sent, headers=headers, allow_redirects=False
            ) as answer:
                content = await _bounded(answer, largest)
                if answer.status >= 300:
                    raise _failure(answer.status, content, answer.headers.get("Retry-After"))
                return content, answer.content_type
        except _LOST as lost:
            raise HomepagesDown(retry_after=10) from lost

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT, middlewares=(calling.carry,))
        return self._session


async def _bounded(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > largest:
            raise HomepagesDown("homepages_strange")
    return bytes(content)


def _failure(status: int, content: bytes, retry_after: str | None) -> ServiceError:
    """What an error answer tells; what is no envelope (a proxy's page) is an outage."""
    try:
        body = json.loads(content)["error"]
        known = BY_CODE.get(body["code"])
        error = (known or (ForeignOutage if status >= 500 else ForeignRefusal)).told(
            str(body["message"])[:500], {"code": body["code"]}
        )
    except (ValueError, KeyError, TypeError):
        return HomepagesDown("homepages_strange")
    error.retry_after = int(retry_after) if retry_after and retry_after.isdecimal() else None
    return error


def _part(text: str) -> str:
    return quote(text, safe="")
