"""Sending one letter to an address that a customer gave: public addresses only, no redirects, bounded in time and size.

A name is resolved once and the connection goes to the very address that was looked at, so that a name can't point
to the inside a moment later (DNS rebinding). What a host looks like says nothing (``127。0。0。1`` is this machine, to
whoever normalises it): each address is looked at when a socket is opened for it.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import AddrInfoType

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
    """An address of this machine or of a private network."""


class Post:
    """One per process; ``close`` at the end. ``private_too``: for receivers in one's own network."""

    def __init__(self, *, private_too: bool = False) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=None if private_too else public_socket,
                use_dns_cache=False,
                force_close=True,
            ),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Answer:
        """Never raises for what the other side does."""
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


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; one wrapped in IPv6 counts as what it wraps."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if wrapped is not None:
            return wrapped.is_global and not wrapped.is_multicast
        if any(found in network for network in _LOCAL):
            return False
        if any(found in network for network in _WRAPPING):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


_LOCAL: Final = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("fec0::/10"))
"""A network's own NAT64, and addresses of a site: ``is_global`` takes both for the internet's."""

_WRAPPING: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""NAT64, and the addresses that were compatible with IPv4: their last four bytes are what counts."""


def public_socket(address: AddrInfoType) -> socket.socket:
    """A socket for an address of the open internet. Raises PrivateAddressError."""
    family, kind, protocol, _, (host, *_) = address
    if not is_public(str(host)):
        raise PrivateAddressError  # always the same: several of them are told as one
    return socket.socket(family, kind, protocol)


def _is_about_private(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, PrivateAddressError):
            return True
        error = getattr(error, "os_error", None) or error.__cause__
    return False


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:READ]
