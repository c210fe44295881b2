"""The OpenAPI document of ``/api/v1``."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

DESCRIPTION: Final = (
    "What the dashboard's pages do, for programs. Sign in with `POST /api/v1/session`; the answer sets a cookie. "
    "Unsafe requests carry `X-CSRF-Token`, from `GET /api/v1/csrf`. A program sends an API token instead, as "
    "`Authorization: Bearer …`, for which `read` or `write` says what it may do. Every failure is the error envelope, "
    "in the language of `Accept-Language` (ko, en). A request that changes something may carry an `Idempotency-Key`: "
    "sent again within a day, with the same body, it is answered as before and done once."
)
TAGS: Final = [
    {"name": "account", "description": "Signing in and out, password, where one is signed in"},
    {"name": "businesses", "description": "Shops: facts, brand, footer, and who works for them"},
    {"name": "system", "description": "How the services are, and what failed lately"},
    {"name": "admin", "description": "For whoever runs the installation: accounts, usage, limits, the log"},
    {"name": "leaving", "description": "Taking everything along, deleting, and coming back"},
    {"name": "products", "description": "Products, their photos and cut-outs"},
    {"name": "tokens", "description": "API tokens for programs, and whether one is good"},
    {
        "name": "webhooks",
        "description": "Addresses that are told when ads, homepages and runs of many end, and what was sent to them",
    },
    {
        "name": "ads",
        "description": "Ordering, following and stopping ads of products; what they can be made of",
    },
    {"name": "pictures", "description": "Pictures changed by words, asked about, held against a text"},
    {"name": "gallery", "description": "Finding, marking, downloading, sharing and deleting ads; their versions"},
    {"name": "media", "description": "Pictures by address"},
]


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Made once, on first use."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="nanoCocoa dashboard",
            version=version("nanococoa-backend"),
            description=DESCRIPTION,
            routes=app.routes,
            tags=TAGS,
        )
        document["components"]["securitySchemes"] = {
            "cookie": {"type": "apiKey", "in": "cookie", "name": "nanococoa"},
            "token": {"type": "http", "scheme": "bearer"},
        }
        document["security"] = [{"cookie": []}, {"token": []}]
        app.openapi_schema = document
    return app.openapi_schema
