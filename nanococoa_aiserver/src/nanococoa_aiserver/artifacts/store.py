"""Files by their content: an id is the SHA-256 of the bytes and a suffix, so the same picture is kept once.

Any store obstore can reach will do. ``put`` returns when the file is durable: object stores promise that themselves,
a local folder gets the file synced, then renamed, then its directory synced.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from nanococoa_aiserver.errors import ArtifactNotFound, InternalError, StorageFull

_SUFFIXES: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "text/html": "html",
    "application/json": "json",
}
_MEDIA_TYPES: Final = {suffix: media_type for media_type, suffix in _SUFFIXES.items()}
_ID: Final = re.compile(r"[0-9a-f]{64}\.(?:" + "|".join(_MEDIA_TYPES) + r")\Z")
_DRAFTS: Final = "draft"
_FULL: Final = ("os error 28", "os error 122", "os error 27", "No space left", "quota", "File too large")
"""ENOSPC, EDQUOT and EFBIG as obstore's messages show them."""


class ArtifactStore:
    """Content-addressed files; safe to use from several threads and processes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, data: bytes, media_type: str) -> str:
        """Store ``data`` durably and return its id. Raises StorageFull when there is no room."""
        artifact = f"{hashlib.sha256(data).hexdigest()}.{_SUFFIXES[media_type]}"
        with _translated(artifact):
            if isinstance(self._store, LocalStore):
                _put_in_folder(self._store, _key(artifact), data)
            else:
                obstore.put(self._store, _key(artifact), data)
        return artifact

    def get(self, artifact: str) -> bytes:
        """The bytes. Raises ArtifactNotFound for unknown ids and for names that are no ids."""
        with _translated(artifact):
            return obstore.get(self._store, _checked(artifact)).bytes().to_bytes()

    def size(self, artifact: str) -> int:
        """Bytes of the file. Raises ArtifactNotFound."""
        return int(self._head(artifact)["size"])

    def modified(self, artifact: str) -> float:
        """When it was last put, in seconds since the epoch. Raises ArtifactNotFound."""
        stamp: datetime = self._head(artifact)["last_modified"]
        return stamp.timestamp()

    def exists(self, artifact: str) -> bool:
        try:
            self._head(artifact)
        except ArtifactNotFound:
            return False
        return True

    def delete(self, artifact: str) -> None:
        """Delete the file; one that is already gone is fine. Raises ArtifactNotFound for names that are no ids."""
        key = _checked(artifact)
        try:
            with _translated(artifact):
                obstore.delete(self._store, key)
        except ArtifactNotFound:
            return

    def ids(self, older_than: float | None = None) -> Iterator[str]:
        """All ids, or those last put before ``older_than`` (seconds since the epoch)."""
        limit = datetime.fromtimestamp(older_than, UTC) if older_than is not None else None
        for batch in obstore.list(self._store):
            for item in batch:
                name = str(item["path"]).rsplit("/", 1)[-1]
                if is_artifact_id(name) and (limit is None or item["last_modified"] < limit):
                    yield name

    def remove_drafts(self, older_than: float) -> None:
        """Delete what writers left behind that were killed before ``older_than`` (seconds since the epoch)."""
        limit = datetime.fromtimestamp(older_than, UTC)
        for batch in obstore.list(self._store, prefix=_DRAFTS):
            obstore.delete(self._store, [item["path"] for item in batch if item["last_modified"] < limit])

    def _head(self, artifact: str) -> Any:
        with _translated(artifact):
            return obstore.head(self._store, _checked(artifact))


def open_store(url: str) -> ArtifactStore:
    """The store behind ``url``: ``file:///folder`` (created if missing), ``s3://bucket/prefix``, ``memory:///``."""
    if url.startswith("file://"):
        return ArtifactStore(LocalStore.from_url(url, mkdir=True))
    return ArtifactStore(from_url(url))


def is_artifact_id(text: str) -> bool:
    """Whether ``text`` is written like an id; says nothing of the file being there."""
    return _ID.match(text) is not None


def media_type_of(artifact: str) -> str:
    """The media type an id's suffix stands for. Raises ArtifactNotFound for names that are no ids."""
    _checked(artifact)
    return _MEDIA_TYPES[artifact.rsplit(".", 1)[1]]


def artifact_ids_in(value: Any) -> set[str]:
    """Every id inside a JSON value: what a job's row or a step's result refers to."""
    if isinstance(value, str):
        return {value} if is_artifact_id(value) else set()
    if isinstance(value, dict):
        return set().union(*map(artifact_ids_in, value.values())) if value else set()
    if isinstance(value, list | tuple):
        return set().union(*map(artifact_ids_in, value)) if value else set()
    return set()


def _key(artifact: str) -> str:
    return f"{artifact[:2]}/{artifact}"


def _checked(artifact: str) -> str:
    if not is_artifact_id(artifact):
        raise ArtifactNotFound(id=artifact[:80])
    return _key(artifact)


def _put_in_folder(store: LocalStore, key: str, data: bytes) -> None:
    """obstore renames its own unsynced file into place, so a power cut could leave an empty one under a good name."""
    final = Path(str(store.prefix)) / key
    if final.is_file() and final.stat().st_size == len(data):
        os.utime(final)
        return
    draft = f"{_DRAFTS}/{uuid.uuid4().hex}"
    try:
        obstore.put(store, draft, data)
        _sync(final.parents[1] / draft)
        obstore.rename(store, draft, key)
    except BaseException:
        (final.parents[1] / draft).unlink(missing_ok=True)
        raise
    _sync(final.parent)
    _sync(final.parents[1])


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated(artifact: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise ArtifactNotFound(id=artifact[:80]) from None
    except (BaseError, OSError) as error:
        if any(sign in str(error) for sign in _FULL):
            raise StorageFull from error
        raise InternalError from error
