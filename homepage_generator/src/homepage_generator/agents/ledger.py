"""What the agents of one job have used up, and what has to be told of their work."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """``tokens``: how many the LLM may still use. ``gave_up``: it failed for good, the built-in agents go on alone.
    ``warnings``: codes of ``warnings.*``, once each."""

    tokens: int = 0
    gave_up: bool = False
    warnings: list[str] = field(default_factory=list)

    def warn(self, code: str) -> None:
        if code not in self.warnings:
            self.warnings.append(code)
