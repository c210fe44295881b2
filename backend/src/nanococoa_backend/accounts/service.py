"""What people do with their accounts. Nothing here commits; the caller's transaction does."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nanococoa_backend.accounts.models import PasswordReset, SignIn, User
from nanococoa_backend.accounts.repository import Accounts
from nanococoa_backend.accounts.schemas import PasswordChange, SignUp
from nanococoa_backend.errors import InvalidField, NotFound, SignedOut
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.passwords import Passwords, weakness
from nanococoa_backend.platform.tables import now
from nanococoa_backend.tokens.models import ApiToken

RESET_MINUTES: Final = 30
SEEN_EVERY: Final = timedelta(minutes=5)
"""``seen_at`` is written this often at most: not every look at a page is a write."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is kept of a browser, for the list of sign-ins."""

    browser: str
    address: str


def secret_hash(secret: str) -> str:
    """Secrets are 32 random bytes, so a plain hash keeps them well."""
    return hashlib.sha256(secret.encode()).hexdigest()


class AccountService:
    def __init__(self, session: Session, passwords: Passwords, session_days: int) -> None:
        self._session = session
        self._accounts = Accounts(session)
        self._passwords = passwords
        self._lasting = timedelta(days=session_days)

    def sign_up(self, given: SignUp, *, is_admin: bool = False) -> User:
        """A new account. Raises InvalidField for a weak password or an address that has one."""
        self._check(given.password, given.email)
        if self._accounts.by_email(given.email) is not None:
            raise InvalidField(email="email_taken")
        user = User(
            email=given.email, name=given.name, password=self._passwords.hash(given.password), is_admin=is_admin
        )
        try:
            with self._session.begin_nested():
                self._accounts.add(user)
        except IntegrityError:
            raise InvalidField(email="email_taken") from None
        record(self._session, "account.signed_up", user_id=user.id)
        return user

    def verify(self, email: str, password: str) -> User:
        """The account. Raises InvalidField, which does not say whether there is such an address."""
        user = self._accounts.by_email(email)
        if not self._passwords.matches(user.password if user else None, password) or user is None:
            raise InvalidField(password="credentials")  # noqa: S106 - a sentence's key
        if user.deactivated_at is not None:
            raise InvalidField(password="deactivated")  # noqa: S106 - a sentence's key
        if self._passwords.is_outdated(user.password):
            user.password = self._passwords.hash(password)
        return user

    def start(self, user: User, device: Device) -> str:
        """Sign a browser in; the secret for its cookie, always a new one. A deleted account comes back by it."""
        self._bring_back(user)
        secret = secrets.token_urlsafe(32)
        self._accounts.forget_old()
        row = SignIn(
            user_id=user.id,
            secret_hash=secret_hash(secret),
            expires_at=now() + self._lasting,
            browser=device.browser[:200],
            address=device.address[:64],
        )
        self._accounts.add(row)
        record(self._session, "account.signed_in", user_id=user.id)
        return secret

    def known(self, secret: str) -> tuple[SignIn, User] | None:
        """Who a cookie belongs to."""
        return self._accounts.sign_in(secret_hash(secret))

    def is_visit_news(self, sign_in: SignIn) -> bool:
        return now() - sign_in.seen_at > SEEN_EVERY

    def note_visit(self, sign_in_id: uuid.UUID, address: str) -> None:
        """A sign-in that is used lasts on."""
        moment = now()
        self._accounts.touch(sign_in_id, seen_at=moment, expires_at=moment + self._lasting, address=address[:64])

    def by_token(self, token: ApiToken) -> tuple[SignIn, User]:
        """Whose token it is, with a sign-in that is nowhere kept and has chosen the token's business.

        Raises SignedOut when the account is not in use.
        """
        user = self._accounts.user(token.user_id)
        if user.deactivated_at is not None or user.deleted_at is not None:
            raise SignedOut("token_dead")
        return SignIn(id=token.id, business_id=token.business_id), user

    def sign_ins(self, user_id: uuid.UUID) -> Sequence[SignIn]:
        return self._accounts.sign_ins(user_id)

    def end(self, user_id: uuid.UUID, sign_in_id: uuid.UUID) -> None:
        """Sign one browser out. Raises NotFound for somebody else's."""
        if not self._accounts.end_sign_in(user_id, sign_in_id):
            raise NotFound
        record(self._session, "account.signed_out", user_id=user_id, subject=sign_in_id)

    def end_others(self, user_id: uuid.UUID, but: uuid.UUID) -> None:
        self._accounts.end_others(user_id, but)
        record(self._session, "account.signed_out_elsewhere", user_id=user_id)

    def change_password(self, user: User, given: PasswordChange, here: uuid.UUID) -> None:
        """Every other browser is signed out. Raises InvalidField."""
        if not self._passwords.matches(user.password, given.current):
            raise InvalidField(current="current_wrong")
        self._set_password(user, given.password)
        self._accounts.end_others(user.id, here)
        record(self._session, "account.password_changed", user_id=user.id)

    def ask_reset(self, email: str) -> tuple[User, str] | None:
        """A link's secret, or None when there is no such account (the caller says the same either way)."""
        user = self._accounts.by_email(email)
        if user is None or user.deactivated_at is not None:
            return None
        secret = secrets.token_urlsafe(32)
        ends = now() + timedelta(minutes=RESET_MINUTES)
        self._accounts.add(PasswordReset(user_id=user.id, secret_hash=secret_hash(secret), expires_at=ends))
        record(self._session, "account.reset_asked", user_id=user.id)
        return user, secret

    def can_reset(self, secret: str) -> bool:
        return self._accounts.reset(secret_hash(secret)) is not None

    def reset_password(self, secret: str, password: str) -> User:
        """Signs every browser out; the link works once. Raises NotFound for a dead link, InvalidField."""
        reset = self._accounts.reset(secret_hash(secret))
        if reset is None:
            raise NotFound
        user = self._accounts.user(reset.user_id)
        if user.deactivated_at is not None:
            raise NotFound
        self._set_password(user, password)
        self._accounts.drop_resets(user.id)
        self._accounts.end_others(user.id)
        record(self._session, "account.password_reset", user_id=user.id)
        return user

    def admins(self) -> int:
        """Administrators whose accounts are in use."""
        return self._accounts.admins()

    def delete(self, user: User, password: str) -> None:
        """Signed out everywhere at once, gone in a week; signing in before brings it back. Raises InvalidField."""
        if not self._passwords.matches(user.password, password):
            raise InvalidField(password="current_wrong")  # noqa: S106 - a sentence's key
        user.deleted_at = now()
        self._accounts.end_others(user.id)
        record(self._session, "account.deleted", user_id=user.id)

    def _bring_back(self, user: User) -> None:
        if user.deleted_at is not None:
            user.deleted_at = None
            record(self._session, "account.restored", user_id=user.id)

    def _set_password(self, user: User, password: str) -> None:
        self._check(password, user.email)
        user.password = self._passwords.hash(password)

    def _check(self, password: str, email: str) -> None:
        if (why := weakness(password, email)) is not None:
            raise InvalidField(password=why)
