"""Addresses of artifacts in answers: relative by default, so that they are right behind any proxy."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_aiserver.artifacts.store import is_artifact_id

PREFIX: Final = "/artifacts/"


def link(artifact: str) -> str:
    """The path ``GET`` answers with the file."""
    return PREFIX + artifact


def with_links(value: Any) -> Any:
    """``value`` with every artifact id in it replaced by its path."""
    if isinstance(value, str):
        return link(value) if is_artifact_id(value) else value
    if isinstance(value, dict):
        return {name: with_links(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_links(item) for item in value]
    return value


def artifact_in(text: str) -> str | None:
    """The id in ``text``, which is one or ends with the path of one; None for anything else."""
    _, _, name = text.strip().rpartition(PREFIX)
    return name if is_artifact_id(name) else None
