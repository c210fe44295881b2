"""Fonts for whoever shows an ad's text in a browser that has none of them installed."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from nanococoa_aiserver.api.declared import errors
from nanococoa_aiserver.api.language import locale_of
from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.layout.font_subset import LONGEST, font_for
from nanococoa_client.messages import say

router = APIRouter(tags=["machine"])

DAY: Final = "public, max-age=86400"


@router.get(
    "/fonts/subset",
    summary="Fetch a font with the letters of one text",
    description=(
        "An OpenType font that draws the letters of `text` (and no others) in an installed `family`, in the face a "
        "browser takes for the CSS `weight`. A page that shows an ad's text layer live loads it, so that the words "
        "stand where the renderer will put them on any device."
    ),
    response_description="The font file",
    response_class=Response,
    responses={
        200: {"content": {"font/otf": {"schema": {"type": "string", "format": "binary"}}}},
        **errors(400),
    },
)
def subset(
    request: Request,
    family: Annotated[str, Query(description="A family from GET /fonts", max_length=80)],
    text: Annotated[str, Query(description="The letters wanted", min_length=1, max_length=LONGEST)],
    weight: Annotated[int, Query(description="CSS weight", ge=100, le=900)] = 400,
) -> Response:
    font = font_for(family, weight, "".join(sorted(set(text))))
    if font is None:
        reason = say("reasons", "font_unknown", locale_of(request), name=family)
        raise InvalidParameter(field="family", reason=reason)
    return Response(font, media_type="font/otf", headers={"Cache-Control": DAY})
