"""Sending one letter to an address that a customer gave: public addresses only, no redirects, bounded in time and size.

A name is resolved once and the connection goes to the very address that was looked at, so that a name can't point
to the inside a moment later (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

TIMEOUT: Final = 10.0
"""Seconds for the whole exchange."""

READ: Final = 400
"""Characters of an answer that are kept for the log."""

USER_AGENT: Final = "nanoCocoa-webhooks/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is None when there was none; ``text`` then says why."""

    status: int | None
    text: str

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class PrivateAddressError(OSError):
    """The name leads to this machine or a private network."""


class Post:
    """One per process; ``close`` at the end. ``private_too``: for receivers in one's own network."""

    def __init__(self, *, private_too: bool = False) -> None:
        self._private_too = private_too
        resolver = aiohttp.ThreadedResolver() if private_too else PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Answer:
        """Never raises for what the other side does."""
        if not self._private_too and _is_private_literal(url):
            return Answer(None, "private address")
        sent = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **headers}
        try:
            async with self._session.post(url, data=body.encode(), headers=sent, allow_redirects=False) as answer:
                return Answer(answer.status, _printable(await answer.content.read(READ)))
        except TimeoutError:
            return Answer(None, "timed out")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, "private address" if _is_about_private(error) else type(error).__name__)

    async def close(self) -> None:
        await self._session.close()


class PublicResolver(AbstractResolver):
    """The system's resolver, without addresses that lead inside."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        public = [entry for entry in found if is_public(str(entry[4][0]))]
        if not public:
            raise PrivateAddressError(host)
        return [_resolved(host, port, entry) for entry in public]

    async def close(self) -> None:
        return None


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; one wrapped in IPv6 counts as what it wraps."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if wrapped is not None:
            return wrapped.is_global and not wrapped.is_multicast
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def _is_private_literal(url: str) -> bool:
    """A host that is an address is never asked of a resolver."""
    host = urlsplit(url).hostname or ""
    try:
        return not is_public(host)
    except ValueError:
        return False


def _resolved(host: str, port: int, entry: Any) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(entry[4][0]),
        port=port,
        family=entry[0],
        proto=entry[2],
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _is_about_private(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, PrivateAddressError):
            return True
        error = getattr(error, "os_error", None) or error.__cause__
    return False


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:READ]
