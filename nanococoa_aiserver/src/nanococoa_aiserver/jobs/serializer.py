"""What DBOS keeps as JSON instead of pickles: readable in the database, and no code runs when it is read."""

from __future__ import annotations

import json
from typing import Any

from dbos import Serializer

from nanococoa_aiserver.errors import InternalError, ServiceError
from nanococoa_client.errors import from_json

_FAILURE = "$failure"


class JsonSerializer(Serializer):
    """JSON values as they are, failures by code, key and details. An unexpected exception becomes InternalError."""

    def name(self) -> str:
        return "nanococoa_json"

    def serialize(self, data: Any) -> str:
        return json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:
        return parse(serialized_data)


def parse(text: str) -> Any:
    """The value, or the failure, that was written."""
    value = json.loads(text)
    return from_json(value[_FAILURE]) if isinstance(value, dict) and _FAILURE in value else value


def _plain(data: Any) -> Any:
    if isinstance(data, ServiceError):
        return {_FAILURE: data.to_json()}
    if isinstance(data, BaseException):
        return {_FAILURE: InternalError().to_json()}
    return data
