"""CLIP scores: the plain formula, long texts in windows, pictures of any shape, and the words for a score."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BertConfig, CLIPVisionConfig, VisionTextDualEncoderConfig, VisionTextDualEncoderModel

from nanococoa_aiserver.engines.diffusion.clip import MODELS, ClipScorer, Window, _cosine, _windows
from nanococoa_aiserver.engines.diffusion.clip_bands import band, interpretation
from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.diffusion.tiny.text import bert_tokenizer
from nanococoa_aiserver.engines.ports import ClipModel
from nanococoa_aiserver.errors import JobStopped
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.imaging.types import Box, Rgb
from nanococoa_client.errors import GpuOutOfMemory
from support.seeing import SHAPES, StopAt, never, photo, starving, tiny_host

pytestmark = pytest.mark.diffusion

NAMES: tuple[ClipModel, ...] = ("openai", "koclip")
CUP = photo(60, 80, Box(20, 10, 30, 40))
NOISE: Rgb = np.random.default_rng(3).integers(0, 255, (50, 70, 3), np.uint8)


@pytest.fixture(scope="module")
def host(tiny_models: Path) -> Iterator[ModelHost]:
    with tiny_host(tiny_models) as host:
        yield host


@pytest.fixture(scope="module")
def scorer(host: ModelHost) -> ClipScorer:
    return ClipScorer(host)


def plain(host: ModelHost, image: Rgb, text: str, name: str) -> float:
    """The score by the model's own forward pass, which normalises and multiplies by itself."""
    words = host.tokenizer(name)(text, return_tensors="pt")
    pixels = host.processor(name)(images=[Image.fromarray(image)], return_tensors="pt")["pixel_values"]
    with host.lease(name, ["model"], activity="test", stop=never) as loaded, torch.inference_mode():
        out = loaded.modules["model"](
            input_ids=words["input_ids"], attention_mask=words["attention_mask"], pixel_values=pixels
        )
        return float((100 * out.image_embeds @ out.text_embeds.T).clamp(min=0))


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("text", ["a cup", "빨간 컵", "x"])
@pytest.mark.parametrize("image", [CUP, NOISE])
def test_a_short_text_gets_the_plain_score(
    model: ClipModel, text: str, image: Rgb, host: ModelHost, scorer: ClipScorer
) -> None:
    assert scorer.score(image, text, model, never) == pytest.approx(plain(host, image, text, MODELS[model]), abs=0.01)


def test_some_scores_are_above_zero_and_none_below(scorer: ClipScorer) -> None:
    scores = [scorer.score(image, text, "openai", never) for image in (CUP, NOISE) for text in "abcdefgh"]
    assert min(scores) >= 0
    assert max(scores) > 0


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_a_picture_of_any_shape_has_a_score(height: int, width: int, scorer: ClipScorer) -> None:
    assert 0 <= scorer.score(photo(height, width), "a cup", "openai", never) <= 100


@pytest.mark.parametrize("text", ["", "   ", "\n", "🛋️" * 300, "가" * 5000, "word " * 1500, "x" * 4000])
@pytest.mark.parametrize("model", NAMES)
def test_a_text_of_any_length_has_a_score(text: str, model: ClipModel, scorer: ClipScorer) -> None:
    assert 0 <= scorer.score(CUP, text, model, never) <= 100


@pytest.mark.parametrize(
    "text", ["a red sofa on a marble floor in the morning light " * 6, "빨간 소파 " * 40, "x" * 500, "🛋️ " * 30]
)
def test_windows_hold_every_word_in_order_and_each_fits(text: str, host: ModelHost) -> None:
    windows = _windows(host.tokenizer("clip-vit-l14"), text, 77)
    assert len(windows) > 1
    assert "".join("".join(window.text.split()) for window in windows) == "".join(text.split())
    for window in windows:
        assert window.tokens == len(host.tokenizer("clip-vit-l14")(window.text)["input_ids"]) <= 77


def test_words_are_not_cut_where_they_fit(host: ModelHost) -> None:
    words = ["alabaster", "tablecloth", "chandelier"] * 12
    windows = _windows(host.tokenizer("clip-vit-l14"), " ".join(words), 77)
    assert [word for window in windows for word in window.text.split()] == words


