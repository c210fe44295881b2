"""Passwords as argon2id hashes (RFC 9106's low-memory profile: 64 MiB, 3 passes, 4 lanes), two at a time."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST: Final = 10
LONGEST: Final = 128
FEWEST_LETTERS: Final = 5
"""Different characters: 'aaaaaaaaaa' is long and worthless."""

AT_ONCE: Final = 2
"""Hashes computed at the same time, 64 MiB each: a flood of sign-ins must not eat the machine's memory."""


class Passwords:
    """Hashes and checks; thread-safe."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turn = BoundedSemaphore(AT_ONCE)
        self._nobody = _hash_of_nobody()

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def matches(self, known: str | None, password: str) -> bool:
        """Whether ``password`` belongs to the hash. Without one the same work is done, so that time tells nothing."""
        try:
            with self._turn:
                return self._hasher.verify(known or self._nobody, password) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, known: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(known)


@cache
def _hash_of_nobody() -> str:
    """What passwords of unknown people are compared with; made before anybody signs in, as it takes as long as any."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).hash("nobody has this password")


def weakness(password: str, email: str) -> str | None:
    """Why a new password is refused, as a key of ``forms``; None when it is good enough."""
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    if len(set(password)) < FEWEST_LETTERS or password.lower() in (email.lower(), email.lower().partition("@")[0]):
        return "password_plain"
    return None
