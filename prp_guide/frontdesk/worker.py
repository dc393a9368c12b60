"""The worker that empties the outbox: one thread for each receiver, so that a slow one holds up no other.

Any number of processes may run one: the outbox gives each delivery to a single one of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from prp_guide import metrics
from prp_guide.delivery_settings import Receiver, has_details
from prp_guide.errors import DeliveryError
from prp_guide.frontdesk.callback import OPEN
from prp_guide.frontdesk.callbacks import CallbackStore
from prp_guide.frontdesk.letters import Letter
from prp_guide.frontdesk.outbox import WAITING, Held, Outbox
from prp_guide.frontdesk.senders import Senders

LOOK_EVERY = 1.0  # seconds between two looks for something to send
KEEP_EVERY = 30.0  # seconds between two rounds of `keep`

log = logging.getLogger(__name__)


class Worker:
    """Sends what the outbox holds, from `start` to `stop`. `keep` is called now and then, for what has no receiver.

    `disclosed` hears which request's details went to whom.
    `tell` gives, by event, the lines of a delivery that is of no request; without lines there is nothing to say.
    """

    def __init__(
        self,
        outbox: Outbox,
        callbacks: CallbackStore,
        senders: Senders,
        *,
        keep: Callable[[], None] = lambda: None,
        disclosed: Callable[[str, str], object] = lambda reference, receiver: None,
        tell: Mapping[str, Callable[[Held], Sequence[str]]] = MappingProxyType({}),
        look_every: float = LOOK_EVERY,
        keep_every: float = KEEP_EVERY,
    ) -> None:
        self._outbox, self._callbacks, self._senders, self._keep = outbox, callbacks, senders, keep
        self._disclosed, self._tell = disclosed, tell
        self._look_every, self._keep_every = look_every, keep_every
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin, in threads of its own."""
        rounds: list[tuple[str, Callable[[], bool], float]] = [("deliveries: all", self._round, self._keep_every)]
        for receiver in self._senders.settings.receivers:
            rounds.append((f"deliveries: {receiver.name}", partial(self.deliver, receiver), self._look_every))
        for name, act, pause in rounds:
            # They do not hold up the process's end: what is cut off is taken up again when its lease ends.
            thread = threading.Thread(target=self._repeat, args=(act, pause), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """End after the deliveries that are under way, or when `patience` seconds are over."""
        self._ending.set()
        for thread in self._threads:
            thread.join(patience)

    def deliver(self, receiver: Receiver) -> bool:
        """Send the next delivery to `receiver`, whatever comes of it. False when there was none."""
        held = self._outbox.claim(receiver.name)
        if held is None:
            return False
        if self._ending.is_set():
            self._outbox.release(held)
            return False
        try:
            letter = self._letter(held)
            if letter is not None:
                self._senders.send(receiver, letter)
                if letter.callback is not None and has_details(receiver):
                    self._disclosed(letter.callback.reference, receiver.name)
        except DeliveryError as fault:
            self._outbox.failed(held, str(fault))
            metrics.count("deliveries", receiver=receiver.name, outcome="failed")
            log.warning("Delivery %s to %s, attempt %d: %s", held.id, receiver.name, held.attempts, fault)
        except Exception as fault:  # ours, not the receiver's; the delivery must not be lost for it
            metrics.count("deliveries", receiver=receiver.name, outcome="failed")
            self._outbox.failed(held, f"A fault of PRP Guide itself ({type(fault).__name__}).")
            log.error("Delivery %s to %s, attempt %d: %s", held.id, receiver.name, held.attempts, type(fault).__name__)
        else:
            self._outbox.sent(held)
            metrics.count("deliveries", receiver=receiver.name, outcome="sent")
        return True

    def _letter(self, held: Held) -> Letter | None:
        """What to send; None when there is nothing left to say."""
        callback = None
        if held.callback is not None:
            callback = self._callbacks.get(held.callback)
            if callback is None or (held.event == WAITING and callback.status != OPEN):
                return None
        lines: Sequence[str] = ()
        if held.event in self._tell:
            lines = self._tell[held.event](held)
            if not lines:
                return None
        return Letter(held.id, held.event, held.created, callback, self._senders.settings.inbox_url, tuple(lines))

    def _round(self) -> bool:
        self._outbox.bury(receiver.name for receiver in self._senders.settings.receivers)
        self._keep()
        return False

    def _repeat(self, act: Callable[[], bool], pause: float) -> None:
        while not self._ending.is_set():
            try:
                more = act()
            except Exception as fault:  # the database may be back in a moment
                log.error("%s: %s", threading.current_thread().name, type(fault).__name__)
                more = False
            if not more:
                self._ending.wait(pause)
