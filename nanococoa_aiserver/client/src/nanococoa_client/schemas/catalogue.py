"""Lists a client can choose from."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SafeZone(BaseModel):
    """Shares of the picture that the placement covers with its own controls."""

    model_config = ConfigDict(frozen=True)

    top: float = 0
    right: float = 0
    bottom: float = 0
    left: float = 0


class FormatSpec(BaseModel):
    """One placement: exact pixels and what its owner demands of the file."""

    model_config = ConfigDict(frozen=True)

    name: str
    title_ko: str
    title_en: str
    width: int
    height: int
    file_type: Literal["png", "jpeg"] = "png"
    byte_limit: int | None = Field(None, description="Largest file in bytes")
    safe_zone: SafeZone = SafeZone()
    no_text_variant: bool = Field(False, description="The placement advises pictures without text: one is made too")
    source: str = Field(description="Where the numbers come from")
    checked: str = Field(description="When they were looked up, ISO date")
    verified: bool = True


class FontFamily(BaseModel):
    family: str
    weights: list[int]
    category: str = Field(description="sans, serif, display, hand, emoji")
    hangul_syllables: int = Field(description="How many of the 11,172 modern syllables it draws")
    available: bool = True
    source: str = Field("", description="Debian package")


class Resources(BaseModel):
    formats: list[str]
    fonts: list[str]
    styles: list[str]
    scenes: list[str]
    engine: str
    models: dict[str, bool] = Field(description="Model-backed abilities: is the model there?")
