"""What Prometheus reads of this process: calls of tools, how they ended and how long they took."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest

BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45)
"""Seconds; a wait for a job ends at 40."""

REGISTRY: Final = CollectorRegistry(auto_describe=False)
CALLS: Final = Histogram(
    "nanococoa_mcp_call_seconds",
    "Seconds a call took, by tool and outcome",
    ["tool", "outcome"],
    buckets=BUCKETS,
    registry=REGISTRY,
)


def as_text() -> bytes:
    """In Prometheus' text format."""
    return generate_latest(REGISTRY)
