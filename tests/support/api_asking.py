"""What a client sends to the API, waits for, and must be told."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
from PIL import Image

from support.waiting import until


def picture(width: int = 64, height: int = 48, mode: str = "RGB", file_type: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), 77).save(file, file_type, **options)
    return file.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


PHOTO = picture()
AD: dict[str, Any] = {"product_image": encoded(PHOTO), "text_content": "햇사과 39,900원", "bg_prompt": "나무 탁자"}


def finished(http: httpx.Client, job_id: str) -> dict[str, Any]:
    def state() -> dict[str, Any] | None:
        body: dict[str, Any] = http.get(f"/status/{job_id}", params={"images": "url"}).json()
        return body if body["status"] in ("completed", "failed", "stopped") else None

    return until(state) or {}


def made(http: httpx.Client, **changes: Any) -> dict[str, Any]:
    return finished(http, http.post("/generate", json=AD | changes).json()["job_id"])


def refused(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The error of an answer that must be an envelope with ``code``."""
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code, error
    assert error["timestamp"]
    assert len(error["message"]) > 10
    assert answer.headers["x-request-id"]
    return error
