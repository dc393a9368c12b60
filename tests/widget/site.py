"""A clinic's own site, on an origin of its own, and a way to the assistant that a test can break."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hair clinic</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/site.css?{rules}">
</head>
<body>
<main><h1>Hair clinic</h1>{paragraphs}<p><a href="/other">Another page</a></p></main>
{tag}
</body>
</html>
"""
PARAGRAPH = "<p>We treat thinning hair. Read what we do, how long a visit takes, and what comes after it.</p>"
# What docs/widget.md asks a site to allow, and nothing more than that.
POLICY = (
    "default-src 'none'; script-src {origin}; connect-src {origin}; style-src 'self'; img-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
)
HOP_BY_HOP = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass
class Site:
    """The clinic's pages, with the tag of the widget that `source` serves, under a strict policy."""

    url: str
    source: str = ""

    def page(self, path: str, query: dict[str, list[str]]) -> str:
        lang = f' data-lang="{query["lang"][0]}"' if "lang" in query else ""
        theme = f' data-theme="{query["theme"][0]}"' if "theme" in query else ""
        tag = f'<script defer src="{self.source}/widget.js"{lang}{theme}></script>'
        return PAGE.format(
            paragraphs=PARAGRAPH * 12,
            tag="" if path == "/without" else tag,
            rules=quote("".join(query.get("rules", []))),
        )


@dataclass
class Road:
    """Carries requests to `target` and answers back, unless `trouble` makes something else of an answer."""

    url: str
    target: str = ""
    # Given method, path, and the true status and body; returns what the browser gets. It may wait for `end`.
    trouble: Callable[[str, str, int, bytes], tuple[int, bytes]] | None = None
    end: threading.Event = field(default_factory=threading.Event)
    carried: list[tuple[str, str, Any]] = field(default_factory=list)

    def count(self, method: str, path: str) -> int:
        return sum((method, path) == (one, other) for one, other, _ in self.carried)


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextlib.contextmanager
def running_site() -> Iterator[Site]:
    """A site on a free port; give it a `source` before it is visited."""
    held: list[Site] = []

    class Handler(_Quiet):
        def do_GET(self) -> None:
            site, asked = held[0], urlsplit(self.path)
            if asked.path == "/icon.svg":
                return self.send(200, {"Content-Type": "image/svg+xml"}, b'<svg xmlns="http://www.w3.org/2000/svg"/>')
            if asked.path == "/site.css":
                rules = f"body{{font:16px sans-serif}}prp-guide{{{unquote(asked.query)}}}"
                return self.send(200, {"Content-Type": "text/css"}, rules.encode())
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": POLICY.format(origin=site.source),
            }
            return self.send(200, headers, site.page(asked.path, parse_qs(asked.query)).encode())

    with _running(Handler) as port:
        held.append(Site(f"http://127.0.0.1:{port}"))
        yield held[0]


@contextlib.contextmanager
def running_road() -> Iterator[Road]:
    """A road on a free port; give it a `target` before it is used."""
    held: list[Road] = []
    client = httpx.Client(timeout=30, trust_env=False)

    class Handler(_Quiet):
        def carry(self) -> None:
            road = held[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            with client.stream(self.command, road.target + self.path, content=body, headers=headers) as answer:
                status, content = answer.status_code, b"".join(answer.iter_raw())  # compressed, if it came so
            if self.command != "OPTIONS":
                road.carried.append((self.command, self.path, _read(body)))
                if road.trouble:
                    status, content = road.trouble(self.command, self.path, status, content)
            back = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            self.send(status, back, content)

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = carry  # noqa: N815

    with client, _running(Handler) as port:
        held.append(Road(f"http://127.0.0.1:{port}"))
        try:
            yield held[0]
        finally:
            held[0].end.set()


def _read(body: bytes) -> Any:
    return json.loads(body) if body else None


@contextlib.contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
