"""Where an OpenTelemetry collector is named, one trace goes from a tool's caller to the steps of the job it started."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.collector import Collector, collecting
from support.mcp_server import McpServer, data, serving_mcp, token_client
from support.own_server import Server, serving
from support.waiting import until

pytestmark = pytest.mark.browser

TOKEN = secrets.token_hex(16)
"""Between all of them; must be in no span."""
AD = {"text_content": "햇사과 9,900원", "bg_prompt": "나무 탁자", "seed": 5}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def aiserver(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    quick = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    with serving(tmp_path_factory.mktemp("traced"), ENGINE="studio", **quick) as server:
        yield server


@pytest.fixture(scope="module")
def mcp_server(collector: Collector, aiserver: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    quick = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    folder: Path = tmp_path_factory.mktemp("mcp")
    with serving_mcp(folder, AISERVER_URL=aiserver.url, MCP_TOKENS=TOKEN, **quick) as server:
        yield server


async def test_one_trace_goes_from_the_tools_caller_to_the_steps_of_its_job(
    collector: Collector, mcp_server: McpServer, aiserver: Server, photo: str
) -> None:
    trace = secrets.token_hex(16)
    caller = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    async with token_client(mcp_server.url, TOKEN, caller) as client:
        job_id = data(await client.call_tool("generate_ad_image", AD | {"product_image": photo}))["job_id"]
    aiserver.finished(job_id)
    wanted = {
        ("nanococoa-mcp", "POST /mcp"),
        ("nanococoa-mcp", "POST"),
        ("nanococoa-aiserver", "POST /generate"),
        ("nanococoa-worker", "job"),
        ("nanococoa-worker", "render"),
    }
    until(lambda: wanted <= collector.of(trace), 60)
    assert not [span for span in collector.spans if TOKEN in str(span) or "햇사과" in str(span)]
    assert not [span for span in collector.spans if span.name.endswith(("/health", "/ready"))]


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    ask = "import sys; from nanococoa_client import tracing; import nanococoa_aiserver.app; tracing.start('x'); " + (
        "print(tracing.is_on(), any('opentelemetry.sdk' in name for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
