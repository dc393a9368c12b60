"""How long the red-flag rules take: `python -m benchmarks.red_flags`. Needs neither Rasa nor a model.

Prints the 50th and 95th percentile over messages of 40 words (target: 3 ms at the 95th), and the slowest of hostile
texts of 4 KB (target: 20 ms). It is processor time of this thread, so that a busy machine changes little.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from prp_guide.home import Home
from prp_guide.red_flags import Screen, rulebook
from prp_guide.red_flags.rulebook import Rulebook

WORDS, MESSAGES, LONG, ROUNDS = 40, 2000, 4096, 4
TARGET_MESSAGE_MS, TARGET_LONG_MS = 3.0, 20.0


def milliseconds(screen: Screen, text: str) -> float:
    """What one look at `text` takes, or asking for all its flags if that takes longer: an early hit hides no cost."""
    taken = []
    for ask in (screen.look, screen.all_flags):
        begin = time.thread_time()
        ask(text)
        taken.append((time.thread_time() - begin) * 1000)
    return max(taken)


def messages(book: Rulebook, dice: random.Random) -> Iterator[str]:
    """Messages of 40 words, stitched from the rules' own examples: reports and look-alikes, so that guards work too."""
    examples = [message for rule in book.flags for message in (*rule.fires, *rule.look_alikes)]
    for _ in range(MESSAGES):
        words: list[str] = []
        while len(words) < WORDS:
            words += dice.choice(examples).split()
        yield " ".join(words[:WORDS])


def hostile(book: Rulebook, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Texts of 4 KB that make the screen work hardest, each with its name."""
    named = sorted({word for entries in book.words.values() for entry in entries for word in entry.split()} - {"@"})
    said = [word for rule in book.flags for message in rule.fires for word in message.split()]
    reports = [message for rule in book.flags for message in rule.fires]

    def fill(pieces: list[str], between: str = " ") -> str:
        text = ""
        while len(text) < LONG:
            text += dice.choice(pieces) + between
        return text[:LONG]

    def mistyped(word: str) -> str:
        at = dice.randrange(len(word))
        return word[:at] + dice.choice("aeiou") + word[at + 1 :]

    for _ in range(ROUNDS):
        yield "words of reports", fill(said)
        yield "words of rules", fill(named)
        yield "reports", fill(reports, ". ")
        yield "reports in one sentence", fill(reports)
        yield "reports denied", fill([f"no {report}" for report in reports], ", ")
        yield "reports asked about", fill([f"what if {report}" for report in reports], " ")
        yield "typos of rules' words", fill([mistyped(word) for word in named if len(word) > 3])
        yield "sentences of one word", fill(said, ". ")
    yield "one word", "swelling " * 512
    yield "one letter", "x" * LONG
    yield "no spaces", "cantbreathe" * 372
    yield "commas", "no," * 1365
    yield "sentences", "a. " * 1365
    yield "unfolds eighteenfold", "\ufdfa" * 1365
    yield "combining marks", "a" + "\u0301" * (LONG - 1)


def main() -> None:
    home = Home(root=Path(__file__).resolve().parent.parent, state=Path("unused"))
    book, screen, dice = rulebook.load(home), Screen.load(home), random.Random(1)  # noqa: S311 - texts for a measurement, no secret
    taken = sorted(milliseconds(screen, message) for message in messages(book, dice))
    p50, p95 = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    print(f"{len(taken)} messages of {WORDS} words: p50 {p50:.2f} ms, p95 {p95:.2f} ms (target {TARGET_MESSAGE_MS:g})")
    slowest: dict[str, float] = {}
    for name, text in hostile(book, dice):
        slowest[name] = max(slowest.get(name, 0.0), milliseconds(screen, text))
    worst = max(slowest, key=slowest.__getitem__)
    print(f"4 KB at worst: {slowest[worst]:.1f} ms, {worst} (target {TARGET_LONG_MS:g})")
    for name, value in sorted(slowest.items(), key=lambda item: -item[1]):
        print(f"  {value:5.1f} ms  {name}")


if __name__ == "__main__":
    main()