def test_a_long_text_is_the_mean_of_its_windows_by_their_lengths(host: ModelHost) -> None:
    text = "a red sofa on a marble floor in the morning light and a green bottle beside it " * 2
    tokenizer = host.tokenizer("clip-vit-l14")
    pixels = host.processor("clip-vit-l14")(images=[Image.fromarray(NOISE)], return_tensors="pt")["pixel_values"]
    windows = _windows(tokenizer, text, 77)
    with host.lease("clip-vit-l14", ["model"], activity="test", stop=never) as loaded:
        each = [_cosine(loaded, tokenizer, pixels, [window], Effort()) for window in windows]
        whole = _cosine(loaded, tokenizer, pixels, windows, Effort())
        careful = _cosine(loaded, tokenizer, pixels, windows, Effort(tiled=True, halved=True))
    lengths = [window.tokens for window in windows]
    assert len(set(lengths)) > 1
    assert whole == pytest.approx(np.average(each, weights=lengths), abs=1e-5)
    assert careful == pytest.approx(whole, abs=1e-5)


def test_the_end_of_a_long_text_counts(host: ModelHost) -> None:
    start = "a bright room with a wooden table and a linen curtain by the window "
    tokenizer = host.tokenizer("clip-vit-l14")
    pixels = host.processor("clip-vit-l14")(images=[Image.fromarray(NOISE)], return_tensors="pt")["pixel_values"]
    with host.lease("clip-vit-l14", ["model"], activity="test", stop=never) as loaded:
        first, second = (
            _cosine(loaded, tokenizer, pixels, _windows(tokenizer, start + end, 77), Effort())
            for end in ("zebra " * 9, "qoph ibex " * 6)
        )
    assert first != second


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("within", ["vision_model", "text_model"])
def test_memory_running_out_in_either_tower_is_recovered_from(
    times: int, within: str, host: ModelHost, scorer: ClipScorer
) -> None:
    calm = scorer.score(CUP, "a cup", "openai", never)
    with starving(host, "clip-vit-l14", times, within) as starved:
        assert scorer.score(CUP, "a cup", "openai", never) == calm
    assert starved.calls == times + 1


def test_memory_that_never_suffices_is_a_clear_error(host: ModelHost, scorer: ClipScorer) -> None:
    with starving(host, "koclip-vit-l14", 99, "vision_model"), pytest.raises(GpuOutOfMemory):
        scorer.score(CUP, "a cup", "koclip", never)


def test_a_stopped_job_gets_no_score(scorer: ClipScorer) -> None:
    with pytest.raises(JobStopped):
        scorer.score(CUP, "a cup", "openai", StopAt(1))
    with pytest.raises(JobStopped):
        scorer.score(CUP, "a cup", "openai", StopAt(2))


def test_a_dual_encoder_with_another_text_model_is_read_by_the_same_code(host: ModelHost) -> None:
    """Some Korean CLIPs are a BERT beside a vision tower, whose tokenizer has other special tokens."""
    tokenizer = bert_tokenizer()
    text = {"vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    vision = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        CLIPVisionConfig(**vision, intermediate_size=32), BertConfig(**text, intermediate_size=32), projection_dim=16
    )
    torch.manual_seed(0)
    module = VisionTextDualEncoderModel(config).eval()
    loaded = Loaded({"model": module}, torch.device("cpu"), torch.float32, None)  # type: ignore[arg-type]
    pixels, windows = torch.zeros(1, 3, 32, 32), _windows(tokenizer, "a cup of tea", 77)
    words = tokenizer("a cup of tea", return_tensors="pt")
    with torch.inference_mode():
        out = module(input_ids=words["input_ids"], attention_mask=words["attention_mask"], pixel_values=pixels)
    expected = float((out.image_embeds @ out.text_embeds.T).squeeze())
    assert windows == [Window("a cup of tea", words["input_ids"].shape[1])]
    assert _cosine(loaded, tokenizer, pixels, windows, Effort()) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("score", "model", "name"),
    [
        (0, "openai", "none"),
        (14.99, "openai", "none"),
        (15, "openai", "weak"),
        (19.99, "openai", "weak"),
        (20, "openai", "fair"),
        (24, "openai", "good"),
        (27.99, "openai", "good"),
        (28, "openai", "strong"),
        (100, "openai", "strong"),
        (13.99, "koclip", "none"),
        (14, "koclip", "weak"),
        (18, "koclip", "fair"),
        (22, "koclip", "good"),
        (26, "koclip", "strong"),
    ],
)
def test_a_band_begins_at_its_threshold(score: float, model: ClipModel, name: str) -> None:
    assert band(score, model) == name


def test_every_band_has_words_in_both_languages() -> None:
    said = {interpretation(score, "openai", locale) for score in (0, 15, 20, 24, 28) for locale in ("ko", "en")}
    assert len(said) == 10
    assert interpretation(25, "openai", "en") == "The picture fits the text well."
