"""Proof that Rasa runs with our parts: it replaces one that it cannot load by its own, without a word."""

from __future__ import annotations

from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore

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
