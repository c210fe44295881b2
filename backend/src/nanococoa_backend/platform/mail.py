"""Letters to customers: a port, and the default that writes each letter to a file for whoever runs the machine."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from nanococoa_backend.platform.tables import now


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    def send(self, letter: Letter) -> None: ...


class FileMailer:
    """One ``.eml`` per letter, readable by its owner alone: letters hold links that open accounts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}.eml"
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_message(letter).as_bytes())


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"], message["Date"] = letter.to, letter.subject, now()
    message.set_content(letter.text)
    return message
