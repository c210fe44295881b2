"""How long the simulated card takes, as both sides are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of one denoising step, the steps of a picture, and seconds of one answer."""

    step: float
    steps: int
    answer: float

    def __str__(self) -> str:
        return f"{self.step} {self.steps} {self.answer}"


def parse_pace(told: str) -> Pace:
    """What ``str`` made of a pace."""
    step, steps, answer = told.split()
    return Pace(float(step), int(steps), float(answer))
