"""Who saw and did what in the inbox stands in the access log, and what cannot be written down is not shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from prp_guide.frontdesk import CallbackStore
from prp_guide.frontdesk.users import Users
from prp_guide.home import Home
from prp_guide.privacy.access_log import AccessLog
from prp_guide.web.desk.cookies import BY_ITSELF
from tests.frontdesk.conftest import work_of
from tests.frontdesk.test_desk import app, ask, form_token, guest, sign_in_with, staff  # noqa: F401

pytestmark = pytest.mark.usefixtures("time")


def told(home: Home) -> list[tuple[str, str, tuple[str, ...]]]:
    log = AccessLog.of(home)
    log.verify()
    return [(entry.actor, entry.act, entry.references) for entry in log.entries()]


def post(client: TestClient, path: str, **fields: str) -> Any:
    token = form_token(client.get("/desk").text)
    return client.post(path, data={"form_token": token, **fields})


def test_lists_pages_and_acts(home: Home, staff: TestClient, ask: Callable[..., str]) -> None:  # noqa: F811
    first, second = ask("Jo Park"), ask("Kim Lee")
    assert told(home) == [("Ana", "signed in", ())]
    staff.get("/desk")
    assert told(home)[1:] == [("Ana", "listed", (first, second))]
    # The page that renews itself shows the same two again; a third one is news.
    staff.get("/desk", headers={BY_ITSELF: "1"})
    third = ask("Bo Diaz")
    staff.get("/desk", headers={BY_ITSELF: "1"})
    assert told(home)[2:] == [("Ana", "listed", (third,))]
    staff.get(f"/desk/requests/{second}")
    post(staff, f"/desk/callbacks/{second}/reached")
    post(staff, "/desk/sign-out")
    assert told(home)[3:] == [("Ana", "opened", (second,)), ("Ana", "reached", (second,)), ("Ana", "signed out", ())]


def test_whose_request_somebody_else_has_is_told_too(
    home: Home,
    staff: TestClient,  # noqa: F811
    ask: Callable[..., str],  # noqa: F811
    store: CallbackStore,
) -> None:
    reference = ask("Jo Park")
    work_of(store).claim(reference, "Kim")
    answer = post(staff, f"/desk/callbacks/{reference}/claim")
    assert answer.status_code == 409
    assert "Jo Park" in answer.text
    assert told(home)[-2:] == [("Ana", "claim", (reference,)), ("Ana", "told", (reference,))]


def test_no_word_of_a_patient_comes_in(
    home: Home,
    staff: TestClient,  # noqa: F811
    ask: Callable[..., str],  # noqa: F811
) -> None:
    ask("Jo Park")
    staff.get("/desk", params={"q": "Jo Park"})
    post(staff, "/desk/callbacks/Jo Park/note", note="Jo Park")
    post(staff, "/desk/callbacks/PRP-2222 Jo/note", note="Jo Park")
    for entry in AccessLog.of(home).entries():
        assert "Jo" not in str(entry)


def test_what_cannot_be_written_down_is_not_shown(
    engine: sa.engine.Engine,
    staff: TestClient,  # noqa: F811
    ask: Callable[..., str],  # noqa: F811
) -> None:
    reference = ask("Jo Park")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE access_log RENAME TO access_log_away")
    for path in ("/desk", f"/desk/requests/{reference}"):
        with pytest.raises(sa.exc.DBAPIError):
            staff.get(path)


def test_signing_in(home: Home, guest: TestClient, engine: sa.engine.Engine) -> None:  # noqa: F811
    users = Users(engine)
    users.add("Ana", "owner")
    users.set_password("Ana", "a long password of hers")

    def sign_in(name: str, password: str) -> int:
        token = form_token(guest.get("/desk/sign-in").text)
        form = {"form_token": token, "name": name, "password": password}
        return int(guest.post("/desk/sign-in", data=form).status_code)

    assert sign_in("a password, in the wrong field", "x") == 403
    assert sign_in("ana", "not the password") == 403
    assert sign_in("ana", "a long password of hers") == 303
    page = guest.get("/desk/people").text
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    assert (
        guest.post("/desk/people/add", data={"form_token": token[1], "name": "Kim", "role": "staff"}).status_code == 200
    )
    details = [(entry.actor, entry.act, entry.detail) for entry in AccessLog.of(home).entries()]
    assert details == [
        ("Ana", "refused", "wrong password"),
        ("Ana", "signed in", "by password"),
        ("Ana", "people", "added: Kim (staff)"),
    ]
