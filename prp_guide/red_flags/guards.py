"""Guards: what takes the alarm out of a word, and how far that reaches."""

from __future__ import annotations

from dataclasses import dataclass

from prp_guide.red_flags.patterns import Message, Pattern


@dataclass(frozen=True)
class Guard:
    """`scope` forward: from the words that open it up to `reach` words on, ended by `stops`, and after a comma by
    `comma_stops`. span: the words themselves. sentence, message: all of it. `ignore` are look-alikes that open
    nothing; `cancelled_by` in the same sentence (or message) closes it.
    """

    name: str
    scope: str
    reach: int
    opens: tuple[Pattern, ...]
    ignore: tuple[Pattern, ...]
    stops: Pattern | None
    comma_stops: Pattern | None
    cancelled_by: tuple[Pattern, ...]

    def vetoes(self, message: Message) -> int:
        """Bits of the words of `message` that must not raise an alarm."""
        if self.scope == "span":
            return self._spans(message, self.opens) & ~self._spans(message, self.ignore)
        opened = 0
        for pattern in self.opens:
            opened |= message.find(pattern)
        if not opened:
            return 0
        opened &= ~self._spans(message, self.ignore)
        if not opened:
            return 0
        if self.scope == "forward":
            vetoed = self._forward(message, opened)
        elif self.scope == "sentence":
            vetoed = message.sentences(opened)
        else:
            vetoed = message.every
        if vetoed and self.cancelled_by:
            cancelled = 0
            for pattern in self.cancelled_by:
                cancelled |= message.find(pattern)
            if cancelled:
                vetoed = 0 if self.scope == "message" else vetoed & ~message.sentences(cancelled)
        return vetoed

    def _forward(self, message: Message, opened: int) -> int:
        hard = message.ends | (message.find(self.stops) if self.stops else 0)
        soft = hard | (message.find(self.comma_stops) if self.comma_stops else 0)
        before, after, reached = opened << 1, 0, opened
        for _ in range(self.reach):
            before &= ~hard
            after &= ~soft
            if not before | after:
                break
            reached |= before | after
            after = (after << 1) | ((before & message.commas) << 1)
            before = (before & ~message.commas) << 1
        return reached

    @staticmethod
    def _spans(message: Message, patterns: tuple[Pattern, ...]) -> int:
        covered = 0
        for pattern in patterns:
            ends = message.find(pattern)
            if not ends:
                continue
            if len(pattern.chains) > 1:
                covered |= message.sentences(ends) if pattern.together else message.every
                continue
            # A pattern may end on the mark that ends its sentence: the words before that mark are covered as well.
            spread = ends | (ends & message.ends) >> 1
            for _ in range(pattern.chains[0].longest - 1):
                spread |= (spread & message.inside) >> 1
            covered |= spread
        return covered
