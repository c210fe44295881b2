"""The models by name: what each is allowed for, how large it is, how small it must be on a card, and where it swaps."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nanococoa_aiserver.cli.commands import build_app
from nanococoa_aiserver.cli.model_checks import placement, weights
from nanococoa_aiserver.engines.diffusion.catalogue import (
    ModelSpec,
    Storage,
    find_model,
    load_catalogue,
    read_catalogue,
)
from nanococoa_aiserver.engines.diffusion.licences import check_licence
from nanococoa_aiserver.engines.diffusion.outlook import card_named, outlook
from nanococoa_aiserver.engines.diffusion.precision import PrecisionChoice, choose
from nanococoa_aiserver.engines.diffusion.selection import Selection, select_models
from nanococoa_aiserver.gpu.cards import Card, load_cards
from nanococoa_aiserver.settings import Settings, SettingsError, load_settings
from nanococoa_client.errors import ModelLoadError, ModelUnavailable
from nanococoa_client.messages import catalogue

GIB = 2**30
EXAMPLE = """
[one]
role = "generator"
family = "flux1"
hub_id = "somebody/one"
revision = "0123456789abcdef0123456789abcdef01234567"
licence = "Apache-2.0"
commercial = true
steps = 4
languages = ["en"]
text_limit = 77

