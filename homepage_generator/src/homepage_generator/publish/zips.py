"""A version as a ZIP: the same version is the same bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Final

_IN_MEMORY: Final = 8 * 2**20
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_PACKED: Final = (".webp", ".png", ".jpg", ".woff2")


def zipped(folder: Path) -> IO[bytes]:
    """The archive, at its beginning; the caller closes it. Names and times depend on the content alone."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- the caller's
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    file.seek(0)
    return file
