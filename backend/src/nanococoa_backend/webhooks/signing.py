"""Signatures as Standard Webhooks says (standardwebhooks.com): any of its libraries can check them."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook as Signer

PREFIX: Final = "whsec_"


def new_secret() -> str:
    """24 random bytes, as the specification asks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signed_headers(secret: str, message_id: str, moment: datetime, body: str) -> dict[str, str]:
    """The headers that let a receiver check who sent ``body`` and when."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Signer(secret).sign(message_id, moment, body),
    }
