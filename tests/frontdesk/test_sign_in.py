"""Links that sign in once, sessions that end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.frontdesk import sign_in
from prp_guide.frontdesk.users import Users
from tests.frontdesk.conftest import ON_BOTH, Time, make_link

pytestmark = [ON_BOTH, pytest.mark.usefixtures("home")]


def signed_in(engine: sa.engine.Engine, user: str = "front desk") -> str:
    token = sign_in.redeem(engine, make_link(engine, user))
    assert token
    return token


def test_a_link_signs_in_once(engine: sa.engine.Engine, time: Time) -> None:
    link = make_link(engine, "Ana")
    time.now += timedelta(minutes=14, seconds=59)
    token = sign_in.redeem(engine, link)
    assert token
    assert token != link
    session = sign_in.find_session(engine, token)
    assert session == sign_in.DeskSession("Ana", "staff", time.now, time.now + sign_in.IDLE_LIFE)
    assert sign_in.redeem(engine, link) is None


def test_a_link_is_too_old_after_15_minutes(engine: sa.engine.Engine, time: Time) -> None:
    link = make_link(engine)
    time.now += timedelta(minutes=15)
    assert sign_in.redeem(engine, link) is None


@pytest.mark.parametrize("link", ["", "x", "x" * 4000, "ä\ud800", "' or 1=1 --"])
def test_links_that_never_were(engine: sa.engine.Engine, link: str) -> None:
    make_link(engine)
    assert sign_in.redeem(engine, link) is None
    assert sign_in.find_session(engine, link) is None


def test_many_tabs_use_one_link(engine: sa.engine.Engine) -> None:
    link = make_link(engine)
    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda _: sign_in.redeem(engine, link), range(6)))
    assert sum(token is not None for token in tokens) == 1


def test_a_session_sleeps_after_an_hour_and_ends_after_twelve(engine: sa.engine.Engine, time: Time) -> None:
    idle, busy = signed_in(engine), signed_in(engine)
    for _ in range(14):
        time.now += timedelta(minutes=50)
        assert sign_in.find_session(engine, busy)
    assert sign_in.find_session(engine, idle) is None
    time.now += timedelta(minutes=20)  # 12 hours from its beginning
    assert sign_in.find_session(engine, busy) is None


def test_a_page_that_refreshes_itself_keeps_no_session_awake(engine: sa.engine.Engine, time: Time) -> None:
    token = signed_in(engine)
    for _ in range(5):
        time.now += timedelta(minutes=11)
        assert sign_in.find_session(engine, token, touch=False)
    time.now += timedelta(minutes=5)
    assert sign_in.find_session(engine, token, touch=False) is None


def test_sign_out_ends_one_session(engine: sa.engine.Engine) -> None:
    here, there = signed_in(engine), signed_in(engine)
    sign_in.sign_out(engine, here)
    sign_in.sign_out(engine, here)
    assert sign_in.find_session(engine, here) is None
    assert sign_in.find_session(engine, there)


def test_no_token_is_stored(engine: sa.engine.Engine) -> None:
    link = make_link(engine)
    token = sign_in.redeem(engine, link)
    with engine.connect() as connection:
        stored = str([connection.execute(sa.select(t)).all() for t in (database.sign_in_links, database.desk_sessions)])
    assert link not in stored
    assert token
    assert token not in stored


def test_purge_takes_what_no_longer_works(engine: sa.engine.Engine, time: Time) -> None:
    signed_in(engine)
    assert sign_in.purge(engine) == 0
    time.now += timedelta(hours=1)
    assert sign_in.purge(engine) == 1  # the link; the session may still put down a note
    time.now += timedelta(hours=1)
    live = signed_in(engine)
    assert sign_in.purge(engine) == 1
    assert sign_in.find_session(engine, live)


def test_form_tokens_belong_to_one_cookie() -> None:
    token = sign_in.form_token(b"key", "cookie")
    assert sign_in.form_token_fits(b"key", "cookie", token)
    for key, cookie, given in (
        (b"other", "cookie", token),
        (b"key", "other", token),
        (b"key", "cookie", "é"),
    ):
        assert not sign_in.form_token_fits(key, cookie, given)


def test_the_token_stands_in_the_fragment() -> None:
    assert sign_in.link_path("abc") == "/desk/sign-in#abc"


def test_after_its_time_a_session_only_puts_down_a_note(engine: sa.engine.Engine, time: Time) -> None:
    token, other = signed_in(engine, "Ana"), signed_in(engine, "Ana")
    time.now += timedelta(minutes=119)
    assert sign_in.find_session(engine, token) is None
    assert sign_in.find_writer(engine, token) == "Ana"
    sign_in.sign_out(engine, other)
    assert sign_in.find_writer(engine, other) is None
    time.now += timedelta(minutes=1)
    assert sign_in.find_writer(engine, token) is None


def test_sign_out_everywhere_is_for_one_person(engine: sa.engine.Engine) -> None:
    here, there, others = signed_in(engine, "Ana"), signed_in(engine, "Ana"), signed_in(engine, "Kim")
    link = make_link(engine, "Ana")
    assert sign_in.count_sessions(engine) == {"Ana": 2, "Kim": 1}
    assert sign_in.sign_out_everywhere(engine, "Ana") == 2
    assert [sign_in.find_session(engine, token) is None for token in (here, there, others)] == [True, True, False]
    assert sign_in.redeem(engine, link) is None


def test_who_is_removed_is_signed_out(engine: sa.engine.Engine) -> None:
    token, link = signed_in(engine, "Ana"), make_link(engine, "Ana")
    Users(engine).remove("Ana")
    assert sign_in.find_session(engine, token) is None
    assert sign_in.find_writer(engine, token) is None
    assert sign_in.redeem(engine, link) is None
