"""Lists and archives as people send them, and a run that is waited for."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from support.dashboard import Browser, photo
from support.waiting import until


def zipped(files: dict[str, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def send(browser: Browser, table: str | bytes, photos: bytes | None = None, **fields: Any) -> Any:
    """POST /batches; the answer."""
    data = table.encode() if isinstance(table, str) else table
    files: list[Any] = [("table", ("목록.csv", data, "text/csv"))]
    if photos is not None:
        files.append(("photos", ("사진.zip", photos, "application/zip")))
    return browser.api("POST", "/batches", files=files, data=fields)


def two_products() -> tuple[str, bytes]:
    table = "상품,가격,문구,사진\n부사 사과,39900,갓 딴 부사 | 산지 직송,사과.jpg\n한과 세트,45000,,한과.jpg\n"
    return table, zipped({"사과.jpg": photo(), "한과.jpg": photo(200, 150)})


def finished(browser: Browser, run_id: str, seconds: float = 180) -> dict[str, Any]:
    """The run when nothing of it is under way any more."""

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = browser.api("GET", f"/batches/{run_id}").json()
        return run if not run["making"] else None

    return until(look, seconds, 0.05) or {}
