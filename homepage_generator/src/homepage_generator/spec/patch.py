"""Changes to a spec: one section at a time, checked against its budgets; nothing else is touched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from homepage_generator.spec.types import Model


class Patch(Model):
    """What is null stays as it is. ``fields`` are texts by their names in ``fields.sections_of``."""

    fields: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] | None = Field(None, max_length=60)
    hidden: bool | None = None
    move: Literal["up", "down"] | None = None
