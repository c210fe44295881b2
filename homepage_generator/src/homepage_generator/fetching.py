"""Pictures that a commission names instead of bringing: artifacts of our own aiserver, and nothing else.

No other address is asked, whatever a client says: what stands in our network is nobody's to read through us.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from pydantic import SecretStr

from homepage_generator.errors import InvalidPicture

LARGEST: Final = 20_000_000
SECONDS: Final = 10
_ARTIFACT: Final = re.compile(r"(?:/?artifacts/)?([0-9a-f]{64}\.(?:png|jpg|webp))")


class ArtifactPictures:
    """``aiserver`` is its address. Blocking."""

    def __init__(self, aiserver: str, token: SecretStr | None = None) -> None:
        self._aiserver = aiserver
        self._headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        self._web = build_opener(_NoRedirects, ProxyHandler({}))

    def __call__(self, named: str) -> bytes:
        """The picture's bytes. Raises InvalidPicture for any other address, one that is gone, or no answer."""
        request = Request(f"{self._aiserver}/artifacts/{self._artifact(named)}", headers=self._headers)  # noqa: S310
        try:
            with self._web.open(request, timeout=SECONDS) as answer:
                data: bytes = answer.read(LARGEST + 1)
        except (URLError, OSError, ValueError) as error:
            raise InvalidPicture("image_fetch") from error
        if len(data) > LARGEST:
            raise InvalidPicture("image_bytes", limit=LARGEST // 1_000_000)
        return data

    def _artifact(self, named: str) -> str:
        path = named
        if urlsplit(named).scheme:
            if not named.startswith(f"{self._aiserver}/"):
                raise InvalidPicture("image_address")
            path = named.removeprefix(self._aiserver)
        found = _ARTIFACT.fullmatch(path)
        if found is None:
            raise InvalidPicture("image_address")
        return found[1]


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Where it would lead is not ours to ask."""
