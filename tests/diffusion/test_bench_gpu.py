"""``bench gpu`` on tiny checkpoints: the code that measures a card runs to its end without one."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers
from accelerate import init_empty_weights
from bench.gpu import measure_gpu
from bench.gpu.arithmetic import against_floor, count_flops, matmul_rate
from bench.gpu.host import image_marks, write_companions
from bench.gpu.interleaving import LightTasks
from bench.gpu.random_weights import random_module
from bench.gpu.report import rounded, slug
from bench.gpu.rig import Plan, open_rig
from bench.gpu.run import attempted
from bench.gpu.shapes import Build, published
from bench.gpu.stages import answer, cut_out, encode, paint, score
from bench.gpu.variants import default_variants, measure_variant
from bench.suites import parse
from torch import nn

from nanococoa_aiserver.engines.diffusion.birefnet.architecture import architecture
from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
from nanococoa_aiserver.engines.diffusion.generators.canvas import Canvas
from nanococoa_aiserver.gpu.footprint import footprint
from nanococoa_client.errors import ModelLoadError

pytestmark = pytest.mark.diffusion

CPU = torch.device("cpu")
MARKS = {"image_token_id": 6, "video_token_id": 7, "vision_start_token_id": 3, "vision_end_token_id": 4}


@pytest.fixture(scope="module")
def report(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one whole run tells."""
    out = tmp_path_factory.mktemp("bench")
    assert measure_gpu(parse(["gpu", "--device", "cpu", "--tiny", str(tiny_models), "--out", str(out)])) == []
    assert (out / "gpu-cpu-tiny.svg").read_text("utf-8").startswith("<?xml")
    told: dict[str, Any] = json.loads((out / "gpu-cpu-tiny.json").read_text("utf-8"))
    return told


def numbers(value: Any) -> list[float]:
    if isinstance(value, Mapping):
        return [number for one in value.values() for number in numbers(one)]
    if isinstance(value, list):
        return [number for one in value for number in numbers(one)]
    return [value] if isinstance(value, float) else []


def test_a_whole_run_measures_every_stage_and_nothing_fails(report: dict[str, Any]) -> None:
    sections = report["sections"]
    assert "error" not in json.dumps(sections)
    assert [painting["size"] for painting in sections["painting"]] == [[64, 64], [64, 112]]
    for stage in (sections["encoding"], *sections["looking"].values()):
        assert stage["seconds"] > 0
        assert stage["tflop"] > 0
        assert stage["times_floor"] > 0
    for painting in sections["painting"]:
        parts = painting["denoise"]["seconds"] + painting["decode"]["seconds"]
        assert painting["total_seconds"] == pytest.approx(parts, rel=0.01)
        assert painting["step"]["floor_seconds"] > 0
        assert painting["decode"]["tflop"] > 0
    assert sections["looking"]["answer"]["tokens"] == 8
    assert sections["interleaving"]["light"]["count"] > 0
    assert sections["interleaving"]["light"]["failures"] == []
    assert [one["variant"] for one in sections["variants"]] == ["auto", "int8"]
    assert all(one["times_floor"] > 0 for one in sections["variants"])


def test_tiny_checkpoints_are_never_passed_off_as_models(report: dict[str, Any]) -> None:
    assert set(report["weights"].values()) == {"tiny"}
    assert report["card"] == "cpu"


def test_a_larger_picture_takes_more_arithmetic(report: dict[str, Any]) -> None:
    square, tall = report["sections"]["painting"]
    assert tall["step"]["tflop"] > square["step"]["tflop"]
    assert tall["decode"]["tflop"] == pytest.approx(square["decode"]["tflop"] * 1.75, rel=0.01)


def test_loads_tell_where_a_model_came_from(report: dict[str, Any]) -> None:
    loads = report["sections"]["loads"]
    assert set(loads) == {"birefnet", "flux2-klein-4b", "qwen3-vl-4b", "clip-vit-l14"}
    for load in loads.values():
        assert load["gib"] > 0
        assert load["disk_seconds"] > load["resident_seconds"] > 0


def test_int8_makes_the_transformer_smaller(report: dict[str, Any]) -> None:
    full, int8 = (one["gib"]["flux2-klein-4b/transformer"] for one in report["sections"]["variants"])
    assert int8 < full / 2


