"""Lists a client can choose from."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SafeZone(BaseModel):
    """Shares of the picture that the placement covers with its own controls."""

    model_config = ConfigDict(frozen=True)

    top: float = Field(default=0, description="Share of the height covered at the top")
    right: float = Field(default=0, description="Share of the width covered at the right")
    bottom: float = Field(default=0, description="Share of the height covered at the bottom")
    left: float = Field(default=0, description="Share of the width covered at the left")


class FormatSpec(BaseModel):
    """One placement: exact pixels and what its owner demands of the file."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="What the formats field takes")
    title_ko: str = Field(description="The placement's name in Korean")
    title_en: str = Field(description="The placement's name in English")
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    file_type: Literal["png", "jpeg"] = Field(default="png", description="The finished file's type")
    byte_limit: int | None = Field(default=None, description="Largest file in bytes")
    safe_zone: SafeZone = Field(default=SafeZone(), description="What the placement covers with its own controls")
    no_text_variant: bool = Field(
        default=False, description="The placement advises pictures without text: one is made too"
    )
    source: str = Field(description="Where the numbers come from")
    checked: str = Field(description="When they were looked up, ISO date")
    verified: bool = Field(default=True, description="Whether the owner's own page could be read")


class FontFamily(BaseModel):
    family: str = Field(description="What font_family takes")
    weights: list[int] = Field(description="CSS weights that are installed")
    category: str = Field(description="sans, serif, display, hand, emoji")
    hangul_syllables: int = Field(description="How many of the 11,172 modern syllables it draws")
    available: bool = Field(default=True, description="Whether it is installed")
    source: str = Field(default="", description="Debian package")


class Resources(BaseModel):
    formats: list[str] = Field(description="For the formats field")
    fonts: list[str] = Field(description="Installed families, for font_family")
    styles: list[str] = Field(description="Text styles, for style")
    scenes: list[str] = Field(description="Backgrounds the studio engine paints; named in bg_prompt by ordinary words")
    engine: str = Field(description="studio or diffusion")
    models: dict[str, bool] = Field(description="Model-backed abilities: is the model there?")
