"""Versions as folders named by their content, and one link per site to what the world sees.

``versions/<slug>/<hash>/…`` never changes once it is there; ``live/<slug>`` is a relative symlink to one of them,
replaced in one step. All of it may stand on a volume that a web server reads.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from homepage_generator.errors import NotFound
from homepage_generator.media import storing

_PART: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_FILE: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


class Folders:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._versions, self._live = root / "versions", root / "live"

    def adopt(self, slug: str, built: Path) -> str:
        """Copy a built site in, whole or not at all; its name is its content's. Raises StorageFull."""
        name = content_hash(built)
        target = self.folder(slug, name)
        if target.is_dir():
            return name
        with storing():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
            try:
                _copy(built, fresh)
                _settle(fresh, target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return name

    def folder(self, slug: str, name: str) -> Path:
        return self._versions / slug / name

    def show(self, slug: str, name: str) -> None:
        """Make the world see this folder from now on."""
        with storing():
            self._live.mkdir(parents=True, exist_ok=True)
            fresh = self._live / f".{slug}-{os.getpid()}-{os.urandom(4).hex()}"
            fresh.symlink_to(Path("..") / "versions" / slug / name)
            fresh.replace(self._live / slug)

    def hide(self, slug: str) -> None:
        (self._live / slug).unlink(missing_ok=True)

    def shown(self) -> dict[str, str]:
        """What the world sees, by site."""
        links = [link for link in self._live.glob("[!.]*") if link.is_symlink()] if self._live.is_dir() else []
        return {link.name: link.readlink().name for link in links}

    def live(self, slug: str) -> Path | None:
        """The folder the world sees; None when nothing is published."""
        link = self._live / slug
        return link.resolve() if link.is_symlink() and link.is_dir() else None

    def remove(self, slug: str, name: str) -> None:
        shutil.rmtree(self.folder(slug, name), ignore_errors=True)

    def remove_site(self, slug: str) -> None:
        self.hide(slug)
        shutil.rmtree(self._versions / slug, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a process that was killed left half-way."""
        for left in self._versions.glob("*/.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        for link in self._live.glob(".*"):
            link.unlink(missing_ok=True)


def content_hash(folder: Path) -> str:
    """Of the files' names and bytes; 20 hex digits."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix().encode()
        content = hashlib.sha256(path.read_bytes()).digest()
        whole.update(len(name).to_bytes(4, "big") + name + content)
    return whole.hexdigest()[:20]


def file_in(folder: Path, path: str) -> Path:
    """A file of a version by the path in an address; empty: its first page. Raises NotFound."""
    parts = (path or "index.html").split("/")
    if not all(_PART.fullmatch(part) for part in parts[:-1]) or not _FILE.fullmatch(parts[-1]):
        raise NotFound("file_not_found")
    file = folder.joinpath(*parts)
    if not file.is_file() or file.is_symlink():
        raise NotFound("file_not_found")
    return file


def _copy(built: Path, fresh: Path) -> None:
    """Files and folders alone, readable for a web server with another user."""
    fresh.chmod(0o755)
    for path in sorted(built.rglob("*")):
        target = fresh / path.relative_to(built)
        if path.is_dir():
            target.mkdir(mode=0o755)
        else:
            shutil.copyfile(path, target)
            target.chmod(0o644)


def _settle(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was quicker, with the same content
            raise
