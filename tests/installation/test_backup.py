"""A backup is proved by restoring it: while requests come in, when it was damaged, and where there is no room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from prp_guide import keys
from prp_guide.cli import main
from prp_guide.clinic import load_clinic
from prp_guide.database import open_database
from prp_guide.frontdesk import CallbackRequest, CallbackStore, DraftStore
from prp_guide.frontdesk.drafts import Draft
from prp_guide.home import Home
from prp_guide.privacy.access_log import AccessLog
from prp_guide.supervisor import only_one


def ask(home: Home, name: str) -> str:
    store = CallbackStore.of(open_database(home, durable=True), load_clinic(home.clinic_file))
    phone = f"310 555 {len(store.every()):04}"  # one number may not have many
    request = CallbackRequest.checked(name=name, phone=phone, best_time="noon", topic="cost")
    return store.create(request, f"key of {name}").reference


def references(home: Home) -> list[str]:
    store = CallbackStore.of(open_database(home), load_clinic(home.clinic_file))
    return sorted(request.reference for request in store.every())


def restored(folder: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PRP_HOME", str(target))
    assert main(["restore", str(folder)]) == 0
    return Home.from_env()


def test_all_of_it_comes_back(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ask(home, "Zoë")
    topic = home.data / "topics" / "cost.yml"
    topic.write_text(topic.read_text().replace("front desk", "reception"))
    AccessLog.of(home).write("Ana", "opened", [made])
    (home.logs).mkdir()
    (home.logs / "web.log").write_text("not worth keeping")
    assert main(["backup", str(tmp_path / "saved")]) == 0
    saved = tmp_path / "saved"
    assert saved.stat().st_mode & 0o777 == 0o700
    assert not (saved / "logs").exists()

    back = restored(saved, tmp_path / "second", monkeypatch)
    assert back.root == tmp_path / "second"
    assert references(back) == [made]
    assert (back.data / "topics" / "cost.yml").read_text() == topic.read_text()
    assert (back.keys / keys.ACCESS_LOG).read_bytes() == (home.keys / keys.ACCESS_LOG).read_bytes()
    assert AccessLog.of(back).verify() == AccessLog.of(home).verify() is not None
    assert main(["check"]) == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in back.keys.iterdir())


def test_what_was_promised_before_a_backup_is_in_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests go on coming in meanwhile; each that a patient was told of before it began is there."""
    told: list[str] = []
    ending = threading.Event()

    def patients() -> None:
        for number in range(500):
            if ending.is_set():
                return
            told.append(ask(home, f"Patient {number}"))

    thread = threading.Thread(target=patients)
    thread.start()
    try:
        for number in range(3):
            before = list(told)
            assert main(["backup", str(tmp_path / f"saved-{number}")]) == 0
            with monkeypatch.context() as patch:
                back = restored(tmp_path / f"saved-{number}", tmp_path / f"back-{number}", patch)
            assert set(before) <= set(references(back))
    finally:
        ending.set()
        thread.join(30)
    assert len(told) > 3


def test_a_checkout_is_saved_with_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "var"))
    assert main(["desk", "users"]) == 0
    assert not Home.from_env().owns_content
    assert main(["backup", str(tmp_path / "saved")]) == 0
    back = restored(tmp_path / "saved", tmp_path / "second", monkeypatch)
    assert back.owns_content
    assert main(["prepare"]) == 0
    assert "changed by you" not in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["changed", "gone", "no index", "climbs out"])
def test_a_damaged_backup_is_refused_whole(
    home: Home, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "saved"
    assert main(["backup", str(saved)]) == 0
    index = saved / "backup.json"
    match damage:
        case "changed":
            (saved / "clinic.yml").write_text("name: Another\n")
        case "gone":
            (saved / "keys" / keys.ACCESS_LOG).unlink()
        case "no index":
            index.unlink()
        case _:
            told = json.loads(index.read_text())
            told["files"]["../out.yml"] = "0"
            index.write_text(json.dumps(told))
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "second"))
    assert main(["restore", str(saved)]) == 2
    said = capsys.readouterr().err
    assert "nothing was restored" in said or "is no backup" in said
    assert not (tmp_path / "second").exists()


def test_nothing_is_overwritten(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "saved"
    assert main(["backup", str(saved)]) == 0
    assert main(["backup", str(saved)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["restore", str(saved)]) == 2
    assert "overwrites nothing" in capsys.readouterr().err
    assert main(["backup", str(home.state / "inside")]) == 2
    assert "lies in what is to be saved" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB. Only root may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_no_room_for_a_backup(home: Home, small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small_disk / "filler").write_bytes(b"0" * 10_000_000)
    assert main(["backup", str(small_disk / "saved")]) == 2
    said = capsys.readouterr().err
    assert "Make room" in said
    assert [path.name for path in small_disk.iterdir()] == ["filler"], "half a backup would be taken for one"
    assert references(home) == []


def test_a_full_disk_takes_no_request_and_loses_none(home: Home, small_disk: Path) -> None:
    """What is not on the disk is refused, what is stays, and with room it goes on."""
    there = Home(root=home.root, state=small_disk)
    subprocess.run(
        [sys.executable, "-m", "prp_guide", "desk", "users"],
        env={
            **os.environ,
            "PRP_HOME": str(small_disk),
            "PRP_ROOT": str(home.root),
        },
        check=True,
        capture_output=True,
    )
    kept = [ask(there, "Before")]
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 4096)
                file.flush()
        except OSError:
            pass
    refused = 0
    for number in range(200):
        try:
            kept.append(ask(there, f"Patient {number} " + "x" * 60))
        except sqlalchemy.exc.OperationalError:
            refused += 1
            if refused == 3:
                break
    assert refused == 3
    assert references(there) == sorted(kept)
    filler.unlink()
    kept.append(ask(there, "After"))
    assert references(there) == sorted(kept)


def test_keys_are_made_anew_but_for_the_logs(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (keys.SESSION, keys.LOOPBACK, keys.DESK):
        keys.read_key(home, name)
    drafts = DraftStore(open_database(home), keys.fernet(home, keys.DRAFT))
    drafts.put("a conversation", Draft(name="Zoë"))
    log = AccessLog.of(home)
    log.write("Ana", "opened", [])
    before = {path.name: path.read_bytes() for path in home.keys.glob("*.key")}
    with only_one(home.state):
        assert main(["rotate-keys"]) == 2
        assert "is running already" in capsys.readouterr().err
    assert main(["rotate-keys"]) == 0
    after = {path.name: path.read_bytes() for path in home.keys.glob("*.key")}
    assert {name for name in before if before[name] == after[name]} == {keys.ACCESS_LOG}
    again = DraftStore(open_database(home), keys.fernet(home, keys.DRAFT)).get("a conversation")
    assert again is not None
    assert again.name == "Zoë"
    assert AccessLog.of(home).verify() is not None


def test_a_backup_says_when_it_is_not_all(
    home: Home,
    tmp_path: Path,
    postgresql_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PRP_DATABASE_URL", postgresql_database)
    assert main(["backup", str(tmp_path / "saved")]) == 0
    assert "NOT in it" in capsys.readouterr().out
    assert not (tmp_path / "saved" / "prp-guide.db").exists()
    shutil.rmtree(tmp_path / "saved")
