"""Parts of the API that need no server."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nanococoa_aiserver.api.answers import warning_text
from nanococoa_aiserver.api.copy_text import cleaned
from nanococoa_aiserver.api.language import header_locale
from nanococoa_aiserver.api.links import artifact_in, link, with_links
from nanococoa_aiserver.api.machine_metrics import MachineMetrics
from nanococoa_aiserver.api.reasons import explain, field_name
from nanococoa_client.messages import Locale
from nanococoa_client.schemas import AnalyzeRequest, GenerateRequest, RenderRequest
from support.waiting import until

ID = "0123456789abcdef" * 4 + ".png"


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.4, ko;q=0.7", "ko"),
        ("ko-KR", "ko"),
        ("fr", None),
        ("en;q=much", "en"),
        ("", None),
    ],
)
def test_the_preferred_of_the_two_languages_is_taken(header: str, locale: Locale | None) -> None:
    assert header_locale(request(accept_language=header)) == locale


@settings(deadline=None)
@given(st.text())
def test_cleaning_takes_nothing_but_control_characters(text: str) -> None:
    printable = [letter for letter in text if letter.isprintable() and letter not in "\ufeff\ufffe\uffff"]
    kept = [letter for letter in cleaned(text) if letter.isprintable()]
    assert [letter for letter in kept if letter != " "] == [letter for letter in printable if letter != " "]
    assert cleaned(cleaned(text)) == cleaned(text)


def test_cleaning_reaches_into_objects_and_leaves_numbers_alone() -> None:
    assert cleaned({"a": ["x\x00", 1, None, {"b": "\ty\r"}]}) == {"a": ["x", 1, None, {"b": " y\n"}]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*GenerateRequest.model_fields, "edits", "image", "?"])


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("model", [GenerateRequest, RenderRequest, AnalyzeRequest])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_wrong_body_has_a_reason_in_words(model: Any, locale: Locale, body: dict[str, Any]) -> None:
    try:
        model.model_validate(body)
    except ValidationError as error:
        told = explain(error.errors(include_url=False), locale, model)
        assert told.details["reason"]
        assert told.details["field"]
        assert told.message(locale)


def test_a_field_is_named_as_its_sender_wrote_it() -> None:
    assert field_name(("body", "edits", "square", "headline", "dx")) == "edits.square.headline.dx"
    assert field_name(("query", "limit")) == "limit"
    assert field_name(("body", "formats", 2)) == "formats[2]"
    assert field_name(("body",)) == "body"


def test_artifacts_are_known_by_id_and_by_path() -> None:
    assert artifact_in(ID) == artifact_in(f"/artifacts/{ID}") == artifact_in(f"http://host/artifacts/{ID}") == ID
    assert artifact_in("iVBORw0KGgo=") is None
    assert artifact_in(f"/artifacts/../{ID}x") is None
    assert with_links({"a": [ID, "b"]}) == {"a": [link(ID), "b"]}


def test_the_machine_is_read_by_nobody_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[str] = []
    machine = MachineMetrics()
    read = machine._read

    def noted() -> Any:
        readers.append(threading.current_thread().name)
        return read()

    monkeypatch.setattr(machine, "_read", noted)
    first = machine.latest()
    assert readers == []
    monkeypatch.setattr(machine, "_read_at", machine._read_at - 5)
    assert machine.latest() is first
    until(lambda: len(readers) == 1)
    assert readers != [threading.current_thread().name]
    assert 0 < first.ram_percent <= 100
    machine.close()


def test_the_api_process_brings_no_pictures_library_and_no_model() -> None:
    code = (
        "import sys; from nanococoa_aiserver.app import create_app; "
        "from nanococoa_aiserver.settings import Settings; create_app(Settings()).openapi(); "
        "print(sorted({'torch', 'cv2', 'numpy', 'playwright', 'langchain_openai'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("locale", "words"), [("ko", ("정사각형 피드", "가격, 작은 글씨")), ("en", ("Square feed", "price, small print"))]
)
def test_a_warning_calls_placements_and_fields_by_their_names(locale: Locale, words: tuple[str, ...]) -> None:
    told = warning_text("fields_left_out", {"format": "square", "fields": "price, small_print"}, locale)
    assert all(word in told for word in words), told
    assert warning_text("from_the_future", {"a": 1}, locale) == "from_the_future: 1"
