"""Which steps an ad needs, and that their names stay what clients resume from."""

from __future__ import annotations

from nanococoa_aiserver.ads.pipeline import AD_STEPS, steps_for


def names(request: dict[str, object]) -> list[str]:
    return [step.name for step in steps_for(request)]


def test_the_steps_are_the_published_ones_in_order() -> None:
    assert [step.name for step in AD_STEPS] == [
        "segment",
        "background",
        "composite",
        "refine",
        "self_check",
        "analyse",
        "design",
        "render",
        "export",
    ]


def test_an_ad_with_text_takes_every_step() -> None:
    assert names({"start_step": 1, "text_content": "햇사과 왔다!"}) == [step.name for step in AD_STEPS]


def test_without_text_only_the_picture_is_made() -> None:
    assert names({"start_step": 1, "text_content": None}) == [
        "segment",
        "background",
        "composite",
        "refine",
        "self_check",
        "export",
    ]


def test_copy_given_by_field_counts_as_text() -> None:
    assert "render" in names({"start_step": 1, "text_content": None, "fields": {"headline": "햇사과"}})


def test_starting_at_stage_two_paints_nothing() -> None:
    assert names({"start_step": 2, "text_content": "햇사과 왔다!"}) == ["analyse", "design", "render", "export"]
