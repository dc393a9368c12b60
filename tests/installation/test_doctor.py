"""`prp-guide doctor`: each thing that can be wrong is made wrong, and named with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from prp_guide import clock
from prp_guide.cli import main
from prp_guide.commands.doctor import examine
from prp_guide.database import open_database
from prp_guide.home import Home
from tests.support.machine import free_ports


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(free_ports(1)[0]))
    monkeypatch.delenv("PRP_TODAY", raising=False)


def found(home: Home, level: str) -> str:
    return "\n".join(f"{one.what} {one.do}" for one in examine(home) if one.level == level)


def test_a_new_home_has_no_faults(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for line in ("No opening hours", "43 answers are not approved", "There has been no backup", "0 to put right"):
        assert line in said


def yesterday() -> str:
    return str(clock.now().date() - timedelta(days=1))


def overdue(home: Home) -> None:
    topic = home.data / "topics" / "cost.yml"
    approval = f"approval: {{by: Dr. Ruiz, date: 2025-01-01, review_by: {yesterday()}}}"
    topic.write_text(topic.read_text().replace("approval: none", approval, 1))


def damage(home: Home) -> None:
    close_all_sessions(home)
    (home.state / "prp-guide.db").write_bytes(b"SQLite format 3\0" + b"?" * 9000)


def close_all_sessions(home: Home) -> None:
    open_database(home, durable=True).dispose()
    open_database(home).dispose()
    for path in home.state.glob("prp-guide.db-*"):
        path.unlink()


def clinic(line: str) -> Callable[[Home], None]:
    return lambda home: home.clinic_file.write_text(f"{home.clinic_file.read_text()}{line}\n")  # type: ignore[return-value]


HOOK = "deliveries: {webhooks: [{name: practice, url: 'https://a.example/', secret: {env: NOT_THERE}}]}"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda home: home.clinic_file.unlink(), "prp-guide init"),
        (clinic("phonee: 1"), "is not a known key"),
        (overdue, "1 answers are past their review date: cost"),
        (lambda home: (home.data / "facts.yml").write_text("facts: 1\n"), "facts.yml"),
        (lambda home: home.state.chmod(0o755), "can be read by others. chmod go-rwx"),
        (lambda home: next(home.keys.glob("*.key")).chmod(0o644), "can be read by others"),
        (damage, "database"),
        (clinic(HOOK), "the environment variable NOT_THERE is missing"),
        (clinic("deliveries: {inbox_url: 'http://chat.clinic.example'}"), "has no TLS"),
        (clinic("deliveries: {inbox_url: 'https://127.0.0.1:1'}"), "cannot be reached with TLS"),
    ],
)
def test_what_is_to_be_put_right(home: Home, harm: Callable[[Home], None], said: str) -> None:
    assert found(home, "fault") == ""
    harm(home)
    assert said in found(home, "fault")


def test_a_backup_counts_while_it_is_young_and_there(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["backup", str(tmp_path / "saved")]) == 0
    assert "Backup: 0 days old" in found(home, "well")
    (tmp_path / "saved").rename(tmp_path / "elsewhere")
    assert "old or gone" in found(home, "look")
    (tmp_path / "elsewhere").rename(tmp_path / "saved")
    monkeypatch.setenv("PRP_TODAY", str(clock.now().date() + timedelta(days=9)))
    assert "old or gone: 9 days" in found(home, "look")


def test_content_that_both_have_changed_is_named(home: Home) -> None:
    laid = home.state / "content-new" / "topics" / "cost.yml"
    laid.parent.mkdir(parents=True)
    laid.touch()
    assert "data/topics/cost.yml was changed by you and by a new version" in found(home, "look")


def test_it_changes_nothing(home: Home) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.state.rglob("*") if path.is_file()}
    list(examine(home))
    after = {path: path.stat().st_mtime_ns for path in home.state.rglob("*") if path.is_file()}
    assert {
        path for path in before if before[path] != after[path] and not path.name.endswith(("-shm", "-wal"))
    } == set()
