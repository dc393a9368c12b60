"""The people of the front desk, their passwords, and signing in with them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from prp_guide import database
from prp_guide.cli import main
from prp_guide.errors import DeskError
from prp_guide.frontdesk import Inbox, sign_in
from prp_guide.frontdesk.users import OWNER, Users
from prp_guide.home import Home
from prp_guide.web.buckets import Buckets
from prp_guide.web.desk import sign_in as sign_in_page
from tests.frontdesk.conftest import ON_BOTH, Time, make_link
from tests.frontdesk.test_desk import HERE, app, form_token, guest, sign_in_with  # noqa: F401 (fixtures)

GOOD = "correct horse battery"
pytestmark = [ON_BOTH, pytest.mark.usefixtures("time")]


@pytest.fixture
def users(engine: sa.engine.Engine) -> Users:
    return Users(engine)


@pytest.fixture(autouse=True)
def attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_page, "_attempts", Buckets())


def by_password(client: TestClient, name: str, password: str) -> int:
    token = form_token(client.get("/desk/sign-in").text)
    form = {"name": name, "password": password, "form_token": token}
    return client.post("/desk/sign-in", data=form).status_code


def test_names(users: Users) -> None:
    assert users.add("  Ana   Ruiz ").name == "Ana Ruiz"
    assert users.require("ANA RUIZ").role == "staff"
    for name, words in (("ana ruiz", "Ana Ruiz already"), ("", "1 to"), ("x" * 61, "1 to"), ("12", "letter")):
        with pytest.raises(DeskError, match=words):
            users.add(name)
    with pytest.raises(DeskError, match="no role"):
        users.add("Kim", "king")
    with pytest.raises(DeskError, match="there is Ana Ruiz"):
        users.require("Kim")


def test_the_last_owner_stays(users: Users) -> None:
    first = users.first()
    assert (first.name, first.owner) == ("front desk", True)
    users.add("Kim")
    with pytest.raises(DeskError, match="only owner"):
        users.remove("front desk")
    users.add("Ana", OWNER)
    users.remove("front desk")
    assert users.first().name == "Ana"


def test_passwords(users: Users, engine: sa.engine.Engine) -> None:
    users.add("Ana Ruiz")
    assert users.check("Ana Ruiz", "") is None  # none is set
    for bad in ("short", "x" * 201, "aaaaaaaaaaaaaaaa", "my ana ruiz password"):
        with pytest.raises(DeskError, match="password"):
            users.set_password("Ana Ruiz", bad)
    users.set_password("ana ruiz", GOOD)
    found = users.check("ANA ruiz", GOOD)
    assert found
    assert found.name == "Ana Ruiz"
    for name, password in (("Ana Ruiz", GOOD + " "), ("Ana Ruiz", ""), ("Kim", GOOD), ("x" * 9000, "y" * 9000)):
        assert users.check(name, password) is None
    with engine.connect() as connection:
        kept = connection.execute(sa.select(database.desk_users.c.password)).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert GOOD not in kept


def test_signing_in_with_a_password(guest: TestClient, users: Users) -> None:  # noqa: F811
    users.add("Ana Ruiz")
    users.set_password("Ana Ruiz", GOOD)
    assert by_password(guest, "ana ruiz", "wrong horse battery") == 403
    assert guest.get("/desk").status_code == 401
    assert by_password(guest, "ana ruiz", GOOD) == 303
    assert "Ana Ruiz" in guest.get("/desk").text


def test_guessing_is_slowed_down(guest: TestClient, users: Users) -> None:  # noqa: F811
    users.add("Ana Ruiz")
    users.set_password("Ana Ruiz", GOOD)
    answers = [by_password(guest, name, "wrong") for name in ["Ana Ruiz"] * 4 + ["ANA RUIZ"] * 2 + ["Ana Ruiz"]]
    assert answers == [403] * 6 + [429]
    assert by_password(guest, "Ana Ruiz", GOOD) == 429
    # Links still work, and so do others.
    assert by_password(guest, "Kim", "wrong") == 403
    assert sign_in_with(guest, make_link(users._engine, "Ana Ruiz")).status_code == 303


def test_one_sets_a_password_and_is_signed_out_elsewhere(
    app: object,  # noqa: F811
    guest: TestClient,  # noqa: F811
    engine: sa.engine.Engine,
    users: Users,
) -> None:
    other = TestClient(app, base_url=HERE, follow_redirects=False)  # type: ignore[arg-type]
    for client in (guest, other):
        sign_in_with(client, make_link(engine, "Ana"))
    token = form_token(guest.get("/desk/people").text)
    form = {"form_token": token, "new": GOOD, "again": GOOD + "!"}
    assert "not the same twice" in guest.post("/desk/people/password", data=form).text
    form["again"] = GOOD
    assert guest.post("/desk/people/password", data=form).status_code == 303
    assert guest.get("/desk").status_code == 200
    assert other.get("/desk").status_code == 401
    form["form_token"] = form_token(guest.get("/desk/people").text)
    assert "old password is not right" in guest.post("/desk/people/password", data=form).text


def test_only_owners_change_others(guest: TestClient, engine: sa.engine.Engine, users: Users) -> None:  # noqa: F811
    sign_in_with(guest, make_link(engine, "Kim"))
    token = form_token(guest.get("/desk/people").text)
    assert "People of the front desk" not in guest.get("/desk/people").text
    for path, form in (("add", {"name": "Eve", "role": "owner"}), ("change", {"name": "Kim", "do": "remove"})):
        assert guest.post(f"/desk/people/{path}", data={"form_token": token, **form}).status_code == 403
    assert [user.name for user in users.every()] == ["Kim"]

    sign_in_with(guest, make_link(engine, "Ana", OWNER))
    token = form_token(guest.get("/desk/people").text)
    page = guest.post("/desk/people/add", data={"form_token": token, "name": "Eve", "role": "staff"}).text
    assert "http://localhost/desk/sign-in#" in page
    kims = sign_in.redeem(engine, make_link(engine, "Kim"))
    assert kims
    guest.post("/desk/people/change", data={"form_token": token, "name": "Kim", "do": "sign-out"})
    assert sign_in.find_session(engine, kims) is None
    guest.post("/desk/people/change", data={"form_token": token, "name": "Eve", "do": "remove"})
    assert [user.name for user in users.every()] == ["Ana", "Kim"]


def test_typing_keeps_one_signed_in_and_a_late_note_is_taken(
    guest: TestClient,  # noqa: F811
    engine: sa.engine.Engine,
    inbox: Inbox,
    time: Time,
) -> None:
    from tests.frontdesk.test_work import CallbackRequest

    store = guest.app.state.services.callbacks  # type: ignore[attr-defined]
    given = {"name": "Jo", "phone": "310 555 0147", "best_time": "noon"}
    callback = store.create(CallbackRequest.checked(**given), "k")
    sign_in_with(guest, make_link(engine, "Ana"))
    path, token = f"/desk/callbacks/{callback.reference}/draft", form_token(guest.get("/desk").text)
    for _ in range(3):
        time.now += timedelta(minutes=50)
        assert guest.post(path, data={"form_token": token, "note": "still writing"}).status_code == 200
    time.now += timedelta(minutes=61)
    assert guest.post(path, data={"form_token": token, "note": "one more word"}).status_code == 200
    assert guest.get("/desk").status_code == 401  # which takes the cookie back, and the note is kept
    assert {draft.text for draft in inbox.drafts.of(callback.id, "Ana")} == {"still writing", "one more word"}
    assert guest.post(path, data={"form_token": "forged", "note": "x"}).status_code in (401, 403)


def test_the_command_line(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRP_HOME", str(home.state))
    assert main(["desk", "add-user", "Ana Ruiz", "--role", "owner"]) == 0
    link = capsys.readouterr().out.strip().rpartition("#")[2]
    engine = database.open_database(home, durable=True)
    token = sign_in.redeem(engine, link)
    assert token
    session = sign_in.find_session(engine, token)
    assert session
    assert (session.user, session.owner) == ("Ana Ruiz", True)

    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["desk", "add-user", "Kim", "--password"]) == 2
    assert "12 to 200" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    assert main(["desk", "add-user", "Kim", "--password"]) == 0
    assert main(["desk", "users"]) == 0
    assert "Kim\tstaff\tpassword or link" in capsys.readouterr().out
    assert main(["desk", "sign-in-link", "Nobody"]) == 2
    assert "there is Ana Ruiz, Kim" in capsys.readouterr().err
    assert main(["desk", "remove-user", "Kim"]) == 0
    assert main(["desk", "remove-user", "Ana Ruiz"]) == 2
