"""Holds what an action server answers against Rasa's schema, by a validator that is made once.

Rasa makes one for each answer, and each time holds the schema itself against the schema of schemas: 20 ms of work.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction

_in_rasas_way = RemoteAction._validate_action_result


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(RemoteAction.action_response_format_spec())


def _checked(action: RemoteAction, answer: dict[str, Any]) -> bool:
    """True for an answer of the right shape. Raises, as Rasa does, jsonschema's ValidationError for another."""
    return bool(_validator().is_valid(answer) or _in_rasas_way(action, answer))


def check_quickly() -> None:
    """From now on Rasa checks answers this way in this process."""
    RemoteAction._validate_action_result = _checked