def test_without_a_gpu_the_report_says_so_and_the_command_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert measure_gpu(parse(["gpu", "--out", str(tmp_path)])) == []
    told = json.loads((tmp_path / "gpu-none.json").read_text("utf-8"))
    assert told["card"] is None
    assert told["command"] == "nanococoa bench gpu"
    assert "No GPU" in told["reason"]
    assert "No GPU" in capsys.readouterr().out


def test_a_processor_alone_is_not_measured(tmp_path: Path) -> None:
    measure_gpu(parse(["gpu", "--device", "cpu", "--out", str(tmp_path)]))
    assert "--tiny" in json.loads((tmp_path / "gpu-none.json").read_text("utf-8"))["reason"]


@pytest.mark.parametrize(("part", "build"), published(MARKS).items(), ids=lambda value: str(value)[:32])
def test_the_published_shapes_have_the_catalogues_parameters(part: str, build: Build) -> None:
    model, _, component = part.partition("/")
    with init_empty_weights(include_buffers=False):
        module = build()
    billions = sum(parameter.numel() for parameter in _untied(module)) / 1e9
    assert billions == pytest.approx(load_catalogue()[model].component(component).parameters, rel=0.01)


def _untied(module: nn.Module) -> list[nn.Parameter]:
    tied = set(getattr(module, "all_tied_weights_keys", None) or {})
    return [parameter for name, parameter in module.named_parameters() if name not in tied]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, tiny_models: Path) -> Plan:
    """No weights anywhere; the published shapes replaced by the tiny checkpoints' own."""
    companions = tmp_path_factory.mktemp("companions")
    plan = Plan("cpu", "flux2-klein-4b", "qwen3-vl-4b", companions, sizes=((64, 64),), canvas=Canvas(4096, 16))
    write_companions(companions, plan.models)
    return Plan(
        "cpu", "flux2-klein-4b", "qwen3-vl-4b", companions,
        models_dir=companions / "nothing", sizes=plan.sizes, canvas=plan.canvas, steps=2, repeats=1, answer_tokens=4,
        shapes=_tiny_shapes(tiny_models),
    )  # fmt: skip


def _tiny_shapes(models: Path) -> dict[str, Build]:
    def built(part: str) -> nn.Module:
        model, _, component = part.partition("/")
        spec = load_catalogue()[model].component(component)
        config = json.loads((models / model / spec.subfolder / "config.json").read_text("utf-8"))
        if model == "clip-vit-l14":
            config["vision_config"]["image_size"] = 224  # what the companions say a picture's side is
        if spec.library == "nobg":
            nobg = architecture()
            known = nobg.BiRefNetConfig.__dataclass_fields__.keys() & config
            network: nn.Module = nobg.BiRefNet(nobg.BiRefNetConfig(**{name: config[name] for name in known}))
            return network
        cls = getattr(diffusers if spec.library == "diffusers" else transformers, spec.class_name)
        return cls.from_config(config) if spec.library == "diffusers" else cls(cls.config_class(**config))

    names = ("birefnet", "flux2-klein-4b", "qwen3-vl-4b", "clip-vit-l14")
    return {f"{model}/{part}": partial(built, f"{model}/{part}") for model in names for part in _parts(model)}


def _parts(model: str) -> list[str]:
    return list(load_catalogue()[model].components)


def test_models_without_weights_run_with_random_ones_and_say_so(bare: Plan) -> None:
    with open_rig(bare) as rig:
        assert {rig.host.origin(model) for model in bare.models} == {"random"}
        encode(rig)
        assert paint(rig, (64, 64))["total"] > 0
        cut_out(rig)
        score(rig)
        assert answer(rig) == 4
        swaps = rig.residency.state().swaps  # more of them where the machine's memory is short
        assert {"read", "uploaded"} <= set(swaps)


@pytest.mark.parametrize("variant", ["int8", "auto"])
def test_random_weights_are_quantized_like_real_ones(bare: Plan, variant: str) -> None:
    told = measure_variant(bare, variant)
    assert told["gib"]["flux2-klein-4b/transformer"] > 0
    assert (told["stored"] == "int8") == (variant == "int8")
    assert told["compiled"] is False


