"""The API without a worker, without its database, with a full queue, and behind a token."""

from __future__ import annotations

import pytest

from nanococoa_aiserver.settings import Settings
from support import calls
from support.api_asking import AD, refused
from support.api_server import serving


def test_without_a_worker_it_lives_but_is_not_ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(Settings(data_dir=tmp_path_factory.mktemp("idle") / "data")) as idle:
        assert calls.get(f"{idle.url}/health", timeout=60).json()["status"] == "ok"
        answer = calls.get(f"{idle.url}/ready", timeout=60)
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "database": True, "store": True, "workers": 0}


def test_a_lost_database_is_told_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    away = "postgresql://nobody@127.0.0.1:9/none"
    with serving(Settings(data_dir=tmp_path_factory.mktemp("away") / "data", jobs_url=away)) as lost:
        answer = calls.get(f"{lost.url}/status/any", timeout=60)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        refused(answer, "DATABASE_UNAVAILABLE")
        assert calls.get(f"{lost.url}/health", timeout=60).status_code == 200
        assert calls.get(f"{lost.url}/ready", timeout=60).json()["database"] is False
        assert "nanococoa_up 0.0" in calls.get(f"{lost.url}/metrics", timeout=60).text


def test_a_full_queue_says_when_to_come_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(Settings(data_dir=tmp_path_factory.mktemp("full") / "data", queue_limit=2)) as busy:
        answers = [calls.post(f"{busy.url}/generate", json=AD, timeout=60) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        assert int(answers[2].headers["retry-after"]) >= 1
        assert "2개" in refused(answers[2], "QUEUE_FULL")["message"]


def test_with_a_token_everything_but_health_asks_for_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path_factory.mktemp("token") / "data", "aiserver_token": "열쇠-7"}
    )
    with serving(settings) as locked:
        assert calls.get(f"{locked.url}/health", timeout=60).status_code == 200
        for path in ("/jobs", "/openapi.json", "/metrics", "/ready", "/dashboard/state", "/nowhere", "/docs"):
            answer = calls.get(locked.url + path, timeout=60)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
            refused(answer, "UNAUTHORIZED")
        wrong = calls.get(f"{locked.url}/jobs", headers={"Authorization": "Bearer nothing"}, timeout=60)
        assert wrong.status_code == 401
        right = {b"Authorization": "Bearer 열쇠-7".encode()}
        assert calls.get(f"{locked.url}/jobs", headers=right, timeout=60).status_code == 200
