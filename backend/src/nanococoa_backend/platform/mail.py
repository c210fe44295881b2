"""Letters to customers: a port, a mailer that writes files for whoever runs the machine, and one that speaks SMTP."""

from __future__ import annotations

import os
import smtplib
import ssl
import uuid
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from nanococoa_backend.platform.tables import now

TIMEOUT: Final = 20.0
"""Seconds for each step of talking to a mail server."""


@dataclass(frozen=True, slots=True)
class Letter:
    """``id`` stays the same over all tries, so that a mail server can tell a second copy."""

    to: str
    subject: str
    text: str
    id: str = ""


class NotTaken(Exception):
    """The letter did not get away; ``for_good``: another try would not help."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Blocks until the letter is away. Raises NotTaken."""
        ...


class FileMailer:
    """One ``.eml`` per letter, readable by its owner alone: letters hold links that open accounts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter) -> None:
        name = f"{now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_message(letter).as_bytes())
        except OSError as error:
            with suppress(OSError):
                (self._folder / name).unlink()
            raise NotTaken(str(error)) from error


class SmtpMailer:
    """``url``: ``smtp://user:password@host:587`` (STARTTLS where the server offers it), ``smtps://`` (TLS from the
    first byte). A password is never sent over a connection that is not encrypted, except to this machine itself."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    def send(self, letter: Letter) -> None:
        try:
            with self._connected() as server:
                server.send_message(_message(letter, self._sender))
        except smtplib.SMTPRecipientsRefused as error:
            raise NotTaken(str(error), for_good=all(code >= 500 for code, _ in error.recipients.values())) from error
        except smtplib.SMTPResponseException as error:
            for_good = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise NotTaken(f"{error.smtp_code} {error.smtp_error!r}", for_good=for_good) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotTaken(f"{type(error).__name__}: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        is_private = self._is_tls or self._host in ("127.0.0.1", "::1", "localhost")
        if not self._is_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_private = True
        if self._user and not is_private:
            raise NotTaken("the mail server offers no encryption, so the password is not sent")
        if self._user:
            server.login(self._user, self._password)


def _message(letter: Letter, sender: str = "") -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"], message["Date"] = letter.to, letter.subject, format_datetime(now())
    if sender:
        message["From"] = sender
        domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{letter.id or uuid.uuid4()}@{domain}>"
    message.set_content(letter.text)
    return message