[one.components.transformer]
class_name = "FluxTransformer2DModel"
library = "diffusers"
subfolder = "transformer"
parameters = 2.0
linear = 1.5
quantizable = true
"""


def selection(generator: str = "flux2-klein-4b", vlm: str = "qwen3-vl-4b") -> Selection:
    return select_models(Settings(generator_model=generator, vlm_model=vlm, accept_noncommercial_models=True))


def chosen(card: Card, models: Selection) -> PrecisionChoice:
    return choose("auto", card.capability, card.budget, models.needed, card.title)


def test_a_generator_is_asked_as_its_makers_say() -> None:
    asked = {name: (spec.steps, spec.guidance, spec.distilled) for name, spec in load_catalogue().items() if spec.steps}
    assert asked == {
        "flux2-klein-4b": (4, 1.0, True),
        "flux1-schnell": (4, 0.0, True),
        "flux1-dev": (28, 3.5, False),
        "flux2-dev": (50, 4.0, False),
        "z-image-turbo": (8, 0.0, True),
        "sd3-medium": (28, 7.0, False),
    }


def test_only_the_korean_clip_is_not_pinned_to_a_commit() -> None:
    assert [name for name, spec in load_catalogue().items() if not spec.pinned] == ["koclip-vit-l14"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("revision = ", "revision = 'main' #", "pinned means"),
        ("linear = 1.5", "linear = 2.5", "linear is the part"),
        ("linear = 1.5", "linear = 0", "linear is the part"),
        ("steps = 4", "", "a generator needs steps"),
        ("commercial = true", "commercial = false", "names an alternative"),
        ("commercial = true", 'commercial = true\nalternative = "one"', "names an alternative"),
        ("commercial = true", 'commercial = false\nalternative = "one"', "is not commercial either"),
        ("licence = ", "license = ", "license"),
        ('library = "diffusers"', 'library = "keras"', "library"),
        ("hub_id = ", 'hub_id = "https://example.com/x" #', "hub_id"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(old: str, new: str, reason: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(ValueError, match=reason):
        read_catalogue(EXAMPLE.replace(old, new, 1))


def test_the_example_that_is_broken_above_is_whole_by_itself() -> None:
    assert read_catalogue(EXAMPLE)["one"].component("transformer").bytes("int8") == 2_500_000_000


@pytest.mark.parametrize(
    ("model", "component", "storage", "gib"),
    [
        ("flux1-dev", "transformer", "bf16", 22.2),
        ("flux1-dev", "transformer", "fp8", 11.1),
        ("flux1-dev", "transformer", "nf4", 6.2),
        ("flux2-klein-4b", "transformer", "bf16", 7.2),
        ("flux2-klein-4b", "text_encoder", "fp8", 4.1),
        ("flux2-klein-4b", "text_encoder", "nf4", 2.6),
        ("flux2-dev", "transformer", "fp8", 30.0),
        ("qwen2-vl-7b", "model", "fp8", 8.7),
        ("qwen3-vl-4b", "model", "int8", 4.5),
        ("qwen3-vl-8b", "model", "nf4", 6.3),
        ("birefnet", "model", "nf4", 0.41),
    ],
)
def test_sizes_are_those_that_were_counted(model: str, component: str, storage: Storage, gib: float) -> None:
    assert find_model(model).component(component).bytes(storage) / GIB == pytest.approx(gib, abs=0.06)


@pytest.mark.parametrize("storage", ["fp8", "int8", "nf4"])
def test_decoders_clip_and_the_cutout_model_are_never_made_smaller(storage: Storage) -> None:
    for spec in load_catalogue().values():
        for name, part in spec.components.items():
            fixed = name == "vae" or "CLIP" in part.class_name or part.library == "nobg"
            assert (part.bytes(storage) == part.bytes("bf16")) if fixed else part.bytes(storage) <= part.bytes("bf16")


@pytest.mark.parametrize("name", [name for name, spec in load_catalogue().items() if not spec.commercial])
def test_a_non_commercial_model_is_refused_with_its_licence_and_what_to_use_instead(name: str) -> None:
    spec = find_model(name)
    with pytest.raises(ModelUnavailable) as refused:
        check_licence(spec, accept_noncommercial=False)
    for locale in ("ko", "en"):
        said = refused.value.message(locale)
        assert spec.licence in said
        assert "ACCEPT_NONCOMMERCIAL_MODELS=1" in said
        assert str(spec.alternative) in said
    check_licence(spec, accept_noncommercial=True)


def test_settings_that_choose_a_non_commercial_model_need_the_licence_accepted() -> None:
    with pytest.raises(ModelUnavailable, match=r"FLUX\.1"):
        select_models(Settings(generator_model="flux1-dev"))
    assert (
        select_models(Settings(generator_model="flux1-dev", accept_noncommercial_models=True)).fill.name == "flux1-dev"
    )


@pytest.mark.parametrize(
    ("setting", "name"), [("generator_model", "dall-e"), ("vlm_model", "flux1-schnell"), ("fill_model", "birefnet")]
)
def test_a_model_that_cannot_do_the_work_is_refused_by_the_settings_name(setting: str, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting.upper()}.*{name}.*known: "):
        select_models(Settings.model_validate({setting: name}))


def test_an_l4_holds_the_default_models_at_once_with_the_transformer_at_16_bits() -> None:
    card, models = load_cards()["l4"], selection()
    choice = chosen(card, models)
    assert (choice.transformer, choice.others, choice.fits) == ("bf16", "fp8", True)
    seen = outlook(models, choice, card.budget, card)
    assert seen.swapped == ()
    assert seen.bytes / GIB == pytest.approx(16.4, abs=0.1)


def test_on_an_l4_flux1_dev_and_qwen2_vl_take_turns() -> None:
    card, models = load_cards()["l4"], selection("flux1-dev", "qwen2-vl-7b")
    choice = chosen(card, models)
    assert (choice.transformer, choice.others, choice.fits) == ("fp8", "fp8", False)
    seen = outlook(models, choice, card.budget, card)
    assert "qwen2-vl-7b/model" in seen.swapped
    assert seen.swap_seconds == pytest.approx(0.85, abs=0.1)


def test_cards_without_float8_matmuls_get_int8() -> None:
    assert chosen(load_cards()["a10g"], selection()).others == "int8"
    assert choose("fp8", (8, 6), 40 * GIB, selection().needed).transformer == "fp8-weight"
    assert choose("fp8", (8, 9), 40 * GIB, selection().needed).transformer == "fp8"


def test_a_card_with_room_keeps_everything_at_16_bits() -> None:
    choice = chosen(load_cards()["h100"], selection("flux1-dev", "qwen3-vl-8b"))
    assert (choice.transformer, choice.others) == ("bf16", "bf16")


def test_the_processor_computes_in_float32_unless_asked_otherwise() -> None:
    assert choose("auto", None, 8 * GIB, selection().needed).transformer == "full"
    assert choose("int8", None, 8 * GIB, selection().needed).transformer == "int8"
    assert choose("fp8", None, 8 * GIB, selection().needed).transformer == "fp8-weight"


@pytest.mark.parametrize("free", [6, 8, 10, 12, 16, 22, 24, 40, 80])
def test_more_memory_never_means_smaller_weights(free: int) -> None:
    models = selection()
    try:
        less = choose("auto", (8, 9), free * GIB, models.needed)
    except ModelLoadError:
        return
    more = choose("auto", (8, 9), (free + 4) * GIB, models.needed)
    assert all(more.bytes(spec) >= less.bytes(spec) for spec in models.needed)


def test_a_card_too_small_is_refused_with_numbers() -> None:
    with pytest.raises(ModelLoadError) as refused:
        choose("auto", (7, 5), 3 * GIB, selection().needed, "GTX 1650")
    assert refused.value.key == "model_card_too_small"
    said = refused.value.message("en")
    assert "GTX 1650" in said
    assert "3.0 GiB" in said


def test_four_bits_without_bitsandbytes_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelLoadError, match=r"nanococoa-aiserver\[nf4\]") as refused:
        choose("nf4", (8, 9), 22 * GIB, selection().needed)
    assert refused.value.key == "model_nf4_missing"


def test_four_bits_are_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert choose("auto", (8, 9), 22 * GIB, selection("flux2-dev").needed).transformer == "nf4"
    assert choose("auto", (8, 9), 40 * GIB, selection("flux2-dev").needed).transformer == "fp8"


@pytest.mark.parametrize(
    ("driver", "card"),
    [
        ("NVIDIA L4", "l4"),
        ("NVIDIA L40S", None),
        ("Tesla T4", "t4"),
        ("NVIDIA GeForce RTX 4090", "rtx4090"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx6000"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx6000-blackwell"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA A100-SXM4-80GB", None),
    ],
)
def test_a_card_is_known_by_the_drivers_name_for_it(driver: str, card: str | None) -> None:
    found = card_named(driver)
    assert (found.name if found else None) == card


def invoke(*arguments: str, **environment: str) -> Any:
    return CliRunner().invoke(build_app(), arguments, env={"LC_ALL": "C.UTF-8", **environment})


def test_the_list_names_every_model(tmp_path: Path) -> None:
    write_clip(tmp_path)
    done = invoke("models", "list", "--json", MODELS_DIR=str(tmp_path), HF_HUB_OFFLINE="1")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == list(load_catalogue())
    assert rows["flux1-dev"]["commercial"] is False
    assert rows["clip-vit-l14"]["here"] is True


def test_a_table_shows_a_licence_with_brackets_in_its_name(tmp_path: Path) -> None:
    assert "[dev]" in invoke("models", "list", MODELS_DIR=str(tmp_path), COLUMNS="160").stdout


def write_clip(models_dir: Path) -> Path:
    """A whole CLIP folder of one number; returns its weights' path."""
    folder = models_dir / "clip-vit-l14"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["CLIPModel"]}')
    (folder / "tokenizer.json").write_text("{}")
    header = b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    return folder / "model.safetensors"


