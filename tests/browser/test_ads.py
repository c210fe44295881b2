"""Whole ads by the product's own steps, engine and browser: what comes out, what is reported, what is not repainted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nanococoa_aiserver.ads.light import LIGHT_TASKS
from nanococoa_aiserver.ads.local import LocalAd, LocalContext, cut_out, make_ad
from nanococoa_aiserver.ads.pipeline import steps_for
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.engines.wiring import studio_engines
from nanococoa_aiserver.errors import CutoutUncertain, InvalidParameter, ModelUnavailable
from nanococoa_aiserver.imaging.encode import read_source
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.settings import Settings, load_settings
from nanococoa_client.schemas import GenerateRequest
from support.chat_endpoint import Endpoint, Reply

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "samples"
COPY = (
    "새벽에 딴 꿀사과가 왔어요! 경북 청송 산지직송 10kg 39,900원 (정상가 59,000원) 32% 할인 "
    "| 오늘 주문하면 내일 도착 | 산간지역 배송비 별도 | 청송댁 과일가게"
)


def cut_sample(number: str = "12") -> bytes:
    """A sample with its exact mask as alpha: a product that came cut out."""
    photo = Image.open(SAMPLES / "products" / f"{number}.jpg").convert("RGB")
    photo.putalpha(Image.open(SAMPLES / "products" / f"{number}_gt.png").convert("L"))
    data = io.BytesIO()
    photo.save(data, "PNG")
    return data.getvalue()


def ad_of(photo: bytes, settings: Settings | None = None, **wishes: Any) -> LocalAd:
    request = GenerateRequest(**{"text_content": COPY, "bg_prompt": "전통시장", "seed": 3, **wishes})
    return make_ad(request, photo=photo, settings=settings or load_settings())


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.fixture(scope="module")
def four() -> LocalAd:
    return ad_of(cut_sample(), formats=["square", "portrait", "story", "wide"])


def test_each_format_has_its_exact_pixels(four: LocalAd) -> None:
    sizes = {name: opened(data).size for name, (data, _) in four.files.items()}
    assert sizes == {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920), "wide": (1200, 628)}


def test_every_glyph_reads_and_no_field_is_lost(four: LocalAd) -> None:
    legibility = four.checks["legibility"]
    assert legibility["passed"]
    assert (legibility["failing"], legibility["overlap"], legibility["overflow"], legibility["missing"]) == (0, 0, 0, 0)
    assert four.warnings == []


def test_the_product_is_the_customers_own_byte_for_byte(four: LocalAd) -> None:
    assert four.checks["fidelity"]["core_difference"] == 0
    assert four.checks["fidelity"]["cutout_verdict"] == "given"


def test_every_file_says_how_it_was_made(four: LocalAd) -> None:
    for data, _ in four.files.values():
        assert read_source(data) is not None


def test_the_layer_keeps_words_style_and_pictures_but_embeds_none(four: LocalAd) -> None:
    assert four.layer is not None
    assert four.layer["fields"]["shop"] == "청송댁 과일가게"
    assert four.layer["fields"]["small_print"] == "산간지역 배송비 별도"
    for layer in four.layer["formats"].values():
        assert "data:image/jpeg" not in layer["html"]
        assert "/artifacts/" in layer["html"]


def test_the_same_seed_makes_the_same_picture() -> None:
    first, second = (ad_of(cut_sample(), formats=["banner_300x250"]).files["banner_300x250"][0] for _ in range(2))
    assert first == second


def test_markup_in_the_copy_is_shown_as_text() -> None:
    made = ad_of(cut_sample(), text_content="<script>alert(1)</script> 사과 & <b>배</b>")
    assert made.checks["legibility"]["missing"] == 0
    assert made.layer is not None
    assert "<script>" not in made.layer["formats"]["square"]["html"]


def test_an_unknown_background_is_painted_and_said() -> None:
    made = ad_of(cut_sample(), bg_prompt="qwxz blorf", formats=["banner_300x250"])
    assert ("background_unknown", {"prompt": "qwxz blorf"}) in made.warnings


def test_without_text_only_the_picture_is_made() -> None:
    made = ad_of(cut_sample(), text_content=None)
    assert opened(made.files["square"][0]).size == (1080, 1080)
    assert made.layer is None
    assert set(made.step_seconds) == {"segment", "background", "composite", "refine", "self_check", "export"}


def test_a_placement_that_advises_no_text_gets_a_second_file() -> None:
    made = ad_of(cut_sample(), formats=["google_square"])
    with_text, without = (opened(made.files[name][0]) for name in ("google_square", "google_square-no-text"))
    assert with_text.size == without.size == (1200, 1200)
    assert np.asarray(with_text.convert("RGB")).tobytes() != np.asarray(without.convert("RGB")).tobytes()


def test_byte_limits_are_kept() -> None:
    made = ad_of(cut_sample(), formats=["kakao_bizboard", "kakao_square", "banner_320x50"])
    data, suffix = made.files["kakao_bizboard"]
    assert suffix == ".png"
    assert len(data) <= 300_000
    assert len(made.files["kakao_square"][0]) <= 500_000
    assert len(made.files["banner_320x50"][0]) <= 150_000


def test_an_uncertain_cutout_goes_on_with_a_warning_or_stops_when_told_to() -> None:
    flat = Image.fromarray(np.random.default_rng(1).normal(128, 6, (400, 400, 3)).clip(0, 255).astype(np.uint8))
    data = io.BytesIO()
    flat.save(data, "PNG")
    with pytest.raises(CutoutUncertain) as refused:
        ad_of(data.getvalue(), cutout_policy="strict")
    assert refused.value.details["preview"].endswith(".png")


def test_a_cutout_has_the_photos_own_size() -> None:
    photo = (SAMPLES / "products" / "12.jpg").read_bytes()
    done = cut_out(photo, None, load_settings())
    picture = opened(done.png)
    truth = np.asarray(Image.open(SAMPLES / "products" / "12_gt.png").convert("L")) > 127
    alpha = np.asarray(picture)[..., 3] > 127
    assert picture.size == opened(photo).size
    assert (alpha & truth).sum() / (alpha | truth).sum() > 0.9


def test_a_given_style_is_used_and_an_unknown_one_refused() -> None:
    made = ad_of(cut_sample(), style="split", formats=["banner_300x250"])
    assert made.layer is not None
    assert made.layer["style"] == "split"
    with pytest.raises(InvalidParameter, match="shout"):
        ad_of(cut_sample(), style="baroque")


# the store outlives the job


@pytest.fixture
def context(tmp_path: Path) -> Iterator[LocalContext]:
    renderer = LayerRenderer()
    store = open_store(tmp_path.as_uri())
    settings = load_settings()
    yield LocalContext({}, studio_engines(), store, renderer, settings, lambda *_: None)
    renderer.close()


def run(context: LocalContext, **request: Any) -> dict[str, dict[str, Any]]:
    wishes = GenerateRequest(**{"text_content": COPY, "bg_prompt": "전통시장", "seed": 3, **request})
    context.request = wishes.model_dump(mode="json")
    results: dict[str, dict[str, Any]] = {}
    for step in steps_for(context.request):
        context.step = step.name
        results[step.name] = step.run(context, results)
    return results


def test_another_style_and_other_words_need_no_repainting(context: LocalContext) -> None:
    photo = context.artifacts.put(cut_sample(), "image/png")
    done = run(context, product_image=photo, style="split")
    context.request = {
        "layer": done["export"]["layer"],
        "style": "lower",
        "fields": {"headline": "햇사과", "price": "9,900원"},
        "edits": {"square": {"price": {"color": "#ffffff", "dx": 2}}},
    }
    context.engines = None  # type: ignore[assignment]
    again = LIGHT_TASKS["render"](context)
    layer = again["layer"]
    assert layer["style"] == "lower"
    assert layer["version"] == 2
    assert {text["text"] for text in layer["formats"]["square"]["texts"]} >= {"햇사과"}
    assert layer["formats"]["square"]["edits"]["price"]["dx"] == 2
    assert layer["scenes"] == done["export"]["layer"]["scenes"]
    assert opened(context.artifacts.get(again["outputs"]["square"])).size == (1080, 1080)


@pytest.mark.parametrize("style", ["lower", "cover"])
def test_the_layer_keeps_the_picture_without_words(context: LocalContext, style: str) -> None:
    photo = context.artifacts.put(cut_sample(), "image/png")
    done = run(context, product_image=photo, style=style)
    layer = done["export"]["layer"]["formats"]["square"]
    plate, finished = (
        np.asarray(opened(context.artifacts.get(name)).convert("RGB"), np.int16)
        for name in (layer["plate"], done["export"]["outputs"]["square"])
    )
    changed = np.abs(plate - finished).max(2) > 60
    words = np.zeros(changed.shape, bool)
    for text in layer["texts"]:
        x, y, w, h = (text["box"][side] for side in ("x", "y", "width", "height"))
        words[max(0, int(y) - 30) : int(y + h) + 30, max(0, int(x) - 30) : int(x + w) + 30] = True
    assert changed[words].mean() > 0.02
    assert changed[~words].mean() < 0.01
    assert bool(layer["cover"]) == any(text["plane"] == "back" for text in layer["texts"])


def test_as_shown_nothing_is_mended_and_what_fails_is_told(context: LocalContext) -> None:
    photo = context.artifacts.put(cut_sample(), "image/png")
    done = run(context, product_image=photo, style="lower")["export"]["layer"]
    pale = {"square": {"headline": {"color": "#808080", "dx": 4}}}
    context.request = {"layer": done, "edits": pale, "as_shown": True}
    again = LIGHT_TASKS["render"](context)
    before, after = done["formats"]["square"], again["layer"]["formats"]["square"]
    assert after["attempt"] == before["attempt"]
    assert again["checks"]["legibility"]["passed"] is False
    assert [key for key, _ in again["warnings"]] == ["legibility_failed"]
    moved = {text["role"]: text["box"] for text in after["texts"]}
    for text in before["texts"]:
        by = 4 * 10.8 if text["role"] == "headline" else 0
        assert moved[text["role"]]["x"] == pytest.approx(text["box"]["x"] + by, abs=0.1), text["role"]
        assert moved[text["role"]]["y"] == pytest.approx(text["box"]["y"], abs=0.1), text["role"]


def test_a_layer_that_was_altered_is_refused_in_words(context: LocalContext) -> None:
    photo = context.artifacts.put(cut_sample(), "image/png")
    layer = run(context, product_image=photo, style="lower")["export"]["layer"]
    for altered in (
        layer | {"design": layer["design"] | {"palette": {"base": "red;}</style>"}}},
        layer | {"design": layer["design"] | {"style": "baroque"}},
        layer | {"design": {}},
        layer | {"scenes": {}},
    ):
        context.request = {"layer": altered}
        with pytest.raises(InvalidParameter, match="layer"):
            LIGHT_TASKS["render"](context)


def test_text_is_set_on_a_given_picture(context: LocalContext) -> None:
    photo = context.artifacts.put(cut_sample("00"), "image/png")
    plain = run(context, product_image=photo, text_content=None)["export"]["outputs"]["square"]
    done = run(context, start_step=2, step1_image=plain, formats=["square", "wide"])
    assert set(done) == {"analyse", "design", "render", "export"}
    assert done["render"]["checks"]["legibility"]["passed"]
    assert opened(context.artifacts.get(done["export"]["outputs"]["wide"])).size == (1200, 628)


def test_what_needs_a_model_says_what_to_install(context: LocalContext) -> None:
    context.request = {"model_type": "openai", "prompt": "사과", "image": "x"}
    with pytest.raises(ModelUnavailable):
        LIGHT_TASKS["clip_score"](context)
    context.request = {"question": "무엇인가요?", "image": "x"}
    with pytest.raises(ModelUnavailable):
        LIGHT_TASKS["analyze"](context)


# a language model designs


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    served = Endpoint()
    yield served
    served.close()


def layout(**changes: Any) -> dict[str, Any]:
    fields = {
        "headline": "햇사과 왔다!",
        "sub": "",
        "price": "9,900원",
        "old_price": "",
        "unit": "2kg",
        "discount": "",
        "call_to_action": "",
        "small_print": "",
        "shop": "청송댁 과일가게",
    }
    answer = {
        "style": "lower",
        "mood": "loud",
        "text_position": "auto",
        "text_size": 1.0,
        "fields": fields,
        "overrides": [],
    }
    return {**answer, **changes}


def test_a_language_models_layout_is_used(endpoint: Endpoint) -> None:
    endpoint.replies = [Reply(layout(style="split"))]
    settings = load_settings(openai_base_url=endpoint.url, openai_api_key="k")
    made = ad_of(cut_sample(), settings, text_content="햇사과 왔다! 2kg 9,900원 | 청송댁 과일가게")
    assert made.layer is not None
    assert made.layer["style"] == "split"
    assert made.checks["legibility"]["passed"]
    assert made.warnings == []


def test_a_breach_goes_back_with_its_measurements_and_the_repair_is_taken(endpoint: Endpoint) -> None:
    faint = {"format": "square", "role": "headline", "dx": 0, "dy": 0, "scale": 1.0, "color": "#6b1512"}
    faint_price = faint | {"role": "price"}
    endpoint.replies = [Reply(layout(style="split", overrides=[faint, faint_price])), Reply(layout(style="split"))]
    settings = load_settings(openai_base_url=endpoint.url, openai_api_key="k")
    made = ad_of(cut_sample(), settings, text_content="햇사과 왔다! 2kg 9,900원 | 청송댁 과일가게")
    assert len(endpoint.asked) == 2
    assert '"contrast"' in endpoint.asked[1]["messages"][-1]["content"]
    assert made.checks["legibility"]["passed"]


def test_a_model_that_talks_nonsense_loses_no_ad(endpoint: Endpoint) -> None:
    endpoint.replies = [Reply("I am a teapot")]
    settings = load_settings(openai_base_url=endpoint.url, openai_api_key="k")
    made = ad_of(cut_sample(), settings, text_content="햇사과 왔다! 2kg 9,900원 | 청송댁 과일가게")
    assert made.checks["legibility"]["passed"]
    assert ("llm_failed", {}) in made.warnings


def test_a_request_can_decline_the_language_model(endpoint: Endpoint) -> None:
    settings = load_settings(openai_base_url=endpoint.url, openai_api_key="k")
    made = ad_of(cut_sample(), settings, use_llm_html=False)
    assert endpoint.asked == []
    assert made.warnings == []
