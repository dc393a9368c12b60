"""Faults of ours: the patient gets a problem document and a phone number, the log no word of theirs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.web_process import Web, bearer, check_problem

CALLBACK = {"name": "Jo Smith", "phone": "310 555 0147", "best_time": "mornings"}


def test_our_own_fault_tells_nothing(web: Web, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    token = web.open()

    def fail(*_: Any) -> None:
        raise ValueError("Jo Smith 310 555 0147")

    monkeypatch.setattr(web.services.conversation, "history", fail)
    response = web.http.get("/api/chat/messages", headers=bearer(token))
    check_problem(response, 500)
    assert "content-security-policy" in response.headers
    assert "Jo Smith" not in response.text + caplog.text
    assert "Unexpected ValueError" in caplog.text


def test_a_broken_database_names_the_phone(web: Web, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    token = web.open()
    with web.services.database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE turns RENAME TO turns_gone")
        connection.exec_driver_sql("ALTER TABLE callbacks RENAME TO callbacks_gone")
    problem = check_problem(web.say(token, "Jo Smith"), 503)
    assert problem["phone"] == "(310) 975-9785"
    assert "(310) 975-9785" in problem["detail"]
    response = web.http.post("/api/callbacks", json=CALLBACK, headers={"Idempotency-Key": "12345678"})
    check_problem(response, 503)
    assert "Jo Smith" not in caplog.text
