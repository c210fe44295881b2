"""The OpenAPI document: FastAPI's, completed by the body that ``/generate`` reads itself and by the token."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from nanococoa_client.schemas import GenerateRequest

DESCRIPTION: Final = (
    "One product photo and a line of copy become finished ad images in every placement's size. Typical use: "
    "`POST /generate`, then `GET /status/{job_id}?images=url` until `status` is `completed`, then "
    '`GET /artifacts/{id}` for each of `outputs`. Every failure is `{"error": {code, message, details, timestamp}}` '
    "with a message for people in Korean or English (`locale`, `Accept-Language`)."
)

TAGS: Final = [
    {"name": "jobs", "description": "Ads: make, watch, stop, resume, list, delete"},
    {"name": "artifacts", "description": "Finished pictures"},
    {"name": "light work", "description": "Quick single tasks, answered at once"},
    {"name": "machine", "description": "What can be chosen, and how the server is doing"},
]

FILE_WORDS: Final = {
    "product_image": "The product's photo",
    "cutout_image": "A ready cut-out (RGBA)",
    "step1_image": "The picture of step 1",
    "logo": "The shop's logo",
}

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
    _, extra = models_json_schema([(GenerateRequest, "validation")], ref_template=_TEMPLATE)
    schemas = extra["$defs"] | parts["schemas"]
    parts["schemas"] = dict(sorted((schemas | {"GenerateForm": _form_of(schemas["GenerateRequest"])}).items()))
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "AISERVER_TOKEN, when the server has one"}
    }
    document["security"] = [{"token": []}, {}]
    return document


def _form_of(request: dict[str, Any]) -> dict[str, Any]:
    """``GenerateRequest`` as a form: pictures may be files, everything else is text."""
    files = {
        name: {"type": "string", "format": "binary", "description": f"{FILE_WORDS[name]} as a file, or as in JSON"}
        for name in FILE_WORDS
    }
    properties = {name: part for name, part in request["properties"].items() if name != "brand"}
    brand = {"type": "string", "description": "JSON, as in GenerateRequest.brand"}
    return {
        "type": "object",
        "title": "GenerateForm",
        "description": "The fields of GenerateRequest as a form; `formats` and `product_box` with commas between.",
        "properties": properties | {"brand": brand} | files,
    }