def test_checking_a_model_that_is_cut_off_says_so_and_fails(tmp_path: Path) -> None:
    file = write_clip(tmp_path)
    whole = invoke("models", "check", "clip-vit-l14", MODELS_DIR=str(tmp_path))
    assert (whole.exit_code, whole.stdout) == (0, "clip-vit-l14: ok\n")
    file.write_bytes(file.read_bytes()[:-1])
    done = invoke("models", "check", "clip-vit-l14", MODELS_DIR=str(tmp_path))
    assert done.exit_code == 1
    assert "cut off" in done.stdout


def test_downloading_a_non_commercial_model_is_refused_before_anything_is_asked() -> None:
    done = invoke("models", "download", "flux1-dev", HF_ENDPOINT="http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "ACCEPT_NONCOMMERCIAL_MODELS=1" in done.output


def test_a_model_nobody_knows_is_bad_input() -> None:
    done = invoke("models", "check", "dall-e")
    assert done.exit_code == 2
    assert "flux2-klein-4b" in done.output


def test_the_doctor_wants_weights_and_a_card_only_for_diffusion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanococoa_aiserver.cli.model_checks.seen_card", lambda: None)
    monkeypatch.setattr("nanococoa_aiserver.cli.model_checks.has_torch", lambda: False)
    for engine, verdicts in (("studio", ("ok", "ok")), ("auto", ("ok", "ok")), ("diffusion", ("bad", "warn"))):
        settings = load_settings(engine=engine, models_dir=tmp_path)
        assert (weights(settings).verdict, placement(settings).verdict) == verdicts
        assert "scripts/setup --diffusion" in weights(settings).advice
        assert "no CUDA card" in placement(settings).found


def test_the_doctor_says_what_an_l4_will_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from nanococoa_aiserver.cli.model_checks import SeenCard

    seen = SeenCard("NVIDIA L4", (8, 9), int(22.5 * GIB), int(22.0 * GIB))
    monkeypatch.setattr("nanococoa_aiserver.cli.model_checks.seen_card", lambda: seen)
    finding = placement(load_settings(engine="diffusion"))
    assert finding.verdict == "ok"
    assert "transformer bf16, encoders fp8" in finding.found
    assert "estimated: 10 s to load from disk, 0.7 s from memory" in finding.found
    assert "no swapping" in finding.advice
    swapping = placement(load_settings(generator_model="flux1-schnell"))
    assert "qwen3-vl-4b/model" in swapping.advice
    assert placement(load_settings(generator_model="flux2-dev")).verdict == "ok"
    assert placement(load_settings(engine="diffusion", generator_model="flux2-dev")).verdict == "bad"


@pytest.mark.parametrize("spec", load_catalogue().values(), ids=lambda spec: str(spec.name))
def test_the_page_of_models_says_what_the_catalogue_says(spec: ModelSpec) -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith((f"| `{spec.name}`", f"| **`{spec.name}`**")))
    assert f"| {spec.bytes('bf16') / GIB:.1f} |" in row
    assert ("**no" in row) == (not spec.commercial)
    assert spec.licence.removesuffix(" License") in row
    if spec.steps:
        assert f"| {spec.steps}, {spec.guidance:g}" in row.replace(".0", "")


def test_both_languages_tell_the_same_of_every_cause() -> None:
    korean, english = catalogue("ko")["errors"], catalogue("en")["errors"]
    causes = [key for key in english if key.startswith(("model_", "adapter_"))]
    assert len(causes) > 20
    for key in causes:
        assert set(re.findall(r"{(\w+)", korean[key])) == set(re.findall(r"{(\w+)", english[key])), key


def test_speaking_of_models_imports_no_torch() -> None:
    modules = ("catalogue", "licences", "weights", "files", "selection", "precision", "outlook")
    imports = "; ".join(f"import nanococoa_aiserver.engines.diffusion.{module}" for module in modules)
    check = "import sys; assert not {'torch', 'diffusers', 'transformers', 'huggingface_hub'} & set(sys.modules)"
    code = f"{imports}; import nanococoa_aiserver.cli.models, nanococoa_aiserver.cli.model_checks; {check}"
    subprocess.run([sys.executable, "-c", code], check=True)
