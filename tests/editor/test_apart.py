"""The rules in a process of their own, which ends when nobody asks."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.editor import Draft, Editor
from prp_guide.editor.apart import Checker
from prp_guide.editor.checking import report
from prp_guide.errors import EditError
from prp_guide.home import Home
from prp_guide.tied import tied
from tests.support.waiting import wait_for


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_says_what_the_rules_say_in_this_process(editor: Editor, home: Home) -> None:
    checker = Checker(home, tied, idle=0.5)
    library, draft = Library.load(home), editor.open("washing").draft
    wrong = replace(draft, reply={**draft.reply, "en": "It is safe after 24 hours."})
    for one in (draft, wrong, Draft()):
        assert checker.report("washing", one) == report(library, "washing", one)
    assert checker.findings(library, "washing", wrong)
    pid = checker.pid
    assert pid is not None
    wait_for(lambda: not runs(pid), "the child to end when nobody asks")
    assert checker.report("washing", draft).findings == ()


def test_a_fault_on_disk_is_told(home: Home) -> None:
    Path(home.data / "facts.yml").write_text("facts: [", "utf-8")
    checker = Checker(home, tied, idle=0.5)
    with pytest.raises(EditError, match=r"facts\.yml"):
        checker.report("washing", Draft())
