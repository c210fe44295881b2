"""Pictures by their content, in a folder or an object store: a key is the business and the SHA-256 of the bytes.

``put`` returns when the file is durable: object stores promise that themselves, a local folder gets the file synced,
then renamed, then its directory synced. A business' files share a prefix, so that they can be removed together.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from nanococoa_backend.errors import NotFound, StoreFull, Unexpected

SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "application/json": "json"}
_FULL: Final = ("os error 28", "os error 122", "os error 27", "No space left", "quota", "File too large")
"""ENOSPC, EDQUOT and EFBIG as obstore's messages show them."""


@dataclass(frozen=True, slots=True)
class Stored:
    key: str
    size: int
    modified_at: datetime


class AssetStore:
    """Files of businesses; safe to use from several threads and processes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, business_id: uuid.UUID, data: bytes, media_type: str) -> str:
        """Store ``data`` durably and return its key. Raises StoreFull when there is no room."""
        key = f"{business_id.hex}/{hashlib.sha256(data).hexdigest()}.{SUFFIXES[media_type]}"
        with _translated():
            if isinstance(self._store, LocalStore):
                _put_in_folder(self._store, key, data)
            else:
                obstore.put(self._store, key, data)
        return key

    def get(self, key: str) -> bytes:
        """The bytes. Raises NotFound."""
        with _translated():
            return obstore.get(self._store, key).bytes().to_bytes()

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        return self._head(key) is not None

    def size(self, key: str) -> int:
        """Bytes of a file; 0 where there is none."""
        found = self._head(key)
        return found["size"] if found else 0

    def put_file(self, business_id: uuid.UUID, name: str, file: Path) -> str:
        """Store a file that is too large for memory under a name of its own; ``put``'s promises hold."""
        key = f"{business_id.hex}/{name}"
        with _translated():
            if isinstance(self._store, LocalStore):
                _into_folder(self._store, key, file)
            else:
                obstore.put(self._store, key, file)
        return key

    def stream(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces. Raises NotFound at once."""
        with _translated():
            found = obstore.get(self._store, key)
        return (bytes(piece) for piece in found.stream(min_chunk_size=2**20))

    def listed(self, business_id: uuid.UUID) -> Iterator[Stored]:
        """Every file of a business."""
        with _translated():
            for batch in obstore.list(self._store, prefix=business_id.hex):
                for item in batch:
                    yield Stored(item["path"], item["size"], item["last_modified"])

    def remove_old(self, keys: Sequence[str], before: datetime) -> int:
        """Delete files that nobody has put again since ``before``; how many went."""
        with _translated():
            old = [key for key in keys if (at := self._modified(key)) is not None and at < before]
            if old:
                obstore.delete(self._store, old)
        return len(old)

    def _modified(self, key: str) -> datetime | None:
        found = self._head(key)
        return found["last_modified"] if found else None

    def _head(self, key: str) -> obstore.ObjectMeta | None:
        with _translated():
            try:
                return obstore.head(self._store, key)
            except (NotFoundError, FileNotFoundError):
                return None

    def works(self) -> bool:
        """Whether something can be written and read. Raises StoreFull, Unexpected."""
        key = f"probe/{uuid.uuid4().hex}"
        with _translated():
            obstore.put(self._store, key, b"ok")
            answer = obstore.get(self._store, key).bytes().to_bytes()
            obstore.delete(self._store, key)
        return answer == b"ok"

    def free(self) -> int | None:
        """Bytes left; None where that is not known."""
        if not isinstance(self._store, LocalStore):
            return None
        return shutil.disk_usage(str(self._store.prefix)).free

    def remove_all(self, business_id: uuid.UUID) -> None:
        """Delete every file of a business."""
        with _translated():
            for batch in obstore.list(self._store, prefix=business_id.hex):
                obstore.delete(self._store, [item["path"] for item in batch])


def open_store(url: str) -> AssetStore:
    """The store behind ``url``: ``file:///folder`` (created if missing), ``s3://bucket/prefix``, ``memory:///``."""
    if url.startswith("file://"):
        return AssetStore(LocalStore.from_url(url, mkdir=True))
    return AssetStore(from_url(url))


def _put_in_folder(store: LocalStore, key: str, data: bytes) -> None:
    """obstore renames its own unsynced file into place, so a power cut could leave an empty one under a good name."""
    final = Path(str(store.prefix)) / key
    with suppress(FileNotFoundError):
        if final.stat().st_size == len(data):
            os.utime(final)  # it is wanted anew: what sweeps up old files leaves it
            return
    _into_folder(store, key, data)


def _into_folder(store: LocalStore, key: str, data: bytes | Path) -> None:
    final = Path(str(store.prefix)) / key
    draft = f"draft/{uuid.uuid4().hex}"
    try:
        obstore.put(store, draft, data)
        _sync(final.parents[1] / draft)
        obstore.rename(store, draft, key)
    except BaseException:
        (final.parents[1] / draft).unlink(missing_ok=True)
        raise
    _sync(final.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise NotFound from None
    except (BaseError, OSError) as error:
        if any(sign in str(error) for sign in _FULL):
            raise StoreFull from error
        raise Unexpected from error
