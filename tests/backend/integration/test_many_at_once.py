"""Many more people at once than there are connections to the database: they wait for their turn, nobody is refused."""

from __future__ import annotations

import pytest

from support.dashboard import Dashboard
from support.threads import threads

MANY = 60


@pytest.mark.timeout(300)
def test_more_people_than_connections_are_all_answered(dashboard: Dashboard) -> None:
    owner = dashboard.owner()
    cookie = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())

    def look() -> int:
        answer = dashboard.client.get("/api/v1/products", headers={"Cookie": cookie})
        return int(answer.status_code)

    with threads(MANY) as start:
        looks = [start(look) for _ in range(4 * MANY)]
    assert {one.result() for one in looks} == {200}
