"""The document names every setting and every operation; what is new and undocumented fails here."""

from __future__ import annotations

from pathlib import Path

import pytest

from homepage_generator.app import create_app
from homepage_generator.settings import Settings
from homepage_generator.spec.policy import PAGE_POLICY

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs" / "homepages.md").read_text("utf-8")


@pytest.mark.parametrize("name", [(field.alias or name).upper() for name, field in Settings.model_fields.items()])
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_every_operation_is_documented(tmp_path: Path) -> None:
    document = create_app(Settings(homepage_data_dir=tmp_path)).openapi()
    beside = ("/spec", "/report", "/preview/{path}")
    paths = [path for path in document["paths"] if not path.endswith(beside)]
    for path in paths:
        short = "…/" + path.rsplit("/", 1)[1]
        assert f"{path}`" in PAGE or f"`{short}`" in PAGE, path


def test_a_sandboxed_page_has_no_origin_and_no_scripts() -> None:
    assert "script-src 'none'" in PAGE_POLICY
    assert "sandbox " in PAGE_POLICY
    assert "allow-same-origin" not in PAGE_POLICY
    assert "allow-scripts" not in PAGE_POLICY
