"""Several files as one ZIP, written while it is sent: memory holds one picture, whatever the number."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nanococoa_backend.platform.store import AssetStore

MEDIA_TYPE: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class Entry:
    """``key``: where the file is kept."""

    name: str
    key: str
    made: datetime


def zip_of(store: AssetStore, entries: Sequence[Entry]) -> Iterator[bytes]:
    """Stored, not squeezed: pictures are as small as they get. Two entries of one name get numbers."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, entry in zip(_distinct([entry.name for entry in entries]), entries, strict=True):
            info = zipfile.ZipInfo(name, entry.made.timetuple()[:6])
            info.external_attr = 0o644 << 16
            archive.writestr(info, store.get(entry.key))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What was written since it was last taken; it cannot go back, so sizes follow each file."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # what zipfile writes
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken


def _distinct(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        stem, _, suffix = name.rpartition(".")
        found.append(name if seen[name] == 1 else f"{stem}-{seen[name]}.{suffix}")
    return found
