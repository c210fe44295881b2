"""Photos that came with a list: single files and ZIPs, found by the name that a row gives. Nothing is unpacked to disk.

What an archive says of itself is not believed: entries are counted, and read no further than a photo may be large.
"""

from __future__ import annotations

import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from nanococoa_backend.platform.pictures import MAX_BYTES

MOST_ENTRIES: Final = 2000
MOST_UNPACKED: Final = 600_000_000
"""Bytes that are unpacked for one list."""

MOST_RATIO: Final = 200
"""A photo is packed already; what shrinks more than this is no photo but a bomb."""

SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".bmp", ".gif", ".tif", ".tiff"}
)
_UTF8_FLAG: Final = 0x800
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


class ArchiveProblem(Exception):
    """The archive, or a photo in it, can't be used; ``key`` says why (``batch.photos.*``)."""

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key)
        self.key, self.details = key, details


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent. ``file`` can be read from the start and gone about in."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class _Photo:
    path: str
    read: Callable[[], bytes]


class Photos:
    """Every photo that was sent. Raises ArchiveProblem for an archive that can't be opened."""

    def __init__(self, uploads: Sequence[Upload]) -> None:
        self._left = MOST_UNPACKED
        self._photos: list[_Photo] = []
        self._used: set[str] = set()
        for upload in uploads:
            self._add(upload)

    def __len__(self) -> int:
        return len(self._photos)

    def find(self, name: str) -> bytes:
        """The photo of that name, with or without its folder and suffix, in any case. Raises ArchiveProblem."""
        found = self._matching(_key(name))
        if not found:
            raise ArchiveProblem("missing", name=name[:80])
        if len(found) > 1:
            raise ArchiveProblem("ambiguous", name=name[:80])
        self._used.add(found[0].path)
        return found[0].read()

    def unused(self) -> list[str]:
        """Photos no row asked for."""
        return sorted(photo.path for photo in self._photos if photo.path not in self._used)

    def _matching(self, wanted: str) -> list[_Photo]:
        for name_of in (_key, _file_name, _stem):
            found = [photo for photo in self._photos if name_of(photo.path) == wanted]
            if found:
                return found
        return [photo for photo in self._photos if _file_name(photo.path) == _file_name(wanted)]

    def _add(self, upload: Upload) -> None:
        if not zipfile.is_zipfile(upload.file):
            if PurePosixPath(upload.name).suffix.casefold() == ".zip":
                raise ArchiveProblem("broken", name=upload.name[:80])
            self._photos.append(_Photo(upload.name, lambda: self._counted(_start_of(upload.file), upload.name)))
            return
        try:
            archive = zipfile.ZipFile(upload.file)
            entries = archive.infolist()
        except _BROKEN:
            raise ArchiveProblem("broken", name=upload.name[:80]) from None
        if len(entries) > MOST_ENTRIES:
            raise ArchiveProblem("too_many", limit=MOST_ENTRIES)
        self._photos += [self._entry(archive, entry) for entry in entries if _is_photo(entry)]

    def _entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> _Photo:
        path = entry_name(entry)
        return _Photo(path, lambda: self._unpacked(archive, entry, path))

    def _unpacked(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> bytes:
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveProblem("encrypted", name=path[:80])
        if entry.file_size > MAX_BYTES:
            raise ArchiveProblem("too_large", name=path[:80], limit=MAX_BYTES // 1_000_000)
        if entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            raise ArchiveProblem("bomb", name=path[:80])
        try:
            with archive.open(entry) as file:
                return self._counted(file.read(MAX_BYTES + 1), path)
        except _BROKEN:
            raise ArchiveProblem("broken", name=path[:80]) from None

    def _counted(self, data: bytes, name: str) -> bytes:
        if len(data) > MAX_BYTES:
            raise ArchiveProblem("too_large", name=name[:80], limit=MAX_BYTES // 1_000_000)
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveProblem("all_too_large", limit=MOST_UNPACKED // 1_000_000)
        return data


def entry_name(entry: zipfile.ZipInfo) -> str:
    """A name as its writer meant it: Korean Windows writes CP949 without saying so, macOS UTF-8 without saying so."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_photo(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry_name(entry).replace("\\", "/"))
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in path.parts)
    return not entry.is_dir() and not hidden and path.suffix.casefold() in SUFFIXES


def _start_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(MAX_BYTES + 1)


def _key(path: str) -> str:
    """One spelling for all: macOS takes Hangul apart, Windows turns slashes around."""
    return unicodedata.normalize("NFC", path).replace("\\", "/").strip().strip("/").casefold()


def _file_name(path: str) -> str:
    return PurePosixPath(_key(path)).name


def _stem(path: str) -> str:
    return PurePosixPath(_key(path)).stem
