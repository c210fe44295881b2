"""What API bodies of ads hold."""

from __future__ import annotations

from pydantic import BaseModel, Field

from nanococoa_client.schemas import AdCopy


class CopySuggestions(BaseModel):
    suggestions: list[AdCopy] = Field(description="By field, as an ad takes them; the surest first")
