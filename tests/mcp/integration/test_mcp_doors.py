"""Who and what is refused, before a job is made of it: tokens, hosts, origins, sizes, paths, addresses, nonsense."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast

import httpx
import pytest
from mcp.types import RequestParamsMeta, ResourceTemplateReference

from nanococoa_mcpserver.call_keys import OWN_KEY
from support import calls
from support.mcp_server import COMMAND, McpServer, Transport, data, said, serving_mcp, token_client
from support.own_server import SAMPLES, Server

TOKEN = "a-token-of-the-list-0123"
SECRET = "shared with the dashboard"
SCRAPER = "what the scraper shows"
WRITER, READER, ENDED = "nc_writer-0123456789", "nc_reader-0123456789", "nc_ended-0123456789"
NEIGHBOUR = "nc_neighbour-0123456789"
AD = {"text_content": "햇사과 9,900원", "bg_prompt": "나무 탁자"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
LAYER = ResourceTemplateReference(type="ref/resource", uri="job://{job_id}/layer")
HEADERS = {"Accept": "application/json, text/event-stream"}


def hello(server: McpServer, **headers: str) -> httpx.Response:
    return calls.post(f"{server.url}/mcp", json=HELLO, headers=HEADERS | headers, timeout=60)


def scraped(server: McpServer, shown: str) -> httpx.Response:
    return calls.get(f"{server.url}/metrics", headers={"Authorization": shown}, timeout=60)


class Dashboard(BaseHTTPRequestHandler):
    """Knows tokens, and tells whoever shows the secret."""

    SCOPES: ClassVar = {WRITER: ["read", "write"], READER: ["read"], NEIGHBOUR: ["read", "write"]}
    SHOPS: ClassVar = {NEIGHBOUR: 8}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        scopes = self.SCOPES.get(asked["token"])
        verdict = {"active": scopes is not None, "scopes": scopes or []}
        verdict["business_id"] = str(uuid.UUID(int=self.SHOPS.get(asked["token"], 7)))
        self.send_response(200 if self.headers["Authorization"] == f"Bearer {SECRET}" else 401)
        self.end_headers()
        self.wfile.write(json.dumps(verdict).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def verifier() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Dashboard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1/tokens/verify"
        server.shutdown()


@pytest.fixture(scope="module")
def guarded(aiserver: Server, verifier: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpServer]:
    settings = {"MCP_TOKENS": TOKEN, "MCP_TOKEN_URL": verifier, "MCP_TOKEN_SECRET": SECRET}
    settings |= {"MCP_ALLOWED_HOSTS": "ads.example.com", "PUBLIC_URL": "https://mcp.example.com"}
    settings |= {"METRICS_TOKEN": SCRAPER}
    with serving_mcp(tmp_path_factory.mktemp("guarded"), AISERVER_URL=aiserver.url, **settings) as server:
        yield server


@pytest.mark.parametrize("path", ["/mcp", "/messages/?session_id=0"])
def test_without_a_token_nothing_is_told(guarded: McpServer, path: str) -> None:
    answer = calls.post(guarded.url + path, json=HELLO, headers=HEADERS, timeout=60)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert calls.get(f"{guarded.url}/sse", timeout=60).status_code == 401
    assert hello(guarded, Authorization="Bearer wrong-wrong-wrong-wrong").status_code == 401
    assert calls.get(f"{guarded.url}/health", timeout=60).status_code == 200


@pytest.mark.parametrize("token", [TOKEN, WRITER, READER])
def test_a_listed_token_and_one_the_dashboard_knows_are_let_in(guarded: McpServer, token: str) -> None:
    assert hello(guarded, Authorization=f"Bearer {token}").status_code == 200


async def test_calls_are_counted_for_whoever_shows_the_scrapers_token(guarded: McpServer) -> None:
    async with token_client(guarded.url, TOKEN) as client:
        await client.call_tool("list_fonts", {})
        await client.call_tool("check_generation_status", {"job_id": "nobody"})
    told = scraped(guarded, f"Bearer {SCRAPER}").text
    for tool, outcome in (("list_fonts", "done"), ("check_generation_status", "failed")):
        assert f'nanococoa_mcp_call_seconds_count{{outcome="{outcome}",tool="{tool}"}} 1.0' in told
    for shown in ("", f"Bearer {TOKEN}"):
        assert scraped(guarded, shown).status_code == 401


def test_a_token_that_has_ended_is_refused(guarded: McpServer) -> None:
    assert hello(guarded, Authorization=f"Bearer {ENDED}").status_code == 401


@pytest.mark.parametrize(("token", "is_error"), [(WRITER, False), (READER, True)])
async def test_a_token_that_may_only_look_makes_nothing(
    guarded: McpServer, photo: str, token: str, is_error: bool
) -> None:
    async with token_client(guarded.url, token) as client:
        assert not (await client.call_tool("list_formats", {})).is_error
        made = await client.call_tool("generate_ad_image", AD | {"product_image": photo})
        assert made.is_error == is_error
        assert not is_error or "쓰기 권한" in said(made)


async def test_a_shop_finds_its_own_jobs_and_nobody_elses(guarded: McpServer, photo: str) -> None:
    made = {}
    for token in (WRITER, NEIGHBOUR):
        async with token_client(guarded.url, token) as client:
            started = await client.call_tool("generate_ad_image", AD | {"product_image": photo, "seed": 31})
            made[token] = data(started)["job_id"]
    for token, own, other in ((READER, WRITER, NEIGHBOUR), (NEIGHBOUR, NEIGHBOUR, WRITER)):
        async with token_client(guarded.url, token) as client:
            listed = [job["job_id"] for job in data(await client.call_tool("list_jobs", {}))["jobs"]]
            offered = await client.complete(LAYER, {"name": "job_id", "value": ""})
        for found in (listed, offered.completion.values):
            assert made[own] in found
            assert made[other] not in found
    async with token_client(guarded.url, TOKEN) as client:
        listed = [job["job_id"] for job in data(await client.call_tool("list_jobs", {}))["jobs"]]
    assert set(made.values()) <= set(listed), "a token of the list is the operator's"


def test_other_hosts_and_origins_are_refused(guarded: McpServer) -> None:
    asked = {"Authorization": f"Bearer {TOKEN}"}
    assert hello(guarded, **asked, Host="evil.example").status_code == 421
    assert hello(guarded, **asked, Host="ads.example.com").status_code == 200
    assert hello(guarded, **asked, Host="ads.example.com:8080").status_code == 200
    assert hello(guarded, **asked, Host="mcp.example.com").status_code == 200
    assert hello(guarded, **asked, Origin="https://evil.example").status_code == 403


async def test_it_does_not_start_open_to_the_network() -> None:
    for flags, name in (("--host 0.0.0.0", "MCP_ALLOWED_HOSTS"), ("--allow-dir /tmp", "--allow-dir")):
        process = await asyncio.create_subprocess_exec(
            COMMAND, *flags.split(), stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        _, told = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 2
        assert told.decode().startswith(f"nanococoa-mcp: {name}: ")


def test_a_request_over_the_limit_is_refused(mcp_server: McpServer) -> None:
    answer = calls.post(f"{mcp_server.url}/mcp", content=b" " * (32 * 2**20 + 1), headers=HEADERS | JSON, timeout=60)
    assert answer.status_code == 413


JSON = {"Content-Type": "application/json"}


async def test_a_photo_of_20_mb_arrives_on_every_transport(mcp_server: McpServer, photo: str) -> None:
    padded = base64.b64decode(photo)
    large = base64.b64encode(padded + b"\0" * (20_000_000 - len(padded))).decode()
    for transport in ("http", "sse", "stdio"):
        async with mcp_server.client(transport) as client:
            seen = await client.call_tool("analyze_image", {"image": large})
            assert data(seen)["palette"]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("이것은 사진이 아니에요", "base64"),
        ("not base64!", "base64"),
        ("data:image/png;base64,", "비어"),
        (base64.b64encode(b"plain text, no picture at all").decode(), "사진 파일이 아니에요"),
        ("https://example.com/apple.jpg", "인터넷 주소"),
        ("http://169.254.169.254/latest/meta-data", "인터넷 주소"),
        ("/etc/passwd", "파일 경로"),
        ("../../secret.png", "파일 경로"),
        ("file:///etc/passwd", "파일 경로"),
        ("0" * 64 + ".png", "그림이 없어요"),
        ("job://nothing/image/square", "작업이 없어요"),
    ],
)
async def test_what_is_no_picture_is_refused_with_what_to_do(mcp_server: McpServer, image: str, why: str) -> None:
    async with mcp_server.client() as client:
        refused = await client.call_tool("generate_ad_image", AD | {"product_image": image})
        assert refused.is_error
        assert why in said(refused)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text_content": "   "}, "INVALID_PROMPT: "),
        ({"formats": ["nowhere"]}, "nowhere"),
        ({"product_box": [1, 2]}, "product_box"),
        ({"seed": -1}, "seed"),
        ({"colour": "red"}, "colour"),
        ({"bg_prompt": "가" * 3000}, "bg_prompt"),
    ],
)
async def test_wrong_arguments_are_named(mcp_server: McpServer, photo: str, changes: dict[str, Any], why: str) -> None:
    async with mcp_server.client() as client:
        refused = await client.call_tool("generate_ad_image", AD | {"product_image": photo} | changes)
        assert refused.is_error
        assert why in said(refused)


async def test_paths_are_read_below_the_allowed_folder_only(
    mcp_server: McpServer, aiserver: Server, tmp_path: Path
) -> None:
    allowed, outside = tmp_path / "사진", tmp_path / "outside"
    for folder in (allowed, outside):
        folder.mkdir()
        (folder / "apple.jpg").write_bytes((SAMPLES / "products" / "12.jpg").read_bytes())
    (allowed / "link.jpg").symlink_to(outside / "apple.jpg")
    (allowed / "folder").symlink_to(outside)
    good = [str(allowed / "apple.jpg"), (allowed / "apple.jpg").as_uri()]
    bad = [
        str(outside / "apple.jpg"),
        f"{allowed}/../outside/apple.jpg",
        str(allowed / "link.jpg"),
        str(allowed / "folder" / "apple.jpg"),
        "/dev/zero",
        "/proc/self/environ",
    ]
    async with mcp_server.client("stdio", "auto", "--allow-dir", str(allowed)) as client:
        for path in good:
            assert data(await client.call_tool("analyze_image", {"image": path}))["palette"]
        for path in bad:
            refused = await client.call_tool("analyze_image", {"image": path})
            assert refused.is_error, path
            assert "허락된 폴더" in said(refused)
        assert "사진 파일이 없어요" in said(await client.call_tool("analyze_image", {"image": str(allowed / "x.jpg")}))


def test_a_call_that_arrives_twice_makes_one_job(mcp_server: McpServer, photo: str) -> None:
    arguments = AD | {"product_image": photo, "seed": 20261121}
    call = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "generate_ad_image", "arguments": arguments},
    }
    headers = HEADERS | {"MCP-Protocol-Version": "2025-06-18"}
    jobs = [_job(calls.post(f"{mcp_server.url}/mcp", json=call, headers=headers, timeout=60)) for _ in range(2)]
    assert jobs[0] == jobs[1]
    another = _job(calls.post(f"{mcp_server.url}/mcp", json=call | {"id": 8}, headers=headers, timeout=60))
    assert another != jobs[0]


@pytest.mark.parametrize("transport", ["http", "sse", "stdio"])
async def test_a_call_that_its_caller_named_is_one_job_in_every_session(
    mcp_server: McpServer, photo: str, transport: Transport
) -> None:
    arguments = AD | {"product_image": photo, "seed": 20261122}
    made = []
    for key in ("line 1", "line 1", "line 2"):
        async with mcp_server.client(transport) as client:
            named = _named(f"{transport} {key}")
            made.append(data(await client.call_tool("generate_ad_image", arguments, meta=named))["job_id"])
    assert made[0] == made[1] != made[2]


async def test_two_businesses_may_name_their_calls_alike(guarded: McpServer, photo: str) -> None:
    made = set()
    for token in (WRITER, NEIGHBOUR):
        async with token_client(guarded.url, token) as client:
            call = client.call_tool("generate_ad_image", AD | {"product_image": photo}, meta=_named("line 1"))
            made.add(data(await call)["job_id"])
    assert len(made) == 2


def _named(key: str) -> RequestParamsMeta:
    return cast("RequestParamsMeta", {OWN_KEY: key})


def _job(answer: httpx.Response) -> str:
    line = next(line for line in answer.text.splitlines() if line.startswith("data: {"))
    job_id: str = json.loads(line.removeprefix("data: "))["result"]["structuredContent"]["job_id"]
    return job_id
