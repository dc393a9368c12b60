"""Rasa's RulePolicy with a memory of which rules apply, and no look at more of a conversation than rules can.

The policy holds every rule against every earlier turn, up to four times a message. Rules see a few states only, and of
those only what some rule names: conversations that agree in that have the same rules, whoever leads them.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker

State = dict[str, Any]

_KEPT = 5_000  # answers; each is a set of references


class RuleMemory:
    """Stands before two methods of one loaded `policy`."""

    def __init__(self, policy: RulePolicy) -> None:
        self._policy = policy
        self._ask_policy = policy._get_possible_keys
        lookups = [policy.lookup.get(name) or {} for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)]
        rules = [json.loads(key) for lookup in lookups for key in lookup]
        self._longest = max((len(states) for states in rules), default=1)
        every = [state for states in rules for state in states]
        # The parts of a state that some rule looks at; whether there was an action before counts in any case.
        self._seen = sorted({(part, key) for state in every for part in state for key in state[part]})
        self._answers: OrderedDict[Any, frozenset[str]] = OrderedDict()

    def attach(self) -> None:
        """From now on the policy asks here."""
        self._policy._get_possible_keys = self.possible_keys
        self._policy._prediction_states = self.states

    def possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        """The keys of `lookup` that apply to `states`."""
        recent = states[-self._longest :]
        question = (id(lookup), tuple(self._as_rules_see(state) for state in recent))
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = frozenset(self._ask_policy(lookup, recent))
            if len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return set(answer)

    def states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The last states of `tracker`, as many as the longest rule has."""
        events = tracker.applied_events()
        to_skip = 1 + sum(isinstance(event, ActionExecuted) for event in events) - self._longest
        states: list[State] = []
        prior = tracker.init_copy()
        for event in events:
            if isinstance(event, ActionExecuted):
                to_skip -= 1
                if to_skip < 0:
                    states.append(domain.get_active_state(prior))
            prior.update(event)
        states.append(domain.get_active_state(prior))
        self._policy.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _as_rules_see(self, state: State) -> tuple[Any, ...]:
        seen: list[Any] = [bool(state.get(PREVIOUS_ACTION))]
        for part, key in self._seen:
            value = (state.get(part) or {}).get(key)
            seen.append(tuple(value) if isinstance(value, list) else value)
        return tuple(seen)
