"""From a page's markup, or plain text, to headings and what stands under them.

The standard library's parser takes any markup without raising, closed or not; the running text is all that is wanted.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from prp_guide.content.evidence import Page, Passage, tidy

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Said within a sentence: all other elements begin a new block.
INLINE = (
    "a abbr b bdi bdo cite code data dfn em font i img ins kbd label mark q rp rt ruby samp small span strong sub sup "
    "time tt u var wbr"
)
# Not read by visitors. What is only folded away (`hidden`, an accordion) is: it stays.
UNREAD = "script style template noscript svg head title del s strike select textarea iframe object"
VOID = "area base br col embed hr img input link meta param source track wbr"
MOST_DEPTH = 500
LONGEST_HEADING = 12  # words
_TAG = re.compile(r"<(?:!doctype|html|body|head|main|div|p|h[1-6]|section|article)\b", re.I)


def read_page(text: str, *, markup: bool) -> Page:
    """The page whose source is `text`."""
    return _read_markup(text) if markup else _read_plain(text)


def is_markup(text: str) -> bool:
    """Whether `text`, of which nobody has said, is HTML."""
    return (
        re.search(r"<(?:!doctype|html|body|head|main|div|p|h[1-6]|section|article)\b", text[:20_000], re.I) is not None
    )


def _read_markup(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_block()
    return _page(reader.blocks)


def _read_plain(text: str) -> Page:
    blocks = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        block = tidy(paragraph)
        if block:
            heading = "\n" not in paragraph.strip() and _looks_like_a_heading(block)
            blocks.append((heading, block))
    return _page(blocks)


def _looks_like_a_heading(line: str) -> bool:
    return (
        len(line.split()) <= LONGEST_HEADING
        and line[-1] not in ".,:;"
        and re.match(r"[^\W\d_]", line) is not None
        and line[0] == line[0].upper()
    )


def _page(blocks: list[tuple[bool, str]]) -> Page:
    passages: list[tuple[str, list[str]]] = [("", [])]
    for heading, block in blocks:
        if heading:
            passages.append((block, []))
        else:
            passages[-1][1].append(block)
    return Page(tuple(Passage(title, tuple(under)) for title, under in passages if title or under))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


class _Reader(HTMLParser):
    """Gathers blocks of text; `blocks` holds whether each is a heading, and its words."""

    _inline, _unread_ones, _void = _names(INLINE), _names(UNREAD), _names(VOID)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[bool, str]] = []
        self._words: list[str] = []
        self._heading = False
        self._unread: list[str] = []  # open elements that are not read, with those inside them

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unread:
            # A page's body never lies in these: one that was left open ends here.
            if tag in ("body", "main", "article"):
                self._unread.clear()
            elif tag == self._unread[0] and len(self._unread) < MOST_DEPTH:
                self._unread.append(tag)
            return
        if tag in self._unread_ones:
            self._unread.append(tag)
            return
        role = dict(attrs).get("role") or ""
        if tag in HEADINGS or role.strip().lower() == "heading":
            self.end_block()
            self._heading = True
        elif tag not in self._inline:
            self.end_block()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._unread and tag not in self._inline:
            self.end_block()

    def handle_endtag(self, tag: str) -> None:
        if self._unread:
            if tag == self._unread[0]:
                self._unread.pop()
            elif tag in ("head", "body", "html"):
                self._unread.clear()
            return
        if tag not in self._inline and tag not in self._void:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._words.append(data)

    def end_block(self) -> None:
        """What was gathered is a block."""
        block = tidy("".join(self._words))
        if block:
            self.blocks.append((self._heading, block))
            self._heading = False
        elif not self._words:
            return
        self._words.clear()
        self._heading = False
