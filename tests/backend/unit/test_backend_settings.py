"""Settings of the dashboard: wrong ones are refused by their name."""

from __future__ import annotations

import pytest

from nanococoa_backend.settings import Settings, SettingsError, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("ASSETS_URL", "ftp://x"),
        ("PUBLIC_URL", "dashboard.example"),
        ("AISERVER_URL", "unix:/x"),
        ("BACKEND_PORT", "99999"),
        ("SIGN_UP", "maybe"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert load_settings().customers_url.startswith("sqlite:///")


def test_the_token_is_never_part_of_the_settings_text() -> None:
    assert "s3cret" not in repr(Settings.model_validate({"aiserver_token": "s3cret"}))


def test_https_is_known_from_the_public_address() -> None:
    settings = Settings(public_url="https://shop.example/app/")
    assert settings.is_https
    assert settings.origin == "https://shop.example"
