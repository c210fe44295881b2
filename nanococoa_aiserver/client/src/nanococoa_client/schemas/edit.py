"""Changing a picture by an instruction: what a client asks for, and what it was understood as."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_client.schemas.requests import AdaptersField, BoxField, LocaleField

REFERENCE_LIMIT = 4
"""Reference pictures of one edit: each costs the model as much attention as the picture itself."""

EditMode: TypeAlias = Literal["global", "local"]


class EditRequest(BaseModel):
    """A picture and what is to be changed in it."""

    model_config = ConfigDict(extra="forbid")

    image: str = Field(description="The picture as base64, data URI or artifact id")
    instruction: str = Field(description="What to change, in your own words, e.g. 고양이를 강아지로 바꿔 줘")
    reference_images: list[Annotated[str, Field(description="base64, data URI, or an artifact id")]] = Field(
        default=[], max_length=REFERENCE_LIMIT, description="What the change should look like: a fabric, a place"
    )
    mode: EditMode = Field(
        default="global",
        description="global: the whole picture may change; local: only a region, everything else stays byte for byte",
    )
    mask: str | None = Field(
        default=None,
        description="Local: what is white (or opaque, in a picture with transparency) is repainted. "
        "null: what the instruction names is looked for",
    )
    keep_product: bool = Field(
        default=False, description="Cut the product out first and put it back untouched after the edit"
    )
    product_box: BoxField = Field(
        default=None,
        description="x, y, width, height of the product in pixels of the picture: helps keep_product to find it",
    )
    strength: float | None = Field(
        default=None, gt=0, le=1, description="How much may change; null: the model's own amount"
    )
    steps: int | None = Field(default=None, ge=1, le=50, description="Denoising steps; null: the model's own number")
    adapters: AdaptersField = []
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="The same seed and request give the same picture"
    )
    test_mode: bool = Field(
        default=False, description="A dummy result in under a second through the whole job machinery"
    )
    locale: LocaleField = "ko"
    priority: int = Field(default=100, ge=1, le=1000, description="Lower is sooner")
    idempotency_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Any text of yours: the same request sent again with it answers with the first job",
    )


class EditInfo(BaseModel):
    """What an edit was understood as; filled in as its steps end."""

    mode: EditMode = Field(description="global or local")
    description: str = Field(default="", description="What the vision-language model sees in the picture")
    prompt: str = Field(default="", description="What the painting model was told for the picture that was kept")
    target: str = Field(default="", description="Local: what was looked for in the picture, in English")
    label: str = Field(default="", description="Local: what was found, as the detector names it")
    score: float | None = Field(default=None, description="Local: how sure the detector is, 0 to 1")
    mask: str | None = Field(default=None, description="Local: the region that was repainted (white), as asked for")
    outside_difference: int | None = Field(
        default=None, description="Local: largest difference (0 to 255) to the upload outside the mask; 0"
    )
