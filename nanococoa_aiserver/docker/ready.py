"""The container's health check: exit 0 when ``/ready`` says that database, files and a worker are there."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException


def is_ready() -> bool:
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    token = os.environ.get("AISERVER_TOKEN", "")
    try:
        connection.request("GET", "/ready", headers={"Authorization": f"Bearer {token}"} if token else {})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_ready() else 1)
