"""Types of arguments that several tools share."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

IMAGE_HELP = (
    "The picture: base64, a data URI, an image_id of a picture made before, or (only when this server runs over stdio "
    "with --allow-dir) a file path. JPG, PNG, WebP or HEIC, at most 20 MB. Web addresses are not fetched."
)


def _split(value: Any) -> Any:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


ImageArgument: TypeAlias = Annotated[str, Field(description=IMAGE_HELP, min_length=1)]
JobId: TypeAlias = Annotated[str, Field(description="The job_id a tool answered with", min_length=1, max_length=100)]
FormatNames: TypeAlias = Annotated[
    list[str],
    BeforeValidator(_split),
    Field(max_length=64, description="Placements by name, e.g. square, story, naver_smartstore; list_formats has all"),
]
Box: TypeAlias = Annotated[
    list[int] | None,
    Field(
        min_length=4,
        max_length=4,
        description="[left, top, width, height] of the product in pixels of the photo; only when the cut-out was wrong",
    ),
]
Position: TypeAlias = Annotated[
    Literal["auto", "top", "center", "bottom", "left", "right"], Field(description="Where the text stands")
]
Seed: TypeAlias = Annotated[
    int | None, Field(ge=0, le=2**32 - 1, description="The same seed and arguments give the same picture")
]
Color: TypeAlias = Annotated[
    str | None, Field(pattern=r"^#[0-9a-fA-F]{6}$", description="#RRGGBB; null: chosen for legibility")
]
FontName: TypeAlias = Annotated[str | None, Field(description="A family from list_fonts; null: the style's own")]
