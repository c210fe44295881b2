"""Photos by path, in stdio mode alone: only files inside folders that were allowed at start.

A path is resolved first (``..``, symbolic links), and what is opened is what was checked: the file is opened without
following a last link, and looked at by its descriptor.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from nanococoa_mcpserver.errors import bad_argument

_LONGEST: Final = 4096
_JPEG_AS_BASE64: Final = "/9j/"


def looks_like_path(text: str) -> bool:
    """Whether an image argument is a path: base64 has no dots, tildes, colons or backslashes."""
    if len(text) > _LONGEST or text.startswith(("data:", "http:", "https:", "job:", _JPEG_AS_BASE64)):
        return False
    return text.startswith("/") or any(sign in text for sign in ".~:\\")


class Folders:
    """The folders a client may name files in; none over a network."""

    def __init__(self, allowed: Sequence[Path] | None) -> None:
        self._over_network = allowed is None
        self._allowed = [folder.resolve(strict=True) for folder in allowed or ()]

    def read(self, text: str, field: str, limit: int) -> bytes:
        """The file's bytes. Raises InvalidParameter for what is not there or may not be read. Blocking."""
        if self._over_network:
            raise bad_argument(field, "path_over_network")
        if not self._allowed:
            raise bad_argument(field, "path_no_folder")
        return self._open(self._inside(_path(text), field), text, field, limit)

    def _inside(self, path: Path, field: str) -> Path:
        """The real path. One that lies outside is refused whether it exists or not."""
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(folder) for folder in self._allowed):
            raise bad_argument(field, "path_outside", folders=", ".join(map(str, self._allowed)))
        return real

    def _open(self, real: Path, text: str, field: str, limit: int) -> bytes:
        try:
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            raise bad_argument(field, "path_missing", path=text) from None
        with os.fdopen(descriptor, "rb") as file:
            self._check_file(file.fileno(), real, text, field, limit)
            return file.read(limit + 1)

    def _check_file(self, descriptor: int, real: Path, text: str, field: str, limit: int) -> None:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise bad_argument(field, "path_missing", path=text)
        if os.path.realpath(real) != str(real):  # a folder on the way became a link meanwhile
            raise bad_argument(field, "path_outside", folders=", ".join(map(str, self._allowed)))
        if about.st_size > limit:
            raise bad_argument(field, "image_too_large", megabytes=about.st_size / 1e6, limit=limit // 1_000_000)


def _path(text: str) -> Path:
    if text.startswith("file:"):
        return Path(unquote(urlsplit(text).path).replace("\0", ""))
    return Path(text.replace("\0", "")).expanduser()
