"""The published contract: every operation is told in words, every failure is declared, nothing changes unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from nanococoa_aiserver.app import create_app
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import BY_CODE
from nanococoa_client.schemas import EditRequest, GenerateRequest

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
ROUTES = {
    ("post", "/generate"),
    ("post", "/edit"),
    ("get", "/status/{job_id}"),
    ("get", "/jobs/{job_id}/events"),
    ("post", "/stop/{job_id}"),
    ("post", "/jobs/{job_id}/resume"),
    ("get", "/jobs"),
    ("delete", "/jobs/{job_id}"),
    ("get", "/artifacts/{artifact_id}"),
    ("post", "/cutout"),
    ("post", "/render"),
    ("post", "/clip-score"),
    ("post", "/analyze"),
    ("get", "/formats"),
    ("get", "/fonts"),
    ("get", "/fonts/subset"),
    ("get", "/resources"),
    ("get", "/health"),
    ("get", "/ready"),
    ("get", "/metrics"),
    ("get", "/dashboard"),
}
ENVELOPE = {"$ref": "#/components/schemas/ErrorEnvelope"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, op) for path, methods in document["paths"].items() for method, op in methods.items()]


def test_every_operation_of_the_contract_is_there_and_no_other(document: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(document)} == ROUTES


def test_every_operation_says_what_it_is_for(document: dict[str, Any]) -> None:
    summaries = [op["summary"] for _, _, op in operations(document)]
    assert len(set(summaries)) == len(summaries)
    for method, path, op in operations(document):
        assert len(op["summary"]) >= 15, (method, path)
        assert len(op["description"]) > len(op["summary"]) + 15, (method, path)
        for parameter in op.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])


def test_every_field_says_what_it_means(document: dict[str, Any]) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, part in schema.get("properties", {}).items()
        if not part.get("description")
    ]
    assert silent == []


def test_every_failure_is_declared_as_the_envelope(document: dict[str, Any]) -> None:
    for method, path, op in operations(document):
        if path == "/health":
            continue
        assert {"401", "500"} <= op["responses"].keys(), (method, path)
        for status, answer in op["responses"].items():
            if status >= "400" and (path, status) != ("/ready", "503"):
                assert answer["content"]["application/json"]["schema"] == ENVELOPE, (method, path, status)
                assert answer["description"]
        if "requestBody" in op:
            assert "422" in op["responses"], (method, path)


def test_every_body_has_a_korean_example(document: dict[str, Any]) -> None:
    for method, path, op in operations(document):
        if "requestBody" in op:
            examples = op["requestBody"]["content"]["application/json"]["examples"]
            assert any("가" <= letter <= "힣" for letter in str(examples)), (method, path)


@pytest.mark.parametrize(("path", "model"), [("/generate", GenerateRequest), ("/edit", EditRequest)])
def test_examples_are_valid_requests(document: dict[str, Any], path: str, model: type[BaseModel]) -> None:
    content = document["paths"][path]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        model.model_validate(example["value"])


def test_generate_takes_forms_with_files(document: dict[str, Any]) -> None:
    form = document["components"]["schemas"]["GenerateForm"]["properties"]
    assert set(GenerateRequest.model_fields) <= set(form)
    for name in ("product_image", "cutout_image", "step1_image", "logo"):
        assert form[name]["format"] == "binary"


def test_edit_takes_forms_with_files(document: dict[str, Any]) -> None:
    form = document["components"]["schemas"]["EditForm"]["properties"]
    assert set(EditRequest.model_fields) <= set(form)
    for name in ("image", "mask"):
        assert form[name]["format"] == "binary"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


def test_the_document_is_the_same_every_time(document: dict[str, Any]) -> None:
    assert create_app(Settings()).openapi() == document


def test_the_docs_name_every_route_and_every_error_code() -> None:
    told = DOCS.read_text("utf-8")
    missing = [f"{method} {path}" for method, path in ROUTES if f"`{method.upper()} {path}`" not in told]
    assert missing == []
    assert [code for code in BY_CODE if f"`{code}`" not in told] == []


def test_both_languages_say_the_same_things() -> None:
    from nanococoa_client.messages import catalogue

    korean, english = catalogue("ko"), catalogue("en")
    assert {name: set(part) for name, part in korean.items()} == {name: set(part) for name, part in english.items()}
