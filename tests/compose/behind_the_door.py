"""Stands for the services behind nginx: tells what reached it, and answers as the tests ask. Standard library alone.

``?own`` sends security headers of its own, ``?page`` a page with a form's secret; ``…/events`` stays open until the
client goes. Nothing listens for the homepage generator: that one is away.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

PORTS = {8000: "aiserver", 8890: "backend", 3000: "mcpserver"}
PAGE = '<!doctype html><form><input type="hidden" name="csrf" value="secret"></form>' + "<p>same words</p>" * 500
OWN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'",
    "Strict-Transport-Security": "max-age=600",
}


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = urlsplit(self.path)
        if asked.path.endswith("/events"):
            return self.stay()
        if asked.path.startswith("/static/"):
            return self.send("text/javascript", "let same = 'words';\n" * 500)
        if asked.query == "page":
            return self.send("text/html; charset=utf-8", PAGE)
        seen = {
            "service": PORTS[self.connection.getsockname()[1]],
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        return self.send("application/json", json.dumps(seen), OWN if asked.query == "own" else {})

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def send(self, kind: str, text: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(200)
        sent = {"Content-Type": kind, "Content-Length": str(len(body)), "X-Request-ID": self.headers["X-Request-ID"]}
        for name, value in (sent | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stay(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: here\n\n")
        self.close_connection = True
        self.connection.recv(1)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def publish(live: Path) -> None:
    site = live / "haetsal"
    site.mkdir(parents=True, exist_ok=True)
    (site / "index.html").write_text("<!doctype html><title>햇살과일</title>" + "<p>사과</p>" * 500, "utf-8")


def main() -> None:
    publish(Path("/sites/live"))
    servers = [Server(("", port), Service) for port in PORTS]
    threads = [Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
