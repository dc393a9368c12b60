"""The daily run: what has outlived its time goes, and the access log's head stands in the log and goes out."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from prp_guide import cli, clock
from prp_guide.chat.sessions import Sessions
from prp_guide.database import callback_events, callbacks, desk_moments, sessions, stamp
from prp_guide.errors import SetupError
from prp_guide.frontdesk import CallbackRequest
from prp_guide.frontdesk.work import Work
from prp_guide.home import Home
from prp_guide.privacy.access_log import HEAD_LINE, AccessLog, Head
from prp_guide.red_flags import Screen
from prp_guide.web import upkeep
from prp_guide.web.services import Services
from tests.support.receiver import running_receiver
from tests.support.traces import files_with
from tests.support.waiting import wait_for
from tests.web.web_process import CLINIC, Channel, loaded_screen, running_web

DELIVERIES = """
privacy: {{conversation_days: 7, request_days: 30}}
deliveries:
  internal_hosts: [127.0.0.1]
  webhooks:
    - {{name: practice, url: "{url}", secret: {{file: secret}}, gets: [requests, log]}}
"""


def with_clinic(home: Home, url: str) -> None:
    home.clinic_file.write_text(CLINIC + DELIVERIES.format(url=url), encoding="utf-8")
    (home.root / "secret").write_text("a secret of this test")


def grow_old(services: Services, days: int) -> None:
    """All conversations and requests become so many days older."""
    ago = stamp(clock.now() - timedelta(days=days))
    with services.durable.begin() as connection:
        connection.execute(sessions.update().values(last_seen=ago))
        connection.execute(callbacks.update().values(created=ago))
        connection.exec_driver_sql("DROP TRIGGER callback_events_stay")
        connection.execute(callback_events.update().values(at=ago))


def test_once_a_day(home: Home, channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    with running_receiver() as receiver:
        with_clinic(home, receiver.url)
        with running_web(home, channel) as web:
            services = web.services
            asked = {"name": "Quatermass", "phone": "310 555 0147", "best_time": "noon"}
            request = services.callbacks.create(CallbackRequest.checked(**asked), "a-key")
            Work(services.durable, services.hours).done(request.reference, "Ana")
            token = web.open()
            web.say(token, "does it hurt like a zither")
            wait_for(lambda: len(receiver.taken) == 1, "the request to be sent")
            access = AccessLog.of(home)
            wait_for(lambda: access.head(), "the disclosure to be written down")
            assert [(entry.act, entry.references, entry.detail) for entry in access.entries()] == [
                ("sent", (request.reference,), "practice")
            ]
            grow_old(services, 8)
            with caplog.at_level(logging.INFO):
                upkeep.clear(services)
            assert not files_with(home.state, ["zither"]), "a conversation stays 7 days"
            assert services.callbacks.get(request.id) is not None
            assert not any(HEAD_LINE in line for line in caplog.messages), "the daily run was at the start"
            grow_old_moment(services)
            with services.durable.begin() as connection:
                ago = stamp(clock.now() - timedelta(days=31))
                connection.execute(callbacks.update().values(created=ago))
                connection.execute(callback_events.update().values(at=ago))
            with caplog.at_level(logging.INFO):
                upkeep.clear(services)
                upkeep.clear(services)
            assert services.callbacks.get(request.id) is None
            assert not files_with(home.state, ["Quatermass", "+13105550147"])
            heads = [head for line in caplog.messages if HEAD_LINE in line for head in Head.found_in(line)]
            assert heads == [access.head()], "once a day"
            assert [entry.act for entry in access.entries()] == ["sent", "erased"]
            wait_for(lambda: len(receiver.taken) == 2, "the head to be sent")
            mailed = receiver.taken[-1].json
            assert (mailed["event"], mailed["request"]) == ("log_head", None)
            assert list(Head.found_in(mailed["text"])) == heads


def grow_old_moment(services: Services) -> None:
    with services.durable.begin() as connection:
        ago = stamp(clock.now() - timedelta(hours=24))
        connection.execute(desk_moments.update().where(desk_moments.c.name == upkeep.DONE_DAILY).values(at=ago))


def test_verify_log_knows_the_heads_of_webs_log(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRP_HOME", str(home.state))
    monkeypatch.setenv("PRP_ROOT", str(home.root))
    monkeypatch.delenv("PRP_DATABASE_URL", raising=False)
    access = AccessLog.of(home)
    assert cli.main(["privacy", "verify-log"]) == 0
    assert "is empty" in capsys.readouterr().out
    head = [access.write("Ana", "opened", ["PRP-2222"]) for _ in range(3)][1]
    home.logs.mkdir()
    (home.logs / "web.log").write_text(f"2026-11-23 15:39:22 INFO prp_guide.web.upkeep: {HEAD_LINE} {head}\n")
    assert cli.main(["privacy", "verify-log", "--head", str(access.head())]) == 0
    assert "3 entries, 2 heads kept of them fit" in capsys.readouterr().out
    assert cli.main(["privacy", "verify-log", "--head", "not a head"]) == 2
    (home.logs / "web.log.1").write_text(f"{HEAD_LINE} 9:{'0' * 64}\n")
    assert cli.main(["privacy", "verify-log"]) == 2
    assert "cut off" in capsys.readouterr().err


def test_rasa_elsewhere_needs_a_shared_secret(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Screen, "load", lambda _home: loaded_screen())
    monkeypatch.setenv("PRP_RASA_URL", "http://rasa.clinic.lan:5005")
    monkeypatch.delenv("PRP_SHARED_SECRET", raising=False)
    with pytest.raises(SetupError, match="PRP_SHARED_SECRET"):
        Services.open(home)
    monkeypatch.setenv("PRP_SHARED_SECRET", "a-secret-that-two-hosts-share-long-enough")
    assert isinstance(Services.open(home).sessions, Sessions)
