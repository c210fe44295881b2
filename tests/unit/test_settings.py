"""Settings are read once, and wrong ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nanococoa_aiserver.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_any_variable_everything_lives_in_the_data_folder() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.database_url == f"sqlite:///{Path('data').absolute()}/jobs.db"
    assert settings.store_url == Path("data/artifacts").absolute().as_uri()


def test_variables_are_read_and_flags_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("KEEP_JOBS_DAYS", "7")
    monkeypatch.setenv("AISERVER_TOKEN", "")
    settings = load_settings(port=9001, host=None)
    assert (settings.port, settings.keep_jobs_days, settings.aiserver_token) == (9001, 7, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("WORKERS", "-1"),
        ("ENGINE", "magic"),
        ("JOBS_URL", "mysql://db"),
        ("ARTIFACTS_URL", "ftp://x"),
        ("QUEUE_LIMIT", "0"),
        ("KEEP_JOBS_DAYS", "0"),
        ("LOG", "xml"),
    ],
)
def test_a_wrong_value_is_refused_by_the_variables_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_secrets_are_not_shown_but_reach_child_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(aiserver_token="open sesame", jobs_url="postgres://u:p@db/jobs")
    assert "open sesame" not in repr(settings)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings
    assert load_settings().database_url == "postgresql://u:p@db/jobs"
