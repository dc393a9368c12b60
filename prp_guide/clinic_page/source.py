"""Get the clinic's page: from a file, or from the web with limits on time and size, asking only for what is new."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import requests

from prp_guide.clinic_page.text import is_markup, read_page
from prp_guide.content.evidence import Page
from prp_guide.delivery_settings import web_address
from prp_guide.errors import PageError
from prp_guide.home import Home

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 10.0, 30.0
MOST_BYTES = 3_000_000
MOST_REDIRECTS = 5
FEWEST_WORDS = 40
KINDS = ("text/html", "application/xhtml+xml", "text/plain")
FILE = "clinic-page.json"


@dataclass(frozen=True)
class Fetched:
    """The page as it came, and what the server wants to hear the next time."""

    url: str
    text: str
    markup: bool
    etag: str | None = None
    last_modified: str | None = None

    @property
    def page(self) -> Page:
        """Its text. Raises PageError when there is hardly any."""
        page = read_page(self.text, markup=self.markup)
        if page.words < FEWEST_WORDS:
            raise PageError(
                f"{self.url} holds hardly any text ({page.words} words). Perhaps a script builds it in the browser: "
                "save the page there as a file, and check that."
            )
        return page


def is_address(where: str) -> bool:
    """Whether `where` is an address of the web, and not a file."""
    return re.match(r"https?://", where, re.I) is not None


def read_file(path: Path) -> Fetched:
    """The page in the file at `path`, markup or plain text. Raises PageError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise PageError(f"{path} cannot be read: {fault.strerror}.") from None
    if len(raw) > MOST_BYTES:
        raise PageError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB; that is no page.")
    text = _decoded(raw, None)
    return Fetched(str(path), text, is_markup(text))


def fetch(url: str, known: Fetched | None = None) -> Fetched:
    """The page at `url`; `known` is what came last time, and comes back if it has not changed. Raises PageError."""
    try:
        web_address(url)
    except ValueError:
        raise PageError(f"{url} is no address of the web; write one such as https://your-clinic.example/prp") from None
    headers = {"User-Agent": "PRP-Guide page check", "Accept": ", ".join(KINDS)}
    if known is not None and known.url == url:
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            with session.get(url, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS), stream=True) as response:
                if response.status_code == 304 and known is not None:
                    return known
                return _read(url, response)
    except requests.exceptions.SSLError:
        raise PageError(f"{url} has no certificate that can be trusted.") from None
    except requests.exceptions.Timeout:
        raise PageError(f"{url} did not answer in time. Try again later.") from None
    except requests.exceptions.TooManyRedirects:
        raise PageError(f"{url} leads on and on. Write the address that the browser shows in the end.") from None
    except requests.RequestException:
        raise PageError(f"{url} cannot be reached. Look at the address, or try again later.") from None


def remember(home: Home, fetched: Fetched) -> None:
    """Keep `fetched` for the next time."""
    home.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.state / FILE
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(asdict(fetched), ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def remembered(home: Home) -> Fetched | None:
    """What was kept last time; None when there is nothing, or nothing of use."""
    try:
        return Fetched(**json.loads((home.state / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _read(url: str, response: requests.Response) -> Fetched:
    if response.status_code != 200:
        raise PageError(f"{url} answered {response.status_code}. Look at the address in a browser.")
    kind = response.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise PageError(f"{url} is {kind or 'of no kind'}, not a page.")
    end, raw = monotonic() + WHOLE_SECONDS, bytearray()
    for chunk in response.iter_content(65_536):
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise PageError(f"{url} is larger than {MOST_BYTES // 1_000_000} MB; that is no page.")
        if monotonic() > end:
            raise PageError(f"{url} took longer than {WHOLE_SECONDS:g} seconds. Try again later.")
    said = re.search(r"charset=[\"']?([\w.:-]+)", response.headers.get("Content-Type", ""), re.I)
    return Fetched(
        url,
        _decoded(bytes(raw), said[1] if said else None),
        kind != "text/plain",
        response.headers.get("ETag"),
        response.headers.get("Last-Modified"),
    )


def _decoded(raw: bytes, said: str | None) -> str:
    """`raw` as text: in the encoding that the server names, or else the page itself, or else UTF-8."""
    if raw.startswith(codecs.BOM_UTF8):
        return raw.decode("utf-8-sig", errors="replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    named = re.search(rb"<meta[^>]+charset=[\"']?([\w.:-]+)", raw[:4096], re.I)
    for encoding in (said, named[1].decode("ascii", "replace") if named else None, "utf-8"):
        try:
            if encoding is not None:
                return raw.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("cp1252", errors="replace")
