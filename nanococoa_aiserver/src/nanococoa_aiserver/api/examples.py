"""Requests as a Korean shop would send them, shown in OpenAPI."""

from __future__ import annotations

from typing import Any, Final

from fastapi.openapi.models import Example

PHOTO: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAABlBMVEX18OZvTjfO1DRFAAAAG0lEQVR42mNgGJKA"
    "////DwwMTDDuKAOZQU8AANAcAzyg2kDaAAAAAElFTkSuQmCC"
)
KEPT: Final = "3f0c8f0f5a9d2c7be1a4d6b8c0e2f4a6b8d0e2f4a6c8e0f2a4b6c8d0e2f4a6b8.png"

GENERATE: Final[dict[str, Example]] = {
    "photo and copy": Example(
        summary="사진 한 장과 문구 한 줄로 광고 두 가지 크기",
        value={
            "product_image": PHOTO,
            "text_content": "오늘 아침 갓 짠 참기름 320ml 17,000원 | 청송댁",
            "bg_prompt": "아침 햇살이 드는 나무 탁자",
            "formats": ["square", "story"],
            "idempotency_key": "order-20261121-0001",
        },
    ),
    "boxed": Example(
        summary="상품을 네모로 감싸고 스타일을 고른 광고",
        value={
            "product_image": KEPT,
            "product_box": [212, 148, 640, 780],
            "text_content": "가을 햇사과 10kg 39,900원 (정상가 59,000원)",
            "bg_prompt": "단풍 든 과수원",
            "style": "coupon",
            "text_position": "top",
            "brand": {"colors": ["#B3261A"], "font_family": "NanumSquare"},
        },
    ),
    "text only": Example(
        summary="만들어 둔 그림에 글자만 앉히기",
        value={"start_step": 2, "step1_image": KEPT, "text_content": "오픈 기념 1+1"},
    ),
}

EDIT: Final[dict[str, Example]] = {
    "whole picture": Example(
        summary="상품은 그대로 두고 장면을 바꾸기",
        value={"image": PHOTO, "instruction": "비 오는 창가로 바꾸고 따뜻한 조명을 켜 줘", "keep_product": True},
    ),
    "one thing": Example(
        summary="이름을 부른 것만 바꾸고 나머지는 그대로",
        value={"image": KEPT, "instruction": "고양이를 강아지로 바꿔 줘", "mode": "local", "seed": 7},
    ),
    "painted region": Example(
        summary="흰색으로 칠한 자리에만 새로 그리기",
        value={
            "image": KEPT,
            "instruction": "가운데에 빨간 소파를 놓아 줘",
            "mode": "local",
            "mask": KEPT,
            "reference_images": [KEPT],
            "adapters": [{"id": "warm-light", "scale": 0.8}],
        },
    ),
}

RESUME: Final[dict[str, Example]] = {
    "go on": Example(summary="멈춘 작업을 이어서", value={}),
    "another background": Example(
        summary="오려 낸 상품은 그대로, 배경만 바꾼 새 판",
        value={"from_step": "background", "changes": {"bg_prompt": "눈 내린 한옥 마당"}},
    ),
}

CUTOUT: Final[dict[str, Example]] = {
    "guess": Example(summary="배경 지우기", value={"image": PHOTO}),
    "boxed": Example(summary="네모로 감싼 상품만", value={"image": KEPT, "product_box": [212, 148, 640, 780]}),
}

RENDER: Final[dict[str, Example]] = {
    "other words": Example(
        summary="문구와 스타일만 바꾸기",
        value={
            "job_id": "0b6f6c1e-6f6e-4a51-9f0e-0c6d8a4f2f11",
            "style": "editorial",
            "fields": {"headline": "갓 짠 참기름", "price": "17,000원"},
        },
    ),
    "moved": Example(
        summary="정사각형의 제목을 위로 올리고 키우기",
        value={
            "job_id": "0b6f6c1e-6f6e-4a51-9f0e-0c6d8a4f2f11",
            "edits": {"square": {"headline": {"dy": -4, "scale": 1.2}}},
        },
    ),
}

ANALYZE: Final[dict[str, Example]] = {"colours and space": Example(summary="색과 빈자리 보기", value={"image": KEPT})}

CLIP_SCORE: Final[dict[str, Example]] = {
    "korean": Example(
        summary="그림이 한국어 설명과 얼마나 맞는지",
        value={"image_base64": KEPT, "prompt": "나무 탁자 위의 참기름 병", "model_type": "koclip"},
    )
}


def generate_body() -> dict[str, Any]:
    return _body("Generate", GENERATE)


def edit_body() -> dict[str, Any]:
    return _body("Edit", EDIT)


def _body(name: str, shown: dict[str, Example]) -> dict[str, Any]:
    """An operation that reads its body itself, so that it takes JSON and forms; this declares both."""
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{name}Request"}, "examples": shown},
        "multipart/form-data": {"schema": {"$ref": f"#/components/schemas/{name}Form"}},
    }
    return {"requestBody": {"required": True, "content": content}}
