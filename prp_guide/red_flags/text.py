"""From what was typed to a list of plain words: folded, contractions opened, typos of red-flag words mended."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from prp_guide.red_flags.spelling import Speller

BEGIN, END, STOP, QUESTION, COMMA = "^", "$", ".", "?", ","
SENTENCE_ENDS = frozenset({BEGIN, END, STOP, QUESTION})

# Compatibility forms can unfold one character into eighteen; no honest message grows like that.
_LONGEST = 12_000
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\?|(?:\.\.+|…)|[.!;\n]+|[,:()\[\]—–/]| - |[^\w\s]",
)
# "k1ll", "su1c1de": a digit between letters stands for the letter that it looks like.
_DISGUISED = re.compile(r"(?<=[a-z])[013](?=[a-z])")
_LETTERS = {"0": "o", "1": "i", "3": "e"}
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_SOFT = frozenset({*",:()[]—–/", " - "})


def fold(text: str) -> str:
    """Lower case, no accents, no invisible characters, plain apostrophes."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text[:_LONGEST])[:_LONGEST]
        text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf", "Cc", "Me") or c == "\n")
        text = text.replace("’", "'").replace("‘", "'").replace("`", "'").replace("´", "'")
    return text[:_LONGEST].lower()


class Reader:
    """Turns a message into words. `forms` rewrites words and short phrases, `fillers` are left out."""

    def __init__(self, forms: Mapping[str, str], fillers: Iterable[str], speller: Speller) -> None:
        self._speller = speller
        self._fillers = frozenset(fillers)
        self._single: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for source, target in forms.items():
            words = tuple(source.split())
            if len(words) == 1:
                self._single[source] = tuple(target.split())
            else:
                self._phrases.setdefault(words[0], []).append((words, tuple(target.split())))
        for entries in self._phrases.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def words(self, text: str) -> list[str]:
        """The words of `text` between BEGIN and END, with STOP, QUESTION and COMMA where they were written."""
        folded = _INITIALS.sub(lambda match: match[0].replace(".", ""), fold(text))
        folded = _DISGUISED.sub(lambda match: _LETTERS[match[0]], folded)
        opened: list[str] = []
        for token in _TOKEN.findall(folded):
            opened.extend(self._open(token))
        words = [BEGIN]
        at = 0
        while at < len(opened):
            token = opened[at]
            step, out = self._phrase(opened, at) if token in self._phrases else (1, (token,))
            at += step
            for word in out:
                if word in self._fillers or word == words[-1]:
                    continue
                if word in SENTENCE_ENDS and words[-1] in SENTENCE_ENDS:
                    if word == QUESTION and words[-1] == STOP:
                        words[-1] = QUESTION
                    continue
                words.append(word)
        while len(words) > 1 and words[-1] in (STOP, COMMA):
            words.pop()
        while len(words) > 1 and words[1] in (STOP, QUESTION, COMMA):
            del words[1]
        words.append(END)
        return words

    def _phrase(self, opened: list[str], at: int) -> tuple[int, tuple[str, ...]]:
        for source, target in self._phrases[opened[at]]:
            if tuple(opened[at : at + len(source)]) == source:
                return len(source), target
        return 1, (opened[at],)

    def _open(self, token: str) -> tuple[str, ...]:
        first = token[0]
        if not first.isalnum():
            return self._punctuation(token)
        if first.isdigit():
            return (token.replace(",", "."),)
        token = _RUN.sub(self._squeeze, token) if _RUN.search(token) else token
        known = self._single.get(token)
        if known is not None:
            return known
        if "'" in token:
            bare = token.replace("'", "")
            known = self._single.get(bare)
            if known is not None:
                return known
            token = token[:-2] if token.endswith("'s") else bare
        token = self._speller.mend(token)
        return self._single.get(token, (token,))

    def _squeeze(self, match: re.Match[str]) -> str:
        """'bleeeeding' to 'bleeding', 'sooo' to 'so': as many as a known word has."""
        letter, whole = match[1], match.string
        for times in (2, 1):
            if self._speller.knows(whole[: match.start()] + letter * times + whole[match.end() :]):
                return letter * times
        return letter

    def _punctuation(self, token: str) -> tuple[str, ...]:
        if token == QUESTION:
            return (QUESTION,)
        if token in ("…",) or token.startswith(".."):
            return (COMMA,)
        if token[0] in ".!;\n":
            return (STOP,)
        if token in _SOFT:
            return (COMMA,)
        return self._single.get(token, ())
