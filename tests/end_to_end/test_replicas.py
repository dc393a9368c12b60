"""Two Rasas and two action servers on one machine: any of them may go, and a conversation goes on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from prp_guide import keys, model, replicas
from prp_guide.database import engine, sessions
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.publishing.publish import _load
from tests.support.assistant import Assistant
from tests.support.machine import free_ports_in_a_row
from tests.support.patient import Patient, said
from tests.support.waiting import wait_for

STEPS = (("please call me", "callback:name"), ("Jo Park", "callback:phone"), ("310 555 0147", "callback:time"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real assistant with two of each, on SQLite, with figures and JSON logs."""
    figures = str(free_ports_in_a_row(5))
    home = tmp_path_factory.mktemp("pair") / "home"
    running = Assistant(home, replicas=2, PRP_METRICS_PORT=figures, PRP_LOGS="json")
    running.start()
    yield running
    running.stop()


def urls(pair: Assistant, kind: str) -> list[str]:
    first = int(pair.env[f"{kind.upper()}_PORT"])
    return [f"http://127.0.0.1:{first}", f"http://127.0.0.1:{first + 1}"]


def owner(pair: Assistant, kind: str) -> str:
    """The name of the process to which the newest conversation belongs."""
    database = engine(f"sqlite:///{pair.home / 'prp-guide.db'}")
    with database.connect() as connection:
        newest = connection.execute(sa.select(sessions.c.id).order_by(sessions.c.created.desc()).limit(1)).scalar_one()
    own = replicas.order(newest, urls(pair, kind))[0]
    return [kind, f"{kind}-2"][urls(pair, kind).index(own)]


def kill(pair: Assistant, name: str) -> int:
    pid = pair.pids()[name]
    os.kill(pid, signal.SIGKILL)
    return pid


def all_answer(pair: Assistant) -> bool:
    headers = {"Authorization": f"Bearer {(pair.home / 'keys' / keys.LOOPBACK).read_text()}"}
    try:
        looks = [httpx.get(f"{url}/webhooks/prp/ready", headers=headers, timeout=5) for url in urls(pair, "rasa")]
        looks += [httpx.get(f"{url}/health", timeout=5) for url in urls(pair, "actions")]
    except httpx.HTTPError:
        return False
    return all(look.status_code == 200 for look in looks)


@pytest.fixture(autouse=True)
def whole(pair: Assistant) -> None:
    wait_for(lambda: all_answer(pair), "both to answer", seconds=90, every=0.5)


@pytest.mark.parametrize("kind", ["rasa", "actions"])
def test_a_form_goes_on_when_its_process_is_killed(pair: Assistant, kind: str) -> None:
    with Patient(pair.base_url) as patient:
        for words, step in STEPS:
            assert said(patient.says(words)) == [step]
        own = owner(pair, kind)
        before = kill(pair, own)
        assert said(patient.says("tomorrow at noon")) == ["callback:confirm"]
        wait_for(lambda: pair.pids().get(own, before) != before, f"{own} to be started again", seconds=60)
        wait_for(lambda: all_answer(pair), "both to answer", seconds=90, every=0.5)
        # Back with the first one, which has not seen the turn between.
        done = patient.says("yes")
        assert said(done) == ["callback:done"]
    stored = json.loads(pair.command("desk", "export"))
    assert stored[-1]["name"] == "Jo Park"
    assert stored[-1]["phone"] == "+13105550147"


def test_ready_as_long_as_one_is(pair: Assistant) -> None:
    kill(pair, "rasa")
    for _ in range(3):
        assert httpx.get(f"{pair.base_url}/readyz", timeout=15).status_code == 200
    with Patient(pair.base_url) as patient:
        assert said(patient.says("when can i wash my hair")) == ["answer:washing"]


def test_a_model_is_loaded_into_both(pair: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(root=PROJECT_ROOT, state=Path(pair.home))
    monkeypatch.delenv(replicas.RASA, raising=False)
    assert list(replicas.running(home)) == urls(pair, "rasa")
    chosen = model.chosen(home)
    copy = chosen.with_name("prp-ffffffff.tar.gz")
    copy.write_bytes(chosen.read_bytes())
    try:
        for path in (copy, chosen):
            assert _load(home, path)
            assert models(pair) == [path.name] * 2
    finally:
        copy.unlink()


def models(pair: Assistant) -> list[str]:
    headers = {"Authorization": f"Bearer {(pair.home / 'keys' / keys.LOOPBACK).read_text()}"}
    ready = [httpx.get(f"{url}/webhooks/prp/ready", headers=headers, timeout=5) for url in urls(pair, "rasa")]
    return [look.json()["model"] for look in ready]


def lines(pair: Assistant) -> list[dict[str, str]]:
    """Every line of every log."""
    logs = [path for path in (pair.home / "logs").glob("*.log") if path.name != "train.log"]
    return [json.loads(line) for path in logs for line in path.read_text().splitlines()]


def test_one_id_through_all_three(pair: Assistant) -> None:
    with Patient(pair.base_url) as patient:
        patient.says("please call me")
        answer = patient.http.post("/api/chat/messages", json={"text": "Rosalind Quatermass"})
        assert said(answer.json()["messages"]) == ["callback:phone"]
        own = answer.headers["x-request-id"]
        refused = patient.http.get("/api/chat/messages", headers={"X-Request-ID": "an-id-of-their-own"})
        assert refused.headers["x-request-id"] != "an-id-of-their-own", "nobody but a known proxy may choose one"

    def kinds() -> set[str]:
        return {line["process"] for line in lines(pair) if line.get("request") == own}

    wait_for(lambda: kinds() == {"web", "rasa", "actions"}, "the id in all three logs", seconds=10)
    said_of_it = [line for line in lines(pair) if line.get("request") == own]
    assert {line["message"] for line in said_of_it} == {"request", "turn", "action"}
    assert "Quatermass" not in json.dumps(lines(pair))


def test_figures_of_each_process(pair: Assistant) -> None:
    first = int(pair.env["PRP_METRICS_PORT"])
    with Patient(pair.base_url) as patient:
        patient.says("when can i wash my hair")
    pages = [httpx.get(f"http://127.0.0.1:{first + number}/metrics", timeout=5).text for number in range(5)]
    web, rasa, other, *actions = pages
    assert 'prp_turns_total{kind="answer"}' in web
    assert 'prp_requests_total{handler="MessagesEndpoint",method="POST",status="200"}' in web
    assert "prp_rasas_answering 2.0" in web
    assert 'prp_rasa_turns_total{outcome="answered"}' in rasa + other
    assert all('prp_process_info{process="actions"} 1.0' in page for page in actions)
    for page in pages:
        assert "process_cpu_seconds_total" in page
        assert "wash" not in page
        assert "Quatermass" not in page
