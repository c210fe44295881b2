"""Prompts: ready-made ways to drive the tools, offered by hosts as commands."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from nanococoa_mcpserver.language import text_locale

_MAKE_AD = {
    "ko": """{product} 광고 이미지를 만들어 주세요.
문구: {copy}
크기: {formats}
글자 스타일: {style}

1. 상품 사진이 없으면 먼저 사진을 달라고 하세요.
2. 상품과 문구에 어울리는 배경(bg_prompt)을 한 문장으로 정하고 generate_ad_image를 부르세요.
3. 끝날 때까지 check_generation_status를 되풀이해 부르세요.
4. 그림 주소를 크기별로 보여 주고, warnings가 있으면 알려 주세요. 글을 바꾸고 싶다고 하면 edit_ad_text를 쓰세요.""",
    "en": """Make an ad picture for {product}.
Copy: {copy}
Formats: {formats}
Text style: {style}

1. If there is no product photo yet, ask for one.
2. Choose a background (bg_prompt) that suits product and copy, in one sentence, and call generate_ad_image.
3. Call check_generation_status again and again until it is done.
4. Show the image URL of each format and tell the warnings, if any. If the words should change use edit_ad_text.""",
}
_HOLIDAY = {
    "ko": """{holiday}에 맞춰 {product} 광고 한 벌을 만들어 주세요. 내용: {offer}

1. 상품 사진이 없으면 먼저 사진을 달라고 하세요.
2. list_formats에서 square, story와 사용자가 광고하는 곳에 맞는 크기를 고르세요.
3. {holiday}다운 배경(빛, 소재, 색)을 정하고 문구를 셋으로 나누어 쓰세요: 제목 | 상품과 가격 | 가게 이름.
   가격과 날짜는 사용자가 준 것만 쓰세요.
4. generate_ad_image를 한 번 부르고(formats에 모두), check_generation_status로 끝까지 기다리세요.
5. 모든 크기의 주소와, 어디에 올리면 좋은지 한 줄씩 알려 주세요.""",
    "en": """Make a set of ads for {product} for {holiday}. The offer: {offer}

1. If there is no product photo yet, ask for one.
2. From list_formats choose square, story and what fits where the user advertises.
3. Choose a background true to {holiday} (light, material, colour) and write the copy in three parts:
   headline | product and price | shop. Use only prices and dates the user gave.
4. Call generate_ad_image once (with all formats), and wait with check_generation_status until it is done.
5. Show the URL of every format with one line on where to post it.""",
}
_COMPARE = {
    "ko": """{product}에 어울리는 배경을 골라 주세요. 문구: {copy}
후보: {scenes}

1. 상품 사진이 없으면 먼저 사진을 달라고 하세요. analyze_image로 상품의 색과 밝기를 보세요.
2. 후보마다 generate_ad_image를 부르세요: product_image는 같게, bg_prompt만 다르게, formats=['square'].
3. 모두 끝날 때까지 check_generation_status를 부르세요.
4. calculate_clip_score로 점수를 재세요: image는 image_id, prompt는 그 후보의 배경 설명, model_type은 모두 같게.
   MODEL_UNAVAILABLE이면 analyze_image의 busy, brightness와 미리보기로 견주세요.
5. 표(배경, 점수, 글이 잘 읽히는지, 주소)를 보여 주고, 하나를 까닭과 함께 추천하세요.""",
    "en": """Find the background that suits {product} best. Copy: {copy}
Candidates: {scenes}

1. If there is no product photo yet, ask for one. See the product's colours and brightness with analyze_image.
2. Call generate_ad_image for each candidate: the same product_image, another bg_prompt, formats=['square'].
3. Call check_generation_status until all are done.
4. Score each with calculate_clip_score: image is its image_id, prompt its background, the same model_type for all.
   On MODEL_UNAVAILABLE compare busy and brightness of analyze_image and the previews instead.
5. Show a table (background, score, legibility, URL) and recommend one, with the reason.""",
}


def make_ad(
    product: Annotated[str, Field(description="What is advertised, e.g. 청송 햇사과 10kg")],
    copy: Annotated[str, Field(description="The words on the picture, e.g. 산지직송 39,900원")] = "",
    formats: Annotated[str, Field(description="Placements with commas, e.g. square, story")] = "square",
    style: Annotated[str, Field(description="A text style by name; empty: chosen to suit")] = "",
) -> str:
    """Make one ad picture from a product photo and a line of copy."""
    return _filled(_MAKE_AD, product, copy, product=product, copy=copy or "…", formats=formats, style=style or "auto")


def holiday_campaign(
    holiday: Annotated[str, Field(description="e.g. 추석, 설날, 크리스마스")],
    product: Annotated[str, Field(description="e.g. 한우 선물세트")],
    offer: Annotated[str, Field(description="Price, discount, dates, e.g. 20% 할인, 9월 20일까지")] = "",
) -> str:
    """Make a set of ads for a holiday, in every format that is needed."""
    return _filled(_HOLIDAY, holiday, product, holiday=holiday, product=product, offer=offer or "…")


def compare_scenes(
    product: Annotated[str, Field(description="e.g. 수제 잼")],
    scenes: Annotated[str, Field(description="Backgrounds to compare, separated by / ; empty: choose three")] = "",
    copy: Annotated[str, Field(description="The words on the picture")] = "",
) -> str:
    """Make the same ad on several backgrounds, score them, and recommend one."""
    return _filled(_COMPARE, product, scenes + copy, product=product, scenes=scenes or "3", copy=copy or product)


def register(server: MCPServer) -> None:
    """Add them to the server."""
    server.prompt(title="Make an ad / 광고 만들기")(make_ad)
    server.prompt(title="Holiday campaign / 명절 광고")(holiday_campaign)
    server.prompt(title="Compare backgrounds / 배경 고르기")(compare_scenes)


def _filled(texts: dict[str, str], *said: str, **values: str) -> str:
    return texts[text_locale(said) or "ko"].format(**values)
