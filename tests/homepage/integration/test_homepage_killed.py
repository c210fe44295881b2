"""kill -9 in every node: the next process goes on at that node, whatever came before is not done again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homepage_generator.media import MediaStore
from homepage_generator.spec.site import SiteSpec
from support import homepages_process
from support.homepages_samples import brief as sample
from support.waiting import until

STEPS = ("plan", "design", "develop", "build", "inspect", "review", "keep")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""


@pytest.fixture
def job(tmp_path: Path, url: str) -> dict[str, Any]:
    shop = sample("fruit", MediaStore(tmp_path / "media"))
    return {"url": url, "brief": shop.model_dump(mode="json")}


@contextmanager
def process(folder: Path, job: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    file = folder / "job.json"
    file.write_text(json.dumps(job, ensure_ascii=False), "utf-8")
    tests = Path(homepages_process.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(tests)}
    with (folder / "log").open("ab") as log:
        command = [sys.executable, homepages_process.__file__, str(folder), str(file)]
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.kill()
        running.wait(30)


def journal(folder: Path) -> list[str]:
    file = folder / "journal"
    return file.read_text().splitlines() if file.exists() else []


def killed_at(step: str, folder: Path, job: dict[str, Any]) -> None:
    """A process that is killed once it has begun with ``step``."""
    with process(folder, job | {"hold": step}) as running:
        until(lambda: f"begin {step}" in journal(folder) or running.poll() is not None)
        assert running.poll() is None, (folder / "log").read_text()


def finished(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    with process(folder, job) as running:
        code = running.wait(120)
    assert code == 0, (folder / "log").read_text()
    result: dict[str, Any] = json.loads((folder / "result").read_text("utf-8"))
    return result


@pytest.mark.parametrize("step", STEPS)
def test_a_job_killed_in_a_node_goes_on_at_that_node(tmp_path: Path, job: dict[str, Any], step: str) -> None:
    killed_at(step, tmp_path, job)
    before = len(journal(tmp_path))
    result = finished(tmp_path, job)
    assert result["passed"]
    assert (Path(result["folder"]) / "index.html").exists()
    again = [line.removeprefix("begin ") for line in journal(tmp_path)[before:] if line.startswith("begin")]
    node = "build" if step in ("build", "inspect", "review") else step  # the three are one node
    assert again == list(STEPS[STEPS.index(node) :])
    assert journal(tmp_path)[:before].count("begin plan") == 1


def test_a_job_killed_in_every_node_one_after_another_is_made_once(tmp_path: Path, job: dict[str, Any]) -> None:
    for step in ("plan", "design", "develop", "inspect", "keep"):
        killed_at(step, tmp_path, job)
    assert finished(tmp_path, job)["passed"]
    lines = journal(tmp_path)
    assert [lines.count(f"end {step}") for step in ("plan", "design", "develop", "inspect")] == [1, 1, 1, 1]


def test_a_build_that_is_gone_when_a_killed_job_goes_on_is_built_again(tmp_path: Path, job: dict[str, Any]) -> None:
    killed_at("keep", tmp_path, job)
    shutil.rmtree(tmp_path / "jobs" / "job1")
    result = finished(tmp_path, job)
    spec = SiteSpec.model_validate_json((Path(result["folder"]) / "index.html").read_text("utf-8"))
    assert spec == SiteSpec.model_validate(result["spec"])


def test_a_page_that_waits_for_its_owner_outlives_its_process(tmp_path: Path, job: dict[str, Any]) -> None:
    job |= {"approve": True}
    first = finished(tmp_path, job)
    assert first["awaits"]
    second = finished(tmp_path, job)
    assert second["awaits"]
    assert second["pid"] != first["pid"]
    said = job | {"answer": {"approved": False, "words": "더 담백하게", "number": 1}}
    killed_at("edit", tmp_path, said)
    assert finished(tmp_path, said)["awaits"]
    done = finished(tmp_path, job | {"answer": {"approved": True, "words": "", "number": 2}})
    assert done["spec"]["pages"][0]["sections"][0]["lead"] == "골라서 내놓습니다."
    assert journal(tmp_path).count("begin plan") == 1
    assert journal(tmp_path).count("end edit") == 1


@pytest.mark.parametrize("step", ["edit", "build", "inspect", "keep"])
def test_an_edit_killed_in_a_node_changes_the_page_once(tmp_path: Path, job: dict[str, Any], step: str) -> None:
    base = finished(tmp_path, job)["spec"]
    folder = tmp_path / "edit"
    folder.mkdir()
    edit = {"url": job["url"], "base": base, "edit": {"instruction": "더 담백하게"}, "id": "job2"}
    killed_at(step, folder, edit)
    result = finished(folder, edit)
    assert result["spec"]["pages"][0]["sections"][0]["lead"] == "골라서 내놓습니다."
    assert len(result["changes"]) == 1
    assert journal(folder).count("end edit") == 1


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("step", ["build", "inspect"])
def test_a_job_killed_at_the_browser_passes_the_gate_in_another_process(tmp_path: Path, step: str) -> None:
    shop = sample("fruit", MediaStore(tmp_path / "media"))
    job = {"url": "", "brief": shop.model_dump(mode="json"), "browser": True}
    killed_at(step, tmp_path, job)
    result = finished(tmp_path, job)
    assert result["passed"]
    files = {path.name for path in Path(result["folder"]).iterdir()}
    assert {"index.html", "og.png", "og-800x400.png", "robots.txt"} <= files
    assert "card.html" not in files
