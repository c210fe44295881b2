"""Tiny checkpoints load by the classes the catalogue names, run in moments, and are the same bytes every time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from nanococoa_aiserver.engines.diffusion.birefnet import load_birefnet
from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, load_catalogue
from nanococoa_aiserver.engines.diffusion.tiny import ALL, make, make_tiny
from nanococoa_client.errors import InvalidParameter

pytestmark = pytest.mark.diffusion

PHOTO = Image.fromarray(np.linspace(0, 255, 96 * 64 * 3, dtype=np.uint8).reshape(64, 96, 3))
KOREAN = "대리석 위의 향수병, a perfume bottle on marble ✨"
SMALL = {"height": 128, "width": 128, "num_inference_steps": 2, "output_type": "np"}


@pytest.fixture
def seeded() -> torch.Generator:
    return torch.Generator("cpu").manual_seed(0)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def components() -> list[tuple[str, str, ComponentSpec]]:
    models = load_catalogue().values()
    return [(model.name, part, spec) for model in models for part, spec in model.components.items()]


def load(folder: Path, spec: ComponentSpec) -> Any:
    if spec.library == "nobg":
        return load_birefnet(folder, torch.float32)
    cls = getattr(diffusers if spec.library == "diffusers" else transformers, spec.class_name)
    return cls.from_pretrained(folder, subfolder=spec.subfolder, dtype=torch.float32).eval()


def test_every_model_of_the_catalogue_has_a_tiny_checkpoint() -> None:
    assert {name for name in ALL if "/" not in name} == set(load_catalogue())


@pytest.mark.parametrize(("model", "part", "spec"), components(), ids=lambda value: str(value)[:24])
def test_a_component_loads_by_its_own_class(tiny_models: Path, model: str, part: str, spec: ComponentSpec) -> None:
    module = load(tiny_models / model, spec)
    assert type(module).__name__ == spec.class_name
    assert all(bool(torch.isfinite(tensor).all()) for tensor in module.parameters())


def test_nothing_loads_with_weights_that_were_made_up_on_the_way(tiny_models: Path) -> None:
    for model, _, spec in components():
        if spec.library == "transformers":
            cls = getattr(transformers, spec.class_name)
            _, told = cls.from_pretrained(tiny_models / model, subfolder=spec.subfolder, output_loading_info=True)
            assert not told["missing_keys"], model
            assert not told["mismatched_keys"], model


@pytest.mark.parametrize(
    ("model", "pipeline", "options"),
    [
        ("flux2-klein-4b", "Flux2KleinPipeline", {"guidance_scale": 1.0, "max_sequence_length": 128}),
        ("flux1-schnell", "FluxPipeline", {"guidance_scale": 0.0, "max_sequence_length": 128}),
        ("flux1-dev", "FluxPipeline", {"guidance_scale": 3.5, "max_sequence_length": 128}),
        ("z-image-turbo", "ZImagePipeline", {"guidance_scale": 0.0, "max_sequence_length": 128}),
        ("sd3-medium", "StableDiffusion3Pipeline", {"guidance_scale": 7.0, "max_sequence_length": 128}),
    ],
)
def test_a_generator_paints_from_korean_and_english(
    tiny_models: Path, seeded: torch.Generator, model: str, pipeline: str, options: dict[str, Any]
) -> None:
    pipe = getattr(diffusers, pipeline).from_pretrained(tiny_models / model, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    picture = pipe(prompt=KOREAN, generator=seeded, **SMALL, **options).images[0]
    assert picture.shape == (128, 128, 3)
    assert np.isfinite(picture).all()
    assert picture.std() > 0


def test_flux2_dev_paints_from_its_parts_with_the_text_tokenizer_alone(
    tiny_models: Path, seeded: torch.Generator
) -> None:
    folder = tiny_models / "flux2-dev"
    parts = {part: load(folder, spec) for part, spec in load_catalogue()["flux2-dev"].components.items()}
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler.from_pretrained(folder, subfolder="scheduler")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, subfolder="tokenizer")
    pipe = diffusers.Flux2Pipeline(scheduler=scheduler, tokenizer=tokenizer, **parts)
    pipe.set_progress_bar_config(disable=True)
    picture = pipe(prompt=KOREAN, generator=seeded, guidance_scale=4.0, **SMALL).images[0]
    assert picture.shape == (128, 128, 3)


def test_flux2_dev_names_the_processor_that_the_hub_names(tiny_models: Path) -> None:
    index = json.loads((tiny_models / "flux2-dev" / "model_index.json").read_text("utf-8"))
    assert index["tokenizer"] == ["transformers", "PixtralProcessor"]


@pytest.mark.parametrize(
    ("model", "subfolder"),
    [
        ("flux2-klein-4b", "tokenizer"),
        ("flux2-dev", "tokenizer"),
        ("z-image-turbo", "tokenizer"),
        ("qwen3-vl-4b", ""),
        ("qwen2-vl-7b", ""),
    ],
)
def test_a_byte_level_tokenizer_gives_any_text_back(tiny_models: Path, model: str, subfolder: str) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_models / model, subfolder=subfolder)
    assert tokenizer.decode(tokenizer(KOREAN)["input_ids"], skip_special_tokens=True) == KOREAN


@pytest.mark.parametrize(("model", "subfolder"), [("clip-vit-l14", ""), ("flux1-schnell", "tokenizer")])
def test_clip_cuts_at_77_tokens(tiny_models: Path, model: str, subfolder: str) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_models / model, subfolder=subfolder)
    assert tokenizer.model_max_length == 77
    assert len(tokenizer("신발 " * 100, truncation=True)["input_ids"]) == 77


def test_t5_knows_no_hangul_as_the_real_one(tiny_models: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_models / "flux1-schnell", subfolder="tokenizer_2")
    assert tokenizer.unk_token_id in tokenizer("향수")["input_ids"]
    assert tokenizer.unk_token_id not in tokenizer("perfume")["input_ids"]


@pytest.mark.parametrize("model", ["qwen3-vl-4b", "qwen3-vl-8b", "qwen2-vl-7b"])
def test_a_vision_language_model_answers_about_a_picture(tiny_models: Path, model: str) -> None:
    folder = tiny_models / model
    network = transformers.AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    answer = network.generate(**_question(folder, network.config), max_new_tokens=4, do_sample=False)
    assert network.dtype == torch.float32
    assert answer.shape[0] == 1


def _question(folder: Path, config: Any) -> dict[str, torch.Tensor]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    picture = processor(images=[PHOTO], return_tensors="pt")
    tokens = int(picture["image_grid_thw"].prod()) // processor.merge_size**2
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "무엇이 보이나요?"}]}]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text.replace("<|image_pad|>", "<|image_pad|>" * tokens), return_tensors="pt")
    kinds = (ids["input_ids"] == config.image_token_id).long()
    return {
        "input_ids": ids["input_ids"],
        "attention_mask": ids["attention_mask"],
        "mm_token_type_ids": kinds,
        **picture,
    }


@pytest.mark.parametrize("model", ["clip-vit-l14", "koclip-vit-l14"])
def test_clip_compares_a_picture_with_words(tiny_models: Path, model: str) -> None:
    folder = tiny_models / model
    network = transformers.CLIPModel.from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)(["향수", "shoes"], padding=True, return_tensors="pt")
    picture = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")(PHOTO, return_tensors="pt")
    with torch.inference_mode():
        similar = network(**words, **picture).logits_per_image
    assert similar.shape == (1, 2)
    assert similar[0, 0] != similar[0, 1]


def test_the_tiny_birefnet_cuts_out_what_is_dark(tiny_models: Path) -> None:
    network = load_birefnet(tiny_models / "birefnet", torch.float32)
    photo = torch.full((1, 3, 64, 64), 2.0)
    photo[:, :, 16:48, 16:48] = -2.0
    with torch.inference_mode():
        alpha = network(photo)["logits"].sigmoid()[0, 0]
    assert alpha[20:44, 20:44].min() > 0.98
    assert alpha[:12, :12].max() < 0.02


def test_the_detector_finds_boxes_for_a_phrase(tiny_models: Path) -> None:
    folder = tiny_models / "grounding-dino"
    network = transformers.GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)("a red sofa.", return_tensors="pt")
    picture = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")(PHOTO, return_tensors="pt")
    with torch.inference_mode():
        found = network(**words, **picture)
    assert found.pred_boxes.shape[-1] == 4
    assert torch.isfinite(found.pred_boxes).all()


def test_sam_makes_masks_inside_a_box(tiny_models: Path) -> None:
    network = transformers.Sam2Model.from_pretrained(tiny_models / "sam2.1").eval()
    side = network.config.vision_config.backbone_config.image_size[0]
    with torch.inference_mode():
        made = network(pixel_values=torch.zeros(1, 3, side, side), input_boxes=torch.tensor([[[8.0, 8.0, 40.0, 40.0]]]))
    assert made.pred_masks.shape[-2:] == (side // 4, side // 4)


def test_the_adapter_changes_what_klein_paints(tiny_models: Path) -> None:
    pipe = diffusers.Flux2KleinPipeline.from_pretrained(tiny_models / "flux2-klein-4b", dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)

    def paint() -> Any:
        generator = torch.Generator("cpu").manual_seed(1)
        return pipe(prompt="x", generator=generator, guidance_scale=1.0, max_sequence_length=64, **SMALL).images[0]

    plain = paint()
    pipe.load_lora_weights(tiny_models / "adapters" / "warm-light", adapter_name="warm")
    adapted = paint()
    pipe.unload_lora_weights()
    assert not np.array_equal(plain, adapted)
    assert np.array_equal(plain, paint())


def test_the_whole_set_is_the_same_bytes_twice(tmp_path: Path, tiny_models: Path) -> None:
    torch.manual_seed(1234)
    torch.rand(7)
    make_tiny(tmp_path / "again")
    assert files(tmp_path / "again") == files(tiny_models)


def test_making_leaves_the_random_numbers_of_others_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    make_tiny(tmp_path / "models", ["clip-vit-l14"])
    assert torch.equal(torch.rand(3), expected)


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "flux2-klein-4b").mkdir()
    (tmp_path / "flux2-klein-4b" / "weights.safetensors").write_bytes(b"real")
    with pytest.raises(InvalidParameter) as refused:
        make_tiny(tmp_path)
    assert refused.value.key == "tiny_folder_taken"
    assert list(files(tmp_path)) == ["flux2-klein-4b/weights.safetensors"]


def test_an_unknown_name_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="no-such-model"):
        make_tiny(tmp_path / "models", ["clip-vit-l14", "no-such-model"])
    assert not (tmp_path / "models").exists()


def test_made_again_a_damaged_model_is_whole(tmp_path: Path) -> None:
    make_tiny(tmp_path / "models", ["clip-vit-l14"])
    weights = tmp_path / "models" / "clip-vit-l14" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(b"")
    (weights.parent / "left-over.txt").write_text("x")
    make_tiny(tmp_path / "models", ["clip-vit-l14"])
    assert weights.read_bytes() == whole
    assert not (weights.parent / "left-over.txt").exists()


def test_a_model_that_fails_in_the_making_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tiny(tmp_path / "models", ["clip-vit-l14"])
    before = files(tmp_path)
    monkeypatch.setattr(make, "MAKERS", {"clip-vit-l14": _disk_full})
    with pytest.raises(OSError, match="disk full"):
        make_tiny(tmp_path / "models", ["clip-vit-l14"])
    assert files(tmp_path) == before


def _disk_full(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"half")
    raise OSError("disk full")


def test_the_set_is_small(tiny_models: Path) -> None:
    assert sum(map(len, files(tiny_models).values())) < 20e6


def test_a_tiny_folder_may_be_moved(tmp_path: Path, tiny_models: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(tiny_models / "flux2-klein-4b", moved)
    pipe = diffusers.Flux2KleinPipeline.from_pretrained(moved, dtype=torch.float32)
    assert pipe.config.is_distilled
