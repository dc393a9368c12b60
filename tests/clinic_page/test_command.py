"""`prp-guide page check`, on files and on a real server: what it prints, what it keeps, how it ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from prp_guide.cli import main
from prp_guide.clinic_page import source
from prp_guide.content.doubts import read_doubts
from prp_guide.home import Home
from tests.clinic_page.conftest import CLINIC, SOURCE

Respond = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def served(respond: Respond) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The address of a page, and the headers of each request for it."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            with contextlib.suppress(OSError):
                respond(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/prp", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def send(body: bytes | str = SOURCE, status: int = 200, **headers: str) -> Respond:
    raw = body.encode() if isinstance(body, str) else body

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Type": "text/html; charset=utf-8", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return respond


def check(*arguments: str) -> int:
    return main(["page", "check", *arguments])


def test_a_file_in_step(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    page = home.root / "page.html"
    page.write_text(SOURCE, encoding="utf-8")
    assert check(str(page)) == 0
    assert "26 of 26 facts" in capsys.readouterr().out


def test_a_changed_file_names_the_fact_its_line_and_its_answers(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    page = home.root / "page.html"
    page.write_text(SOURCE.replace("48 hours", "24 hours"), encoding="utf-8")
    assert check(str(page)) == 2
    out = capsys.readouterr().out
    assert 'first_48_hours: "48 hours" is now "24 hours".' in out
    assert "Cited by: aftercare, downtime, exercise, hair_styling, sun, washing" in out
    lines = (home.data / "facts.yml").read_text("utf-8").splitlines()
    number = int(out.split("facts.yml:")[1].split()[0])
    assert "washing the scalp for 48 hours" in lines[number - 1]
    assert out.count(" is now ") == 1
    assert read_doubts(home) == {}, "looking at a copy holds nothing back"

    assert check(str(page), "--withhold") == 2
    assert "Held back until approved anew: aftercare" in capsys.readouterr().out
    assert read_doubts(home)["first_48_hours"].withhold


@pytest.mark.parametrize("chosen", ["warn", "withhold"])
def test_the_page_of_clinic_yml(home: Home, chosen: str) -> None:
    with served(send(SOURCE.replace("48 hours", "24 hours"))) as (url, _):
        settings = f'page_check: {{url: "{url}", on_change: {chosen}}}\n'
        (home.root / "clinic.yml").write_text(CLINIC + settings, encoding="utf-8")
        assert check() == 2
    assert read_doubts(home)["first_48_hours"].withhold is (chosen == "withhold")


def test_without_a_page_it_says_what_to_write(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert check() == 2
    assert "page_check: {url:" in capsys.readouterr().err


def test_asks_only_for_what_is_new(home: Home) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == '"1"':
            handler.send_response(304)
            handler.end_headers()
        else:
            send(ETag='"1"', Last_Modified="Mon, 23 Nov 2026 08:00:00 GMT")(handler)

    with served(respond) as (url, seen):
        assert [check(url), check(url)] == [0, 0]
    assert "if-none-match" not in seen[0]
    assert (seen[1]["if-none-match"], seen[1]["if-modified-since"]) == ('"1"', "Mon, 23 Nov 2026 08:00:00 GMT")


def test_a_redirect_is_followed(home: Home) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/prp":
            handler.send_response(301)
            handler.send_header("Location", "/prp-therapy")
            handler.end_headers()
        else:
            send()(handler)

    with served(respond) as (url, _):
        assert check(url) == 0


@pytest.mark.parametrize(
    ("respond", "sentence"),
    [
        (send("gone", 404), "answered 404"),
        (send(b"%PDF", Content_Type="application/pdf"), "is application/pdf, not a page"),
        (send("<p>short</p>"), "hardly any text"),
        (send("<p>many words of another page</p>" * 40), "another page"),
        (send(SOURCE + " " * 5_000), "is larger than"),
        (send("", 302, Location="/prp"), "leads on and on"),
        (lambda handler: handler.connection.close(), "cannot be reached"),
    ],
)
def test_what_is_no_page_changes_nothing(
    home: Home, respond: Respond, sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 6_000)
    with served(respond) as (url, _):
        assert check(url, "--withhold") == 2
    assert sentence in capsys.readouterr().err
    assert read_doubts(home) == {}


def test_a_server_that_hangs_or_drips_is_given_up(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "READ_SECONDS", 0.3)
    monkeypatch.setattr(source, "WHOLE_SECONDS", 0.5)
    release = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        send("")(handler)
        while not release.wait(0.05):
            handler.wfile.write(b"x" * 70_000)

    for respond in (lambda _: release.wait(10), drip):
        with served(respond) as (url, _):  # type: ignore[arg-type]
            assert check(url) == 2
            assert "did not answer in time" in (said := capsys.readouterr().err) or "took longer" in said
    release.set()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SOURCE.encode("utf-8"), "text/html"),
        (b"\xef\xbb\xbf" + SOURCE.encode("utf-8"), "text/html; charset=latin-1"),
        (SOURCE.encode("utf-16"), "text/html"),
        (SOURCE.replace("&ndash;", "\u2013").replace("utf-8", "windows-1252").encode("cp1252", "ignore"), "text/html"),
        (SOURCE.replace("&ndash;", "\u2013").encode(), "text/html; charset=no-such"),
    ],
)
def test_encodings(home: Home, raw: bytes, kind: str) -> None:
    with served(send(raw, Content_Type=kind)) as (url, _):
        assert check(url) == 0