def _qwen3() -> nn.Module:
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.Qwen3Config(
        vocab_size=64, num_key_value_heads=1, head_dim=16, tie_word_embeddings=True, **shape
    )
    module: nn.Module = transformers.Qwen3ForCausalLM(config)
    return module


def test_random_weights_leave_tied_ones_tied_and_tables_right() -> None:
    component = load_catalogue()["flux2-klein-4b"].component("text_encoder")
    module: Any = random_module(_qwen3, component, "bf16", torch.bfloat16, CPU)
    frequencies = _qwen3().model.rotary_emb.inv_freq
    assert module.lm_head.weight is module.model.embed_tokens.weight
    assert torch.equal(module.model.rotary_emb.inv_freq, frequencies)
    assert module.model.rotary_emb.inv_freq.dtype == torch.float32
    assert module.dtype == torch.bfloat16
    assert 0.01 < float(module.model.layers[0].mlp.up_proj.weight.float().std()) < 0.03
    assert torch.isfinite(module(input_ids=torch.tensor([[1, 2, 3]])).logits).all()


def test_random_weights_in_int8_take_half() -> None:
    component = load_catalogue()["flux2-klein-4b"].component("text_encoder")
    whole = random_module(_qwen3, component, "bf16", torch.bfloat16, CPU)
    half = random_module(_qwen3, component, "int8", torch.bfloat16, CPU)
    assert footprint(half) < 0.8 * footprint(whole)
    assert type(half.lm_head.weight.data) is torch.Tensor


def test_companions_have_the_published_picture_sizes(bare: Plan) -> None:
    clip = json.loads((bare.companions / "clip-vit-l14" / "preprocessor_config.json").read_text("utf-8"))
    assert clip["crop_size"] == {"height": 224, "width": 224}
    assert set(image_marks(bare.companions / "qwen3-vl-4b")) == set(MARKS)


def test_flops_of_a_product_are_two_per_multiplication() -> None:
    left, right = torch.ones(8, 16), torch.ones(16, 32)
    assert count_flops(lambda: left @ right) == 2 * 8 * 16 * 32
    assert matmul_rate(CPU, 64) > 0
    assert against_floor(100, 50.0, 6.0) == {"tflop": 1e-10, "floor_seconds": 2.0, "times_floor": 3.0}
    assert against_floor(0, 50.0, 6.0)["times_floor"] is None


def test_a_light_task_that_fails_is_told_and_the_heavy_one_goes_on() -> None:
    failed = threading.Event()

    def broken() -> None:
        failed.set()
        raise ModelLoadError("model_load", model="clip-vit-l14")

    def heavy() -> float:
        assert failed.wait(60)
        return 1.5

    lights = LightTasks([broken], interval=0.01)
    assert lights.beside(heavy) == 1.5
    assert lights.summary()["count"] == 0
    assert "clip-vit-l14" in lights.summary()["failures"][0]


def test_one_failure_costs_no_other_result(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> dict[str, Any]:
        raise ModelLoadError("model_load", model="birefnet")

    assert "birefnet" in attempted("looking", broken)["error"]
    assert attempted("encoding", lambda: {"seconds": 1.0}) == {"seconds": 1.0}
    assert "failed" in capsys.readouterr().out


def test_a_variant_that_is_no_precision_is_refused(bare: Plan) -> None:
    with pytest.raises(ValueError, match="fp5"):
        measure_variant(bare, "fp5+compile")


@pytest.mark.parametrize(("capability", "float8"), [((9, 0), True), ((8, 9), True), ((8, 6), False), (None, False)])
def test_float8_is_measured_where_the_card_multiplies_it(capability: tuple[int, int] | None, float8: bool) -> None:
    assert ("fp8" in default_variants(capability)) is float8


def test_names_and_numbers_are_short() -> None:
    assert slug("NVIDIA H200") == "nvidia-h200"
    assert slug("Tesla T4 (16 GB)") == "tesla-t4-16-gb"
    assert rounded({"a": (1.23456789, "x", None, True)}) == {"a": [1.235, "x", None, True]}
