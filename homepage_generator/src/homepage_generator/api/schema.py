"""The OpenAPI document: FastAPI's, completed by the token."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

DESCRIPTION: Final = (
    "A shop's own facts become a homepage. Typical use: `POST /generate`, then `GET /status/{job_id}` until `status` "
    "is `completed`; `result.homepage_url` is the page. Changes are `POST /sites/{slug}/edit`, which makes a version; "
    'the world sees what was published last. Every failure is `{"error": {code, message, details, timestamp}}` with '
    "a message for people in Korean or English (`locale`, `Accept-Language`)."
)
TAGS: Final = [
    {"name": "homepages", "description": "Have one made, and what it may look like"},
    {"name": "jobs", "description": "Look, watch, stop, let go on, approve"},
    {"name": "sites", "description": "Versions: look at, change, publish, take back, carry away"},
    {"name": "machine", "description": "How the server is doing"},
]


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Made once, on first use."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="nanoCocoa homepage generator",
        version=version("homepage-generator"),
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
    )
    parts = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "HOMEPAGE_TOKEN, when the server has one"}
    }
    document["security"] = [{"token": []}, {}]
    return document
