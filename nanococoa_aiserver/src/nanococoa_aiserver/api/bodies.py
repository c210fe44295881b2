"""``POST /generate`` and ``POST /edit`` read JSON and forms; both become a request and the files with it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

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
from nanococoa_client.schemas import EditRequest, GenerateRequest
from nanococoa_client.schemas.edit import REFERENCE_LIMIT

Model = TypeVar("Model", GenerateRequest, EditRequest)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Model]):
    """What a form's texts and files stand for in ``model``.

    ``file`` is a field that holds one picture, ``files`` one that holds several; ``numbers`` are whole. An empty text
    in ``kept_empty`` is a mistake worth telling; any other empty form field was simply not filled in.
    """

    model: type[Model]
    file: tuple[str, ...]
    files: tuple[str, ...]
    numbers: tuple[str, ...]
    json: tuple[str, ...]
    lists: tuple[str, ...]
    kept_empty: tuple[str, ...]


AD: Final = Shape(
    GenerateRequest,
    file=("product_image", "cutout_image", "step1_image", "logo"),
    files=(),
    numbers=("start_step", "font_weight", "seed", "priority"),
    json=("brand", "fields", "adapters"),
    lists=("formats",),
    kept_empty=("text_content",),
)
EDIT: Final = Shape(
    EditRequest,
    file=("image", "mask"),
    files=("reference_images",),
    numbers=("steps", "seed", "priority"),
    json=("adapters",),
    lists=("reference_images",),
    kept_empty=("instruction",),
)


@dataclass(frozen=True, slots=True)
class Submission(Generic[Model]):
    """A request and the files uploaded with it, by field."""

    request: Model
    files: dict[str, list[bytes]] = field(default_factory=dict)


def reader(shape: Shape[Model]) -> Callable[[Request], Awaitable[Submission[Model]]]:
    """A dependency that reads requests of this shape."""

    async def read(request: Request) -> Submission[Model]:
        return await read_submission(request, shape)

    return read


async def read_submission(request: Request, shape: Shape[Model]) -> Submission[Model]:
    """Raises InvalidParameter or a ValidationError, which answer as the envelope."""
    request.state.model = shape.model
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return await _from_form(request, shape)
    if kind == "application/json" or kind.endswith("+json"):
        raw = await request.body()
        return Submission(await run_in_threadpool(_from_json, request, raw, shape.model))
    raise InvalidParameter(field="Content-Type", reason=say("reasons", "body_type", locale_of(request)))


AdSubmission: TypeAlias = Annotated[Submission[GenerateRequest], Depends(reader(AD))]
EditSubmission: TypeAlias = Annotated[Submission[EditRequest], Depends(reader(EDIT))]


def _from_json(request: Request, raw: bytes, model: type[Model]) -> Model:
    try:
        body = model.model_validate_json(raw)
    except ValidationError:
        with suppress(ValueError, RecursionError, AttributeError):
            remember(request, json.loads(raw).get("locale"))
        raise
    _remember_given(request, body)
    return body


async def _from_form(request: Request, shape: Shape[Model]) -> Submission[Model]:
    most = len(shape.file) + REFERENCE_LIMIT * len(shape.files)
    try:
        async with request.form(max_files=most, max_fields=64, max_part_size=BODY_LIMIT) as form:
            files = {name: found for name in (*shape.file, *shape.files) if (found := await _contents(form, name))}
            values = _values(form, shape)
    except HTTPException:
        raise InvalidParameter(field="body", reason=say("reasons", "form", locale_of(request))) from None
    remember(request, values.get("locale"))
    given = {name: _typed(name, text, shape) for name, text in values.items()}
    body = shape.model.model_validate(given | _stand_ins(shape, files))
    _remember_given(request, body)
    return Submission(body, files)


def _stand_ins(shape: Shape[Model], files: dict[str, list[bytes]]) -> dict[str, str]:
    """A required picture that came as a file is not missing."""
    needed = [name for name, field_ in shape.model.model_fields.items() if field_.is_required()]
    return {name: "" for name in shape.file if name in needed and name in files}


async def _contents(form: FormData, name: str) -> list[bytes]:
    """The files of a field."""
    uploads = [upload for upload in form.getlist(name) if isinstance(upload, UploadFile)]
    if any((upload.size or 0) > IMAGE_LIMIT for upload in uploads):
        raise PayloadTooLarge(limit_mb=IMAGE_LIMIT // 1_000_000)
    return [await upload.read() for upload in uploads]


def _values(form: FormData, shape: Shape[Model]) -> dict[str, str | list[str]]:
    """Text fields by name; ``lists`` may be given several times. Files among them are kept by ``_contents``."""
    values: dict[str, str | list[str]] = {}
    for name in form:
        texts = [text for text in form.getlist(name) if isinstance(text, str)]
        if name in (*shape.file, *shape.files) and not texts:
            continue
        if name in shape.lists and (len(texts) > 1 or name in shape.files):
            values[name] = texts
        elif texts and (texts[-1].strip() or name in shape.kept_empty):
            values[name] = texts[-1]
        elif not texts:
            values[name] = ""
    return values


def _typed(name: str, text: str | list[str], shape: Shape[Model]) -> Any:
    """A form knows only text: what is a number, a box or an object in JSON is read as such."""
    if isinstance(text, list):
        return text
    if name in shape.numbers and text.strip().isdecimal():
        return int(text)
    if name == "product_box":
        return [int(part) if part.strip().isdecimal() else part for part in text.strip(" []").split(",")]
    if name in shape.json:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text


def _remember_given(request: Request, body: GenerateRequest | EditRequest) -> None:
    if "locale" in body.model_fields_set:
        remember(request, body.locale)
