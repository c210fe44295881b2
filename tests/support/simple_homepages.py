"""The homepage service over real HTTP, by the contract the dashboard keeps: it makes tiny pages, and can misbehave."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any

from PIL import Image

PAGE = """<!doctype html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><link rel="stylesheet" href="page.css"><main><p class="small">{kicker}</p><h1>{title}</h1>
<p>{text}</p><ul>{items}</ul></main><p id="ran"></p><script>document.getElementById('ran').textContent = 'ran';
fetch('/api/v1/me').then(answer => answer.text()).then(text => {{ document.title = text }})</script></html>"""
STYLE = """body{margin:0;font:16px/1.6 "Noto Sans CJK KR",sans-serif;background:#f4efe6;color:#2a1d12}
main{padding:12vw 7vw}h1{font-size:clamp(40px,9vw,104px);line-height:1.1;margin:0 0 .4em;letter-spacing:-.03em}
.small{font-weight:700;color:#8a2f16}ul{list-style:none;padding:0;margin:3em 0;border-top:3px solid}
li{display:flex;justify-content:space-between;border-bottom:1px solid #c9bba6;padding:.9em 0;font-weight:500}"""
Answer = tuple[int, bytes, str]


def shot(width: int = 360, height: int = 640) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#f4efe6").save(file, "PNG")
    return file.getvalue()


class HomepageService:
    """``away`` takes it off the network, ``hold`` (when cleared) keeps jobs running, ``refuse`` answers with a code.

    ``slug`` is the name the next page gets; ``commissions`` and ``edits`` are what it was given, once for each job.
    """

    def __init__(self, token: str = "") -> None:
        self.away, self.refuse, self.garbage = False, "", False
        self.slug: str | None = None
        self.token, self.hold = token, Event()
        self.hold.set()
        self.commissions: list[dict[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.sites: dict[str, dict[str, Any]] = {}
        self._lock = RLock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                service._serve(self, "GET")

            def do_POST(self) -> None:
                service._serve(self, "POST")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        if self.away:
            handler.close_connection = True
            handler.connection.close()
            return
        with self._lock:
            status, data, kind = self._answer(method, handler.path, body, handler.headers)
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _answer(self, method: str, path: str, body: bytes, headers: Any) -> Answer:
        self.asked.append(f"{method} {path}")
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return _refused(401, "UNAUTHORIZED")
        if self.garbage and path != "/health":
            return 200, b"<html>proxy</html>", "text/html"
        for pattern, verb, act in self._routes():
            found = re.fullmatch(pattern, path.partition("?")[0])
            if found and verb == method:
                if self.refuse and method == "POST":
                    return _refused(422, self.refuse)
                given = json.loads(body) if body else {}
                return act(*found.groups(), given, headers.get("idempotency-key", ""))
        return _refused(404, "NOT_FOUND")

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        site = r"/sites/([^/]+)"
        return [
            ("/health", "GET", lambda *_: _json({"status": "ok"})),
            ("/options", "GET", lambda *_: _json({"themes": THEMES})),
            ("/generate", "POST", self._generate),
            (r"/status/([^/]+)", "GET", self._status),
            (r"/stop/([^/]+)", "POST", self._stop),
            (r"/jobs/([^/]+)/screenshots/([^/]+)", "GET", lambda *_: (200, shot(), "image/png")),
            (site + "/versions", "GET", self._versions),
            (site + r"/versions/([^/]+)", "GET", self._sections),
            (site + r"/versions/([^/]+)/preview/(.*)", "GET", self._preview),
            (site + "/edit", "POST", self._edit),
            (site + "/(publish|rollback)", "POST", self._publish),
            (site + "/(unpublish)", "POST", self._publish),
            (site + r"/export.zip", "GET", self._export),
        ]

    def _generate(self, given: dict[str, Any], key: str) -> Answer:
        if key not in self.keys:
            self.commissions.append(given)
            self._start(key, {"make": given, "slug": self.slug or f"haetsal-{len(self.commissions)}"})
        return self._accepted(self.keys[key])

    def _edit(self, slug: str, given: dict[str, Any], key: str) -> Answer:
        if slug not in self.sites:
            return _refused(404, "NOT_FOUND")
        if key not in self.keys:
            self.edits.append(given)
            self._start(key, {"edit": given, "slug": slug})
        return self._accepted(self.keys[key])

    def _start(self, key: str, work: dict[str, Any]) -> None:
        job_id = f"job-{len(self.jobs) + 1}"
        self.keys[key] = job_id
        self.jobs[job_id] = {"status": "running", "looks": 0, **work}

    def _accepted(self, job_id: str) -> Answer:
        return _json({"job_id": job_id, "status": self.jobs[job_id]["status"]})

    def _stop(self, job_id: str, _given: dict[str, Any], _key: str) -> Answer:
        self.jobs[job_id]["status"] = "stopped"
        return self._accepted(job_id)

    def _status(self, job_id: str, _given: dict[str, Any], _key: str) -> Answer:
        job = self.jobs.get(job_id)
        if job is None:
            return _refused(404, "JOB_NOT_FOUND")
        if job["status"] == "running" and self.hold.is_set():
            job["result"], job["status"] = self._finish(job), "completed"
        told = {"job_id": job_id, "status": job["status"], "progress_percent": 62, "agent": "developer"}
        return _json(
            told | {"step": "images", "screenshots": [{"name": "phone-1.png"}], "result": job.get("result")}
        )

    def _finish(self, job: dict[str, Any]) -> dict[str, Any]:
        slug = job["slug"]
        site = self.sites.setdefault(slug, {"published": None, "versions": []})
        if "make" in job:
            sections, changes = _first_sections(job["make"]), []
        else:
            before = next(one for one in site["versions"] if one["id"] == job["edit"]["base"])
            sections, changes = _edited(before["sections"], job["edit"])
        version = f"v{len(site['versions']) + 1}"
        made = {"id": version, "created_at": datetime.now(UTC).isoformat(), "changes": changes, "sections": sections}
        site["versions"].insert(0, made)
        return {"slug": slug, "version": version, "homepage_url": None}

    def _versions(self, slug: str, *_: Any) -> Answer:
        site = self.sites.get(slug)
        if site is None:
            return _refused(404, "NOT_FOUND")
        url = f"/sites/{slug}/" if site["published"] else None
        return _json({"slug": slug, "homepage_url": url} | site)

    def _sections(self, slug: str, version: str, *_: Any) -> Answer:
        return _json(self._version(slug, version))

    def _preview(self, slug: str, version: str, path: str, *_: Any) -> Answer:
        if path == "page.css":
            return 200, STYLE.encode(), "text/css"
        if path != "index.html":
            return 200, b"alert(1)", "text/javascript"
        hero = self._version(slug, version)["sections"][0]["fields"]
        rows = "".join(f"<li><span>{row}</span></li>" for row in hero[2]["value"].split("\n"))
        page = PAGE.format(title=hero[0]["value"], text=hero[1]["value"], kicker="망원시장 안", items=rows)
        return 200, page.encode(), "text/html; charset=utf-8"

    def _publish(self, slug: str, verb: str, given: dict[str, Any], _key: str) -> Answer:
        self.sites[slug]["published"] = given.get("version") if verb != "unpublish" else None
        return _json({"slug": slug, "version": given.get("version"), "homepage_url": f"/sites/{slug}/"})

    def _export(self, slug: str, *_: Any) -> Answer:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("index.html", f"<h1>{slug}</h1>")
        return 200, file.getvalue(), "application/zip"

    def _version(self, slug: str, version: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.sites[slug]["versions"] if one["id"] == version)
        return found


THEMES = [
    {"name": "market", "title_ko": "시장 좌판", "title_en": "Market stall", "text_ko": "굵은 글씨와 값표", "text_en": "Bold"},
    {"name": "paper", "title_ko": "종이 메뉴판", "title_en": "Paper menu", "text_ko": "차분한 명조", "text_en": "Calm serif"},
]


def _field(name: str, ko: str, value: str, kind: str = "line") -> dict[str, Any]:
    return {"name": name, "title_ko": ko, "title_en": name.title(), "kind": kind, "value": value, "max_length": 400}


def _section(section_id: str, ko: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    summary = fields[0]["value"][:60] if fields else ""
    return {"id": section_id, "title_ko": ko, "title_en": section_id.title(), "summary": summary, "fields": fields, **more}


def _first_sections(given: dict[str, Any]) -> list[dict[str, Any]]:
    shop, products = given["business_info"], given["products"]
    rows = "\n".join(f"{one['name']} {one.get('price', '')}" for one in products)
    hero = [_field("title", "큰 글자", shop["name"]), _field("text", "소개", shop.get("description", ""), "text")]
    return [
        _section("hero", "첫 화면", [*hero, _field("rows", "오늘의 값", rows, "lines")]),
        _section("story", "가게 이야기", [_field("text", "이야기", shop.get("description", ""), "text")]),
        _section("footer", "가게 정보", [], fixed=True),
    ]


def _edited(sections: list[dict[str, Any]], edit: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    made = json.loads(json.dumps(sections))
    patch = edit.get("patch") or {}
    for section in made:
        if section["id"] == edit.get("section"):
            section["hidden"] = patch.get("hidden", section.get("hidden", False))
            for field in section["fields"]:
                field["value"] = (patch.get("fields") or {}).get(field["name"], field["value"])
    return made, [edit.get("instruction") or f"{edit['section']} 고침"]


def _json(value: Any) -> Answer:
    return 200, json.dumps(value, ensure_ascii=False).encode(), "application/json"


def _refused(status: int, code: str) -> Answer:
    error = {"code": code, "message": f"안 돼요: {code}", "details": {}, "timestamp": datetime.now(UTC).isoformat()}
    return status, json.dumps({"error": error}).encode(), "application/json"
