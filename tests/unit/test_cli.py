"""The command line: names of files, boxes, and what a person is told when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from nanococoa_aiserver.ads.local import LocalAd
from nanococoa_aiserver.cli.ad import language_of, places
from nanococoa_aiserver.cli.commands import build_app
from nanococoa_aiserver.cli.cutout import target_names
from nanococoa_aiserver.cli.progress import step_places
from nanococoa_aiserver.cli.terminal import parse_box, terminal_locale
from nanococoa_client.schemas import GenerateRequest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(build_app(), arguments, env={"LC_ALL": "ko_KR.UTF-8"} | environment)


def made(*formats: str, suffix: str = ".png") -> LocalAd:
    return LocalAd(dict.fromkeys(formats, (b"", suffix)), {}, [], None, {})


def test_a_file_takes_the_first_format_and_the_others_stand_beside_it() -> None:
    assert places(made("square", "story"), Path("out/ad.png")) == {
        "square": Path("out/ad.png"),
        "story": Path("out/ad-story.png"),
    }


def test_a_folder_gets_one_file_per_format() -> None:
    assert places(made("square", "story"), Path("out")) == {
        "square": Path("out/square.png"),
        "story": Path("out/story.png"),
    }


def test_a_files_suffix_says_what_is_in_it_whatever_was_asked_for() -> None:
    assert places(made("google", suffix=".jpg"), Path("ad.png")) == {"google": Path("ad.jpg")}


def test_photos_of_the_same_name_do_not_overwrite_each_other() -> None:
    names = target_names([Path("a/mug.jpg"), Path("b/mug.png"), Path("cup.jpg")], Path("out"))
    assert names == [Path("out/mug.png"), Path("out/mug-2.png"), Path("out/cup.png")]


def test_a_box_is_four_numbers() -> None:
    assert parse_box("10,20,300,400") == (10, 20, 300, 400)
    assert parse_box(None) is None


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,0,4", "-1,2,3,4", "1,2,3,4,5"])
def test_anything_else_is_no_box(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_box(text)


def test_the_language_of_the_ad_is_the_copys() -> None:
    assert language_of("Fresh 커피") == "ko"
    assert language_of("Fresh coffee") == "en"


@pytest.mark.parametrize(("environ", "locale"), [({"LANG": "ko_KR.UTF-8"}, "ko"), ({"LANG": "C"}, "en"), ({}, "en")])
def test_messages_are_in_the_terminals_language(environ: dict[str, str], locale: str) -> None:
    assert terminal_locale(environ) == locale


def test_the_bar_goes_through_every_step_to_the_end() -> None:
    spans = list(step_places(GenerateRequest(text_content="원두", bg_prompt="나무")).values())
    assert spans[0][0] == 0
    assert sum(length for _, length in spans) == pytest.approx(1)
    ends = [begin + length for begin, length in spans]
    assert [begin for begin, _ in spans[1:]] == pytest.approx(ends[:-1])


def test_a_file_that_is_no_picture_ends_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    bad = tmp_path / "notes.jpg"
    bad.write_text("no picture")
    done = invoke(
        "ad", "--photo", str(bad), "--text", "원두", "--background", "나무", "--out", str(tmp_path / "ad.png")
    )
    assert done.exit_code == 2
    assert "사진" in done.stderr
    assert "Traceback" not in done.output


def test_an_unknown_format_ends_with_2_and_names_the_known_ones(tmp_path: Path) -> None:
    photo = str(SAMPLES / "coffee.jpg")
    fields = ("--photo", photo, "--text", "원두", "--background", "나무", "--format", "cube", "--out", str(tmp_path))
    done = invoke("ad", *fields)
    assert done.exit_code == 2
    assert "cube" in done.stderr
    assert "square" in done.stderr


def test_one_bad_photo_does_not_keep_the_others_from_being_cut_out(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    good = SAMPLES / "products" / "02.jpg"
    done = invoke("cutout", str(bad), str(good), "--out-dir", str(tmp_path / "out"))
    refused, cut = (json.loads(line) for line in done.stdout.splitlines())
    assert done.exit_code == 2
    assert refused["error"]["code"] == "INVALID_IMAGE"
    assert cut["verdict"] in ("ok", "uncertain")
    assert Path(cut["file"]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("flag", "value"), [("--port", "0"), ("--jobs-url", "mysql://x"), ("--engine", "magic")])
def test_a_wrong_setting_ends_serve_with_its_name(flag: str, value: str) -> None:
    done = invoke("serve", flag, value)
    assert done.exit_code == 2
    assert flag[2:].replace("-", "_").upper() in done.stderr


def test_formats_are_listed_with_their_pixels() -> None:
    listed: list[dict[str, Any]] = json.loads(invoke("formats", "--json").stdout)
    assert {"square", "portrait", "story", "wide"} <= {spec["name"] for spec in listed}


def test_the_command_line_starts_without_pictures_browser_or_server() -> None:
    code = "import sys; from nanococoa_aiserver.cli.commands import build_app; build_app(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "cv2", "playwright", "fastapi", "dbos", "openai", "torch"} & set(loaded)
