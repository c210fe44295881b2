"""``POST /generate`` reads JSON and forms; both become one ``GenerateRequest`` and the files that came with it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from nanococoa_aiserver.api.gate import BODY_LIMIT
from nanococoa_aiserver.api.language import locale_of, remember
from nanococoa_aiserver.api.pictures import IMAGE_LIMIT
from nanococoa_aiserver.errors import InvalidParameter, PayloadTooLarge
from nanococoa_client.messages import say
from nanococoa_client.schemas import GenerateRequest

FILES: Final = ("product_image", "cutout_image", "step1_image", "logo")
_NUMBERS: Final = ("start_step", "font_weight", "seed", "priority")
_JSON: Final = ("brand", "fields")
_KEPT_EMPTY: Final = ("text_content",)
"""An empty text is a mistake worth telling; any other empty form field was simply not filled in."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A request and the files uploaded with it, by field."""

    request: GenerateRequest
    files: dict[str, bytes] = field(default_factory=dict)


async def read_submission(request: Request) -> Submission:
    """Raises InvalidParameter or a ValidationError, which answer as the envelope."""
    request.state.model = GenerateRequest
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return await _from_form(request)
    if kind == "application/json" or kind.endswith("+json"):
        raw = await request.body()
        return Submission(await run_in_threadpool(_from_json, request, raw))
    raise InvalidParameter(field="Content-Type", reason=say("reasons", "body_type", locale_of(request)))


SubmissionDep: TypeAlias = Annotated[Submission, Depends(read_submission)]


def _from_json(request: Request, raw: bytes) -> GenerateRequest:
    try:
        body = GenerateRequest.model_validate_json(raw)
    except ValidationError:
        with suppress(ValueError, RecursionError, AttributeError):
            remember(request, json.loads(raw).get("locale"))
        raise
    _remember_given(request, body)
    return body


async def _from_form(request: Request) -> Submission:
    try:
        async with request.form(max_files=len(FILES), max_fields=64, max_part_size=BODY_LIMIT) as form:
            files = {name: await _content(form, name) for name in FILES if isinstance(form.get(name), UploadFile)}
            values = _values(form)
    except HTTPException:
        raise InvalidParameter(field="body", reason=say("reasons", "form", locale_of(request))) from None
    remember(request, values.get("locale"))
    body = GenerateRequest.model_validate({name: _typed(name, text) for name, text in values.items()})
    _remember_given(request, body)
    return Submission(body, files)


async def _content(form: FormData, name: str) -> bytes:
    upload = form[name]
    assert isinstance(upload, UploadFile)
    if (upload.size or 0) > IMAGE_LIMIT:
        raise PayloadTooLarge(limit_mb=IMAGE_LIMIT // 1_000_000)
    return await upload.read()


def _values(form: FormData) -> dict[str, str | list[str]]:
    """Text fields by name; ``formats`` may be given several times. Files among them are kept by ``_content``."""
    values: dict[str, str | list[str]] = {}
    for name in form:
        texts = [text for text in form.getlist(name) if isinstance(text, str)]
        if name in FILES and not texts:
            continue
        if name == "formats" and len(texts) > 1:
            values[name] = texts
        elif texts and (texts[-1].strip() or name in _KEPT_EMPTY):
            values[name] = texts[-1]
        elif not texts:
            values[name] = ""
    return values


def _typed(name: str, text: str | list[str]) -> Any:
    """A form knows only text: what is a number, a box or an object in JSON is read as such."""
    if isinstance(text, list):
        return text
    if name in _NUMBERS and text.strip().isdecimal():
        return int(text)
    if name == "product_box":
        return [int(part) if part.strip().isdecimal() else part for part in text.strip(" []").split(",")]
    if name in _JSON:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text


def _remember_given(request: Request, body: GenerateRequest) -> None:
    if "locale" in body.model_fields_set:
        remember(request, body.locale)
