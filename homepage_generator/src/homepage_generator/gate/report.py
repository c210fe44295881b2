"""What the gate found, as it is kept with a version."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from homepage_generator.messages import say
from homepage_generator.spec.types import Locale

Cause: TypeAlias = Literal["copy", "look", "page"]
"""Who can mend it: the writer (shorter words), the designer (another variant or theme), or neither."""

COPY: Final = frozenset({"overflow", "clipped", "broken_word", "overlap", "h1_lines", "empty_section"})
LOOK: Final = frozenset(
    {"contrast", "covered", "tap_target", "small_text", "grid_hole", "call_in_fold", "unstyled_art", "layout_shift",
     "picture_stretched", "picture_blurred"}
)  # fmt: skip


class Finding(BaseModel):
    """``section``: the id of a section of the spec, if it lies in one. ``width``: of the screen, if that matters."""

    model_config = ConfigDict(frozen=True)

    check: str
    page: str
    width: int | None = None
    section: str | None = None
    evidence: str = ""

    @property
    def problem_key(self) -> str:
        return f"gate.{self.check}"

    @property
    def cause(self) -> Cause:
        return "copy" if self.check in COPY else "look" if self.check in LOOK else "page"

    def say(self, locale: Locale) -> str:
        """The problem in a sentence for people."""
        return say(locale, self.problem_key, evidence=self.evidence)


class Report(BaseModel):
    """``weights``: bytes of each page as they travel, without pictures; ``shifts``: each page's layout shift."""

    findings: list[Finding] = Field(default_factory=list)
    seconds: float = 0.0
    pages: list[str] = Field(default_factory=list)
    widths: list[int] = Field(default_factory=list)
    axe: bool = False
    weights: dict[str, int] = Field(default_factory=dict)
    shifts: dict[str, float] = Field(default_factory=dict)
    screenshots: dict[str, Path] = Field(default_factory=dict, exclude=True)

    @property
    def passed(self) -> bool:
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Without the screenshots, which are the job's and not the version's."""
        return {"passed": self.passed} | self.model_dump(mode="json")
