"""What forms and API bodies of accounts hold."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
"""What the letter's way there will tell anyway is not guessed at."""


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise PydanticCustomError("email_shape", "not an e-mail address")
    return text.lower()


Email = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_email)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]


class Credentials(BaseModel):
    email: Email = Field(description="The account's e-mail address", examples=["sajang@haetsal.kr"])
    password: Secret = Field(description="The account's password")


class SignUp(Credentials):
    name: PersonName = Field(description="What to call the person", examples=["김햇살"])


class ForgottenPassword(BaseModel):
    email: Email = Field(description="Where the link is sent, if there is such an account")


class NewPassword(BaseModel):
    password: Secret = Field(description="The new password: 10 characters or more")


class PasswordChange(NewPassword):
    current: Secret = Field(description="The password until now")


class Me(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The account's id")
    email: str = Field(description="The account's e-mail address")
    name: str = Field(description="What to call the person")
    is_admin: bool = Field(description="Whether the account runs the whole installation")
    created_at: datetime = Field(description="When the account was made")


class SignInView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The sign-in's id")
    browser: str = Field(description="What the browser said of itself")
    address: str = Field(description="Where the last request came from")
    created_at: datetime = Field(description="When it signed in")
    seen_at: datetime = Field(description="When it was last seen")
    is_this: bool = Field(default=False, description="Whether it is the one that asks")


class SignInPage(BaseModel):
    sessions: list[SignInView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")
