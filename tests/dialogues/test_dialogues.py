"""Every scenario of this folder against the running assistant, a conversation each."""

from __future__ import annotations

import json

import pytest

from tests.support.assistant import Assistant
from tests.support.dialogue import OffScript, compare_stored, play
from tests.support.patient import Patient
from tests.support.scenario import Filed, load_scenarios


def _parameter(filed: Filed) -> object:
    """A pending scenario must go off script: when it does not any more, its `pending` line has to go."""
    pending = filed.scenario.pending
    marks = [pytest.mark.xfail(reason=pending, raises=OffScript, strict=True)] if pending else []
    return pytest.param(filed, id=filed.id, marks=marks)


@pytest.mark.parametrize("filed", [_parameter(filed) for filed in load_scenarios()])
def test_dialogue(filed: Filed, assistant: Assistant) -> None:
    with Patient(assistant.base_url) as patient:
        play(filed, patient)
    if filed.scenario.stored is not None:
        compare_stored(filed, json.loads(assistant.command("desk", "export", "--format", "json")))
