"""What an action server answers is held against Rasa's schema as Rasa does, only faster."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from prp_guide.rasa_parts import action_answers

SLOT = {"event": "slot", "timestamp": None, "name": "given", "value": ["name"]}
RIGHT: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {"events": [SLOT], "responses": [{"text": "Hi"}]},
]
WRONG: list[dict[str, Any]] = [
    {"events": "none", "responses": []},
    {"events": [{"event": "slot"}], "responses": []},
    {"events": [], "responses": ["Hi"]},
]


@pytest.mark.parametrize("answer", RIGHT + WRONG)
def test_both_ways_say_the_same(answer: dict[str, Any]) -> None:
    action = RemoteAction("validate_callback_form", None)
    for way in (action_answers._in_rasas_way, action_answers._checked):
        if answer in RIGHT:
            assert way(action, answer)
        else:
            with pytest.raises(ValidationError, match="Failed to validate Action server response"):
                way(action, answer)
