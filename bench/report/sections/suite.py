"""How long pages and questions about an ad take behind the door, with many browsers at once."""

from __future__ import annotations

from typing import Any, Final

from bench.report.page import Page

ASKED: Final = {"pages": "a page", "status": "how far an ad is"}


def write_suite(page: Page, data: dict[str, Any]) -> None:
    page.say(f"{data['about']}, for {data['seconds']:.0f} s; each asks again some seconds after its last answer.")
    page.table(
        ("asked for", "again after", "answers", "p50", "p95", "p99"),
        [
            (
                words,
                f"{data['every'][kind]:.0f} s",
                str(data[kind]["answers"]),
                *(f"{data[kind][share] / 1000:.2f} s" for share in ("p50", "p95", "p99")),
            )
            for kind, words in ASKED.items()
        ],
    )
    answers = sum(data[kind]["answers"] for kind in ASKED)
    wanted = sum(data["browsers"] / data["every"][kind] for kind in ASKED)
    page.say(
        f"{answers / data['seconds']:.0f} answers a second, where {wanted:.0f} would be asked for if none took time; "
        f"{data['refused']} answers other than 200."
    )
