"""Letters get away by SMTP, none is lost while the mail server is down, and what they say is forgotten then."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from nanococoa_backend.platform import crew, letters
from nanococoa_backend.platform.letters import LetterRow
from nanococoa_backend.platform.mail import FileMailer, Letter, NotTaken, SmtpMailer
from support.dashboard import Dashboard, open_dashboard
from support.ports import free_port
from support.waiting import until

LETTER = Letter(
    "sajang@haetsal.kr", "새 비밀번호를 정해 주세요", "아래 링크를 눌러 주세요.\nhttp://x/한글\n", "letter-1"
)


@dataclass
class Postbox:
    """What the mail server has taken; ``refusal`` is its answer instead."""

    taken: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 taken"


Serving = Callable[..., tuple[Postbox, int]]


@pytest.fixture
def mail_server() -> Iterator[Serving]:
    running: list[Controller] = []

    def start(port: int = 0, **options: Any) -> tuple[Postbox, int]:
        postbox, port = Postbox(), port or free_port()
        controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return postbox, port

    yield start
    for controller in running:
        controller.stop()


def rows(dashboard: Dashboard) -> list[LetterRow]:
    with dashboard.app.state.services.database.begin() as session:
        return list(session.scalars(sa.select(LetterRow)))


def test_a_letter_arrives_as_it_was_written(mail_server: Serving) -> None:
    postbox, port = mail_server()
    SmtpMailer(f"smtp://127.0.0.1:{port}", "햇살 <no-reply@haetsal.kr>").send(LETTER)
    (message,) = postbox.taken
    assert (message["To"], message["Subject"]) == (LETTER.to, LETTER.subject)
    assert message["Message-ID"] == "<letter-1@haetsal.kr>"
    assert "햇살" in message["From"]
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


def test_the_password_is_shown_to_the_mail_server(mail_server: Serving) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss", handled=False)

    postbox, port = mail_server(authenticator=check, auth_require_tls=False)
    SmtpMailer(f"smtp://user:p%40ss@127.0.0.1:{port}", "a@b.kr").send(LETTER)
    assert len(postbox.taken) == 1
    assert seen[0] == (b"user", b"p@ss")
    with pytest.raises(NotTaken) as refused:
        SmtpMailer(f"smtp://user:wrong@127.0.0.1:{port}", "a@b.kr").send(LETTER)
    assert not refused.value.for_good  # whoever runs the machine may put it right


def test_a_password_never_travels_unencrypted(mail_server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    postbox, port = mail_server()
    monkeypatch.setattr(socket, "getaddrinfo", _to_this_machine(socket.getaddrinfo))
    with pytest.raises(NotTaken, match="no encryption"):
        SmtpMailer(f"smtp://user:secret@mail.example:{port}", "a@b.kr").send(LETTER)
    assert postbox.taken == []


def _to_this_machine(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _host, port, *rest, **options: real("127.0.0.1", port, *rest, **options)


@pytest.mark.parametrize(("answer", "for_good"), [("550 no such person", True), ("451 busy", False)])
def test_a_refusal_for_good_is_told_from_one_that_passes(mail_server: Serving, answer: str, for_good: bool) -> None:
    postbox, port = mail_server()
    postbox.refusal = answer
    with pytest.raises(NotTaken) as refused:
        SmtpMailer(f"smtp://127.0.0.1:{port}", "a@b.kr").send(LETTER)
    assert refused.value.for_good is for_good


def test_a_line_break_in_an_address_is_no_second_header(mail_server: Serving) -> None:
    postbox, port = mail_server()
    with pytest.raises(NotTaken):
        SmtpMailer(f"smtp://127.0.0.1:{port}", "a@b.kr").send(Letter("a@b.kr\nBcc: x@y.kr", "x", "x"))
    assert postbox.taken == []


def test_a_dead_mail_server_loses_no_letter(
    jobs_url: str, tmp_path: Path, mail_server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "DELAYS", (timedelta(milliseconds=50),) * 100)
    monkeypatch.setattr(crew, "PAUSE", 0.05)
    port = free_port()
    with open_dashboard(tmp_path, jobs_url, smtp_url=f"smtp://127.0.0.1:{port}") as dashboard:
        browser = dashboard.visitor()
        browser.sign_up("a@b.kr")
        answer = dashboard.visitor().post("/password/forgotten", {"email": "a@b.kr"})
        assert "메일함을 확인" in answer.text
        until(lambda: rows(dashboard)[0].tries >= 2)
        assert rows(dashboard)[0].problem
        postbox, _ = mail_server(port)
        until(lambda: len(postbox.taken) == 1)
        assert "/password/new/" in postbox.taken[0].get_content()
        until(lambda: rows(dashboard)[0].status == "sent")
        assert rows(dashboard)[0].text == ""


def test_a_letter_nobody_can_use_any_more_is_not_sent(sqlite_dashboard: Dashboard) -> None:
    services = sqlite_dashboard.app.state.services
    with services.database.begin() as session:
        letters.post(session, LETTER, services.mailing, timedelta(seconds=-1))
    until(lambda: rows(sqlite_dashboard)[0].status == "failed")
    assert sqlite_dashboard.letterbox.letters == []
    assert rows(sqlite_dashboard)[0].text == ""


def test_an_unknown_address_waits_for_no_mail_server(sqlite_dashboard: Dashboard) -> None:
    sqlite_dashboard.visitor().post("/password/forgotten", {"email": "nobody@b.kr"})
    assert rows(sqlite_dashboard) == []


def test_a_full_disk_keeps_the_letter_for_later(tmp_path: Path) -> None:
    blocked = tmp_path / "mail"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(NotTaken) as refused:
        FileMailer(blocked).send(LETTER)
    assert not refused.value.for_good
