"""Our way of running Rasa's graph and rules decides as Rasa's own does, with the trained model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import ActionExecuted, UserUttered

from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.model import current
from prp_guide.rasa_parts.direct_runner import DirectRunner, quickened
from tests.support.assistant import Assistant

CONVERSATION = (
    "hi",
    "when can i wash my hair? and how much is it",
    "and sport",
    "call me please",
    "Jo Park",
    "does it hurt?",
    "310 555 0147",
    "i cant breathe",
    "no thanks",
    "who won the game yesterday",
    *("how many sessions do i need", "thanks", "is it safe") * 4,
)


@pytest.fixture(scope="module")
def agent(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """The trained model, conversations in memory, nobody to run the form's actions."""
    model = current(Home(root=PROJECT_ROOT, state=assistant.home))
    assert model is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRP_HOME", str(tmp_path_factory.mktemp("home")))
        return Agent.load(str(model))


async def decisions(agent: Agent, sender: str) -> list[tuple[str | None, Any]]:
    """What was understood and done in the whole conversation."""
    for text in CONVERSATION:
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), sender))
    tracker = await agent.tracker_store.retrieve(sender)
    assert tracker is not None
    decided: list[tuple[str | None, Any]] = []
    for event in tracker.events:
        if isinstance(event, UserUttered):
            decided.append((event.intent_name, [entity["value"] for entity in event.entities]))
        elif isinstance(event, ActionExecuted):
            decided.append((event.action_name, event.confidence))
    return decided


@pytest.mark.filterwarnings("ignore")
def test_a_conversation_goes_the_same_way(agent: Agent) -> None:
    assert agent.processor is not None
    assert isinstance(agent.processor.graph_runner, DaskGraphRunner)
    as_rasa_does = asyncio.run(decisions(agent, "one"))
    runner = quickened(agent)
    assert agent.processor.graph_runner is runner
    assert quickened(agent) is runner, "put in place once"
    assert asyncio.run(decisions(agent, "two")) == as_rasa_does
    assert asyncio.run(decisions(agent, "three")) == as_rasa_does, "from memory"
    assert len(as_rasa_does) > 2 * len(CONVERSATION)


def test_an_unheard_of_state_is_asked_of_the_policy(agent: Agent) -> None:
    rules = quickened(agent).component(RulePolicy)
    assert rules is not None
    states = [{}, {"user": {"intent": "of no rule"}, "prev_action": {"action_name": "action_listen"}}]
    lookup = rules.lookup[RULES]
    assert rules._get_possible_keys(lookup, states) == RulePolicy._get_possible_keys(rules, lookup, states)


def test_only_what_a_target_needs_is_run(agent: Agent) -> None:
    runner = quickened(agent)
    assert isinstance(runner, DirectRunner)
    assert runner.component(Path) is None
