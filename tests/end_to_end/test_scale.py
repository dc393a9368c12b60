"""Two web, two Rasa, two action processes, PostgreSQL, Redis: what is killed or stopped costs nobody their callback."""

from __future__ import annotations

import json
import os
import random
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.database import deliveries
from tests.support.dialogues_under_load import Results, compare, visit_all
from tests.support.fleet import Fleet, running_fleet
from tests.support.postgresql import find_postgresql
from tests.support.redis import find_redis
from tests.support.waiting import wait_for

KINDS = ("web", "rasa", "actions")


def break_things(fleet: Fleet, dice: random.Random, away: float, rest: float) -> None:
    """Kill one of each kind, then stop PostgreSQL and Redis for `away` seconds each, with `rest` between."""
    for kind in dice.sample(KINDS, len(KINDS)):
        time.sleep(dice.uniform(0.5, 1.5) * rest)
        fleet.kill(dice.choice([kind, f"{kind}-2"]))
    for name, server in (("PostgreSQL", fleet.postgresql), ("Redis", fleet.redis)):
        time.sleep(1.5 * rest)
        fleet.note(f"stop {name}")
        server.stop()
        time.sleep(away)
        server.start()
        fleet.note(f"start {name}")


def trial(folder: Path, *, dialogues: int, at_once: int, over: float, away: float, rest: float) -> str:
    """Drive the dialogues while things break; returns what was measured."""
    binaries, redis = find_postgresql(), find_redis()
    if binaries is None or redis is None:
        pytest.skip("this wants PostgreSQL and Redis (Debian: apt-get install postgresql redis-server)")
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    with running_fleet(folder, binaries, redis) as fleet:
        results = Results(fleet.began)
        threads = visit_all(fleet.webs, dialogues, results, at_once=at_once, over=over, seed=seed)
        broken: list[BaseException] = []
        breaker = threading.Thread(
            target=_guarded(lambda: break_things(fleet, random.Random(seed), away, rest), broken), daemon=True
        )
        breaker.start()
        for thread in (*threads, breaker):
            thread.join(600)
        assert not any(thread.is_alive() for thread in (*threads, breaker))
        assert broken == []
        took = time.monotonic() - fleet.began
        wait_for(fleet.answers, "all to answer again", seconds=120, every=0.5)
        _settle(fleet)
        found = compare(fleet.database, dialogues, results)
        received = fleet.receiver.received()
        save(fleet, results, took)
    assert results.faults == []
    assert len(results.told) == dialogues
    assert found["lost"] == []
    assert found["wrong"] == []
    assert set(results.told.values()) <= set(received)
    assert {len(ids) for ids in received.values()} == {1}, "each delivered under one id"
    met = results.count()
    assert met["nothing"] == 0
    seconds = sorted(results.seconds)
    return (
        f"{dialogues} dialogues in {took:.0f} s, {len(seconds)} requests answered "
        f"({met['phone']} with the phone number, {met['moved']} by the other web process), "
        f"p50 {seconds[len(seconds) // 2]:.2f} s, p95 {seconds[int(len(seconds) * 0.95)]:.2f} s, "
        f"longest {seconds[-1]:.1f} s; {len(results.by_form)} patients took the plain form, "
        f"{len(found['twice'])} asked twice; 0 lost, 0 wrong"
    )


def _guarded(work: Callable[[], None], faults: list[BaseException]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)

    return run


def _settle(fleet: Fleet) -> None:
    """Wait until the outbox is empty; the pauses between attempts are not waited for."""
    made = database.engine(fleet.database, durable=True)

    def empty() -> bool:
        with made.begin() as connection:
            connection.execute(
                deliveries.update()
                .where(deliveries.c.status == "waiting", deliveries.c.holder.is_(None))
                .values(next_attempt=database.stamp())
            )
            left = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.status != "sent")
            return connection.execute(left).scalar_one() == 0

    wait_for(empty, "the last delivery", seconds=120, every=0.5)


def save(fleet: Fleet, results: Results, took: float) -> None:
    """Write down what came when, for the chart in docs/scale.md, where PRP_TRIAL names a file."""
    if os.environ.get("PRP_TRIAL"):
        written = {"seconds": took, "moments": fleet.moments, "requests": results.requests}
        Path(os.environ["PRP_TRIAL"]).write_text(json.dumps(written))


def test_some_dialogues_while_things_break(tmp_path: Path) -> None:
    print(trial(tmp_path, dialogues=30, at_once=6, over=16, away=3, rest=2))


@pytest.mark.long
def test_two_hundred_dialogues_while_things_break(tmp_path: Path) -> None:
    print(trial(tmp_path, dialogues=200, at_once=10, over=70, away=10, rest=8))
