"""The benchmark set as data: a picture, where its thing is, and what is asked of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Edit(_Strict):
    """``caption`` describes the picture as it should become."""

    instruction: Words
    caption: Words


class Question(_Strict):
    ask: Words
    accepts: tuple[Words, ...] = Field(min_length=1)

    def right(self, answer: str) -> bool:
        """Whether one of the accepted answers is in ``answer``, as whole words and in any case."""
        return any(re.search(rf"\b{re.escape(word)}\b", answer, re.IGNORECASE) for word in self.accepts)


class Subject(_Strict):
    """Paths are relative to the file they stand in."""

    name: Words
    kind: Literal["photo", "drawing"]
    picture: Path
    mask: Path
    easy: Edit
    stylise: Edit
    question: Question

    def pixels(self) -> Rgb:
        return np.asarray(_read(self.picture, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)

    def thing(self) -> Mask:
        """True where the easy edit is to change something."""
        return np.asarray(_read(self.mask, cv2.IMREAD_GRAYSCALE) > 127, np.bool_)


def read_subjects(file: Path) -> list[Subject]:
    """Raises ValueError naming what is wrong: a missing task, a picture that can't be read."""
    return [_subject(entry, file.parent) for entry in tomllib.loads(file.read_text("utf-8"))["subject"]]


def _subject(entry: dict[str, object], folder: Path) -> Subject:
    subject = Subject.model_validate(entry)
    placed = subject.model_copy(update={"picture": folder / subject.picture, "mask": folder / subject.mask})
    if placed.pixels().shape[:2] != placed.thing().shape:
        raise ValueError(f"{subject.name}: picture and mask must be of one size")
    return placed


def _read(file: Path, how: int) -> npt.NDArray[np.uint8]:
    read = cv2.imread(str(file), how)
    if read is None:
        raise ValueError(f"{file} is no picture")
    return np.asarray(read, np.uint8)
