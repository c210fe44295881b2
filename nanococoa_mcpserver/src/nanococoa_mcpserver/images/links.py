"""Addresses under which a person or an LLM's host fetches a finished picture: signed, and good for some hours.

The signature covers picture, size and time, so an address opens that one picture and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from nanococoa_mcpserver.errors import LinkExpired, LinkInvalid, refusal

PATH: Final = "/images"
_ARTIFACT: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,5}")
_TICKET: Final = re.compile(r"([0-9a-f]{1,10})-(\d{1,4})-([0-9a-f]{32})")


class Links(Protocol):
    """Makes addresses of artifacts."""

    def link(self, artifact: str, side: int = 0) -> str | None:
        """Where the picture can be fetched, ``side`` pixels at most (0: as it is); None where nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """``{base}/images/{expires}-{side}-{signature}/{artifact}``: no ``&`` that a chat window would escape."""

    base: str
    key: bytes
    seconds: float
    clock: Callable[[], float] = time.time

    def link(self, artifact: str, side: int = 0) -> str:
        expires = int(self.clock() + self.seconds)
        ticket = f"{expires:x}-{side}-{self._signature(artifact, expires, side)}"
        return f"{self.base}{PATH}/{ticket}/{artifact}"

    def open(self, ticket: str, artifact: str) -> int:
        """The size a ticket asks for. Raises LinkInvalid, LinkExpired."""
        parts = _TICKET.fullmatch(ticket)
        if parts is None or _ARTIFACT.fullmatch(artifact) is None:
            raise refusal(LinkInvalid, "link_foreign")
        expires, side = int(parts[1], 16), int(parts[2])
        if not hmac.compare_digest(parts[3], self._signature(artifact, expires, side)):
            raise refusal(LinkInvalid, "link_foreign")
        if expires < self.clock():
            raise refusal(LinkExpired, "link_expired")
        return side

    def _signature(self, artifact: str, expires: int, side: int) -> str:
        text = f"{artifact}\n{expires}\n{side}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class DirectLinks:
    """The aiserver's own addresses: for a client on the same machine and an aiserver that asks for no token."""

    base: str

    def link(self, artifact: str, side: int = 0) -> str:
        return f"{self.base}/artifacts/{artifact}"


class NoLinks:
    """Pictures come as resources alone."""

    def link(self, artifact: str, side: int = 0) -> None:
        return None


def artifact_of(path: str) -> str:
    """The id at the end of a path or address, as answers of the aiserver hold them."""
    return path.rsplit("/", 1)[-1]


def artifact_in(text: str) -> str | None:
    """The id that ``text`` is, or ends with after a slash; None for anything else."""
    name = artifact_of(text.strip())
    return name if _ARTIFACT.fullmatch(name) else None
