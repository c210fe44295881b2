"""What forms and API bodies of businesses hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from nanococoa_backend.accounts.schemas import Email
from nanococoa_backend.businesses.roles import Role

_WEIGHTS: Final = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def registration_number(text: str) -> str:
    """A Korean business registration number as ``123-45-67890``, its check digit verified; empty stays empty."""
    digits = [int(letter) for letter in text if letter.isdecimal()]
    if not text:
        return ""
    if len(digits) != 10 or not _has_right_check_digit(digits):
        raise PydanticCustomError("registration_number", "not a business registration number")
    joined = "".join(map(str, digits))
    return f"{joined[:3]}-{joined[3:5]}-{joined[5:]}"


def _has_right_check_digit(digits: list[int]) -> bool:
    """The National Tax Service's rule: weighted sum, the ninth digit's product counting its tens too."""
    total = sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) + digits[8] * 5 // 10
    return (10 - total % 10) % 10 == digits[9]


def _phone(text: str) -> str:
    if text and (not set(text) <= set("0123456789-+() .") or sum(map(str.isdecimal, text)) < 7):
        raise PydanticCustomError("phone", "not a telephone number")
    return text


def _color(text: str) -> str:
    if text and not (len(text) == 7 and text[0] == "#" and set(text[1:].lower()) <= set("0123456789abcdef")):
        raise PydanticCustomError("color", "not #rrggbb")
    return text.lower()


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Story = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_phone)]
Color = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_color)]
Registration = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(registration_number)]


class NewBusiness(BaseModel):
    name: Name = Field(description="The shop's name, as its sign says", examples=["햇살과일"])
    trade: Short = Field("", description="What kind of shop it is", examples=["과일 가게"])


class BusinessFacts(NewBusiness):
    """All that ads, homepages and their footers may say of the shop."""

    address: Line = Field("", description="Where the shop is")
    phone: Phone = Field("", description="The number customers call")
    hours: Line = Field("", description="When it is open", examples=["매일 7시~20시, 일요일 쉼"])
    story: Story = Field("", description="What is special about it, in the owner's words")
    brand_color: Color = Field("", description="#rrggbb; empty: chosen for each ad")
    accent_color: Color = Field("", description="#rrggbb; empty: chosen for each ad")
    font_family: Short = Field("", description="A family the aiserver knows; empty: the style's own")
    legal_name: Short = Field("", description="상호: the name the business is registered under")
    representative: Short = Field("", description="대표자: who is registered as its head")
    registration_number: Registration = Field("", description="사업자등록번호, check digit verified")
    mail_order_number: Short = Field("", description="통신판매업 신고번호")
    contact_email: Email | Annotated[str, StringConstraints(max_length=0)] = Field("", description="For the footer")


class BusinessView(BusinessFacts):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The business' id")
    is_demo: bool = Field(description="Whether it was filled in by us to try things out")
    logo_id: uuid.UUID | None = Field(None, description="The logo: GET /media/{id}/view")
    created_at: datetime = Field(description="When it was made")
    role: Role = Field("viewer", description="What you may do for it")


class OwnBusinessPage(BaseModel):
    businesses: list[BusinessView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class MemberView(BaseModel):
    user_id: uuid.UUID = Field(description="The person's id")
    name: str = Field(description="What to call the person")
    email: str = Field(description="The person's e-mail address")
    role: Role = Field(description="owner, editor or viewer")


class MemberPage(BaseModel):
    members: list[MemberView] = Field(description="This page, newest first")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null: that was all")


class MemberInvite(BaseModel):
    email: Email = Field(description="The person's account")
    role: Role = Field("editor", description="owner, editor or viewer")


class MemberChange(BaseModel):
    role: Role = Field(description="owner, editor or viewer")
