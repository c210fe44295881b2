"""What Prometheus reads of the dashboard, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.dashboard import Dashboard, open_dashboard

TOKEN = "what the scraper shows"


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Dashboard]:
    with open_dashboard(tmp_path, "", metrics_token=TOKEN) as dashboard:
        yield dashboard


def read(dashboard: Dashboard) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by metric and labels, these in the order of their names."""
    answer = dashboard.visitor().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            samples.setdefault(sample.name, {})[labels] = sample.value
    return samples


def test_requests_are_counted_by_route_and_never_by_address(measured: Dashboard) -> None:
    visitor = measured.visitor()
    visitor.get("/share/a-secret-address")
    visitor._client.request("MADEUP", "/sign-in")
    visitor.get("/sign-in")
    counted = read(measured)["nanococoa_dashboard_request_seconds_count"]
    assert counted[("GET", "/sign-in", "200")] >= 1
    told = {label for labels in counted for label in labels}
    assert not [label for label in told if "a-secret-address" in label or label == "MADEUP"]


def test_work_that_waits_is_told_until_it_is_done(measured: Dashboard) -> None:
    owner = measured.owner()
    measured.aiserver.away = True
    product = owner.add_product()
    waiting = read(measured)
    assert waiting["nanococoa_dashboard_work"][("pending", "cutouts")] == 1
    assert waiting["nanococoa_dashboard_work_oldest_seconds"][("cutouts",)] > 0
    measured.aiserver.away = False
    owner.finished_cutout(product)
    done = read(measured)
    assert ("pending", "cutouts") not in done.get("nanococoa_dashboard_work", {})
    assert done["nanococoa_dashboard_work_oldest_seconds"][("cutouts",)] == 0
    assert done["nanococoa_dashboard_up"][()] == 1


@pytest.mark.parametrize(("shown", "status"), [("", 401), ("Bearer wrong", 401), (f"Bearer {TOKEN}", 200)])
def test_only_who_shows_the_token_reads(measured: Dashboard, shown: str, status: int) -> None:
    assert measured.visitor().get("/metrics", headers={"Authorization": shown}).status_code == status


def test_without_a_token_there_is_no_such_page(sqlite_dashboard: Dashboard) -> None:
    assert sqlite_dashboard.visitor().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404
