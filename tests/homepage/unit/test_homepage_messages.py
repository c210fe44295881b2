"""Sentences stand in both languages, with the same values; settings fail by their name."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from homepage_generator.errors import BrowserGone, HomepageError, InvalidField, restored
from homepage_generator.messages import catalogue
from homepage_generator.settings import SettingsError, load_settings


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_catalogues_hold_the_same_keys_with_the_same_values() -> None:
    ko, en = catalogue("ko"), catalogue("en")
    assert ko.keys() == en.keys()
    assert {key for key in ko if values(ko[key]) != values(en[key])} == set()


def test_korean_sentences_are_korean() -> None:
    assert [key for key, text in catalogue("ko").items() if "{" not in text and not re.search("[가-힣]", text)] == []


def test_every_failure_has_a_sentence_and_a_code_that_stays() -> None:
    for kind in HomepageError.__subclasses__():
        assert kind is InvalidField or f"errors.{kind.default_key}" in catalogue("ko"), kind
        assert kind.code.isupper()


def test_a_failure_that_a_row_kept_is_told_again_in_either_language() -> None:
    field = InvalidField("products[3].price", "too_long", limit=30)
    again = restored(field.to_json())
    assert again.message("ko") == field.message("ko") == "products[3].price: 너무 길어요. 30자 이하로 줄여 주세요."
    assert again.message("en") == "products[3].price: is too long. 30 characters at most."
    assert restored(BrowserGone().to_json()).code == "BROWSER_UNAVAILABLE"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOMEPAGE_PORT", "no"),
        ("DATABASE_URL", "mysql://x"),
        ("HOMEPAGE_TOKEN", "short"),
        ("PUBLIC_URL", "shop.example"),
        ("TRUSTED_PROXIES", "nobody"),
        ("HOMEPAGE_WORKERS", "99"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_a_server_open_to_the_network_needs_a_token() -> None:
    with pytest.raises(SettingsError, match="HOMEPAGE_TOKEN"):
        load_settings(homepage_host="0.0.0.0").check_exposure()
    with pytest.raises(SettingsError, match="INBOX_SECRET"):
        load_settings(inbox_url="http://127.0.0.1:1/x").check_exposure()
    load_settings(homepage_host="0.0.0.0", homepage_token="t" * 32).check_exposure()
