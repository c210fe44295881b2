"""Who may do what for a business: owner ⊃ editor ⊃ viewer."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["owner", "editor", "viewer"]
RANKS: Final[dict[str, int]] = {"viewer": 0, "editor": 1, "owner": 2}


def may(role: str, needed: Role) -> bool:
    """Whether ``role`` is enough where ``needed`` is asked for."""
    return RANKS[role] >= RANKS[needed]
