"""Messages of visitors: taken in once, shown to the business they were written to, told by mail when they are news."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import User
from nanococoa_backend.businesses.models import Membership
from nanococoa_backend.errors import NobodysPage
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.inbox.models import ContactMessage
from nanococoa_backend.inbox.repository import Messages
from nanococoa_backend.inbox.schemas import Written
from nanococoa_backend.messages import say
from nanococoa_backend.platform import scope
from nanococoa_backend.platform.letters import post
from nanococoa_backend.platform.mail import Letter
from nanococoa_backend.platform.services import Services
from nanococoa_backend.platform.tables import now

LETTER_LASTS: Final = timedelta(days=2)


def take_in(session: Session, services: Services, written: Written) -> None:
    """Keep a message for the business whose homepage it is; the same one again changes nothing. Raises NobodysPage."""
    scope.widen(session)
    messages = Messages(session)
    homepage = messages.homepage_of(written.slug)
    if homepage is None:
        raise NobodysPage
    if messages.has_letter(written.id):
        return
    scope.narrow(session, homepage.business_id)
    is_news = messages.unread() == 0
    try:
        with session.begin_nested():
            messages.add(_row(homepage, written))
    except IntegrityError:  # the same message, at the same moment
        return
    if is_news:
        _tell_owners(session, services, homepage, written)


def mark(message: ContactMessage, *, is_read: bool) -> None:
    message.read_at = (message.read_at or now()) if is_read else None


def _row(homepage: Homepage, written: Written) -> ContactMessage:
    return ContactMessage(
        business_id=homepage.business_id,
        homepage_id=homepage.id,
        letter_id=written.id,
        site=homepage.title,
        name=written.name,
        reply=written.reply,
        wanted=written.when,
        text=written.message,
        written_at=written.created_at,
    )


def _tell_owners(session: Session, services: Services, homepage: Homepage, written: Written) -> None:
    """One letter until somebody has looked: a flood of messages is no flood of letters."""
    query = sa.select(User.email).join(Membership, Membership.user_id == User.id)
    query = query.where(Membership.business_id == homepage.business_id, Membership.role == "owner")
    url = f"{services.settings.public_url}/inbox"
    subject = say("ko", "inbox.letter.subject", site=homepage.title)
    text = say("ko", "inbox.letter.text", name=written.name, site=homepage.title, url=url)
    for email in session.scalars(query):
        post(session, Letter(email, subject, text), services.mailing, LETTER_LASTS)
