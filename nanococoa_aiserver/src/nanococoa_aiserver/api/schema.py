"""The OpenAPI document: FastAPI's, completed by the bodies that two operations read themselves and by the token."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from nanococoa_client.schemas import EditRequest, GenerateRequest

DESCRIPTION: Final = (
    "One product photo and a line of copy become finished ad images in every placement's size. Typical use: "
    "`POST /generate`, then `GET /status/{job_id}?images=url` until `status` is `completed`, then "
    '`GET /artifacts/{id}` for each of `outputs`. Every failure is `{"error": {code, message, details, timestamp}}` '
    "with a message for people in Korean or English (`locale`, `Accept-Language`)."
)

TAGS: Final = [
    {"name": "jobs", "description": "Ads and edits: make, watch, stop, resume, list, delete"},
    {"name": "artifacts", "description": "Finished pictures"},
    {"name": "light work", "description": "Quick single tasks, answered at once"},
    {"name": "machine", "description": "What can be chosen, and how the server is doing"},
]

FILES: Final = {
    "Generate": {
        "product_image": "The product's photo",
        "cutout_image": "A ready cut-out (RGBA)",
        "step1_image": "The picture of step 1",
        "logo": "The shop's logo",
    },
    "Edit": {"image": "The picture", "mask": "White where the picture may change"},
}
"""Pictures that a form may hold as files, by request."""

JSON_FIELDS: Final = {"Generate": ("brand", "adapters"), "Edit": ("adapters",)}

_TEMPLATE: Final = "#/components/schemas/{model}"


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Made once, on first use."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="nanoCocoa aiserver",
        version=version("nanococoa-aiserver"),
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
    )
    parts = document["components"]
    read = [(GenerateRequest, "validation"), (EditRequest, "validation")]
    _, extra = models_json_schema(read, ref_template=_TEMPLATE)  # type: ignore[arg-type]
    schemas = extra["$defs"] | parts["schemas"]
    forms = {f"{name}Form": _form_of(name, schemas[f"{name}Request"]) for name in FILES}
    parts["schemas"] = dict(sorted((schemas | forms).items()))
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "AISERVER_TOKEN, when the server has one"}
    }
    document["security"] = [{"token": []}, {}]
    return document


def _form_of(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """A request as a form: pictures may be files, everything else is text."""
    files = {
        field: {"type": "string", "format": "binary", "description": f"{words} as a file, or as in JSON"}
        for field, words in FILES[name].items()
    }
    json = {
        field: {"type": "string", "description": f"JSON, as in {name}Request.{field}"} for field in JSON_FIELDS[name]
    }
    return {
        "type": "object",
        "title": f"{name}Form",
        "description": f"The fields of {name}Request as a form; lists and `product_box` with commas between, "
        "`reference_images` as files or given several times.",
        "properties": request["properties"] | json | files,
    }
