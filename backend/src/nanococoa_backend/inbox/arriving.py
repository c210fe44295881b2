"""Who may put something into an inbox: the homepage service, by its signature (Standard Webhooks)."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from nanococoa_backend.errors import InvalidField, SignedOut
from nanococoa_backend.inbox.schemas import Arrival, Written
from nanococoa_backend.platform.services import ServicesDep


async def written_message(request: Request, services: ServicesDep) -> Written:
    """Raises SignedOut for a signature that is wrong, old or missing (always, while no secret is set), InvalidField."""
    secret, body = services.settings.inbox_secret, await request.body()
    if secret is None:
        raise SignedOut("inbox_signature")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        Webhook(signing_key(secret)).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        raise SignedOut("inbox_signature") from None
    try:
        return Arrival.model_validate_json(body).data
    except ValidationError as error:
        raise InvalidField(**{_field(error): "invalid"}) from None


def signing_key(secret: SecretStr) -> str:
    """A secret as Standard Webhooks wants it: ``whsec_…`` as it is, any other text by its bytes."""
    text = secret.get_secret_value()
    return text if text.startswith("whsec_") else base64.b64encode(text.encode()).decode()


def _field(error: ValidationError) -> str:
    return "_".join(str(part) for part in error.errors()[0]["loc"]) or "body"


WrittenDep = Annotated[Written, Depends(written_message)]
