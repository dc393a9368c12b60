"""Proof that Rasa runs with our parts: it replaces one that it cannot load by its own, without a word."""

from __future__ import annotations

import os

from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore

from prp_guide import replicas
from prp_guide.rasa_parts.action_answers import check_quickly
from prp_guide.rasa_parts.action_servers import ActionServers
from prp_guide.rasa_parts.names import REPLY
from prp_guide.rasa_parts.replies import TopicReplies
from prp_guide.rasa_parts.tracker_store import ConversationTrackerStore


def tracker_store_of(agent: Agent) -> ConversationTrackerStore | None:
    """Our tracker store inside Rasa's wrapper, None when another one is in use."""
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    return store if isinstance(store, ConversationTrackerStore) else None


def foreign_parts(agent: Agent) -> list[str]:
    """A sentence for each part in use that is not ours; empty when all are."""
    faults = []
    if tracker_store_of(agent) is None:
        faults.append(
            "The tracker store is not prp_guide's: personal data would be stored. See tracker_store in endpoints.yml."
        )
    if not isinstance(agent.nlg, TopicReplies):
        faults.append("Replies do not come from data/topics. See nlg in endpoints.yml.")
    domain = agent.domain
    if domain is None or not any(intent.startswith("ask_") for intent in domain.intents):
        faults.append("The model was trained without TopicImporter. See importers in config.yml, then: prp-guide train")
    elif REPLY not in domain.action_names_or_texts:
        faults.append(f"The model's domain has no {REPLY}. Train it again: prp-guide train")
    return faults


def use_action_servers(agent: Agent) -> None:
    """Have `agent` ask the action servers of PRP_ACTIONS_URL; without that, the one of endpoints.yml.

    Here and not in endpoints.yml, whose action endpoint is one address. Raises SetupError.
    """
    given = agent.action_endpoint
    if os.environ.get(replicas.ACTIONS) or given is None or not given.url:
        urls = replicas.addresses(replicas.ACTIONS)
    else:
        urls = (str(given.url).rstrip("/").removesuffix("/webhook"),)
    check_quickly()
    agent.action_endpoint = ActionServers(given, urls)
    if agent.processor is not None:
        agent.processor.action_endpoint = agent.action_endpoint
