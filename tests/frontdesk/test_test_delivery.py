"""`prp-guide desk test-delivery`: a test to each receiver, and a sentence on each."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.cli import main
from tests.support.receiver import running_receiver

CLINIC = """
name: The Clinic
phone: "+1 310 975 9785"
time_zone: America/Los_Angeles
"""
RECEIVERS = """
deliveries:
  inbox_url: https://chat.clinic.example
  internal_hosts: [127.0.0.1]
  webhooks:
    - {{name: good, url: "{good}", secret: {{env: HOOK_SECRET}}}}
    - {{name: bad, url: "{bad}", secret: {{env: HOOK_SECRET}}}}
"""


@pytest.fixture
def clinic_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("PRP_ROOT", tmp_path), ("PRP_HOME", tmp_path / "var"), ("HOOK_SECRET", "secret")):
        monkeypatch.setenv(name, str(value))
    path = tmp_path / "clinic.yml"
    path.write_text(CLINIC)
    return path


def test_each_receiver_is_tried(clinic_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_receiver() as good, running_receiver(lambda _: 401) as bad:
        clinic_file.write_text(CLINIC + RECEIVERS.format(good=good.url, bad=bad.url))
        assert main(["desk", "test-delivery"]) == 2
        said = capsys.readouterr()
        assert said.out == "good: delivered.\n"
        assert said.err == "bad: not delivered. 127.0.0.1 answered 401.\n"
        assert main(["desk", "test-delivery", "good"]) == 0
        test, again = (got.json for got in good.got)
    assert (test["event"], test["request"], test["text"]) == ("test", None, "Test of a delivery, nothing to do.")
    assert test["id"] != again["id"]
    assert not (clinic_file.parent / "var").exists(), "nothing is stored"


def test_nobody_to_send_to(clinic_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk", "test-delivery"]) == 2
    assert "names no receivers" in capsys.readouterr().err
    clinic_file.write_text(CLINIC + RECEIVERS.format(good="https://a.example", bad="https://b.example"))
    assert main(["desk", "test-delivery", "ugly"]) == 2
    assert "no receiver 'ugly'. It names: good, bad" in capsys.readouterr().err
