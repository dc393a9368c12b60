"""Chats with patients: sessions, turns, asking Rasa, replying without it. Knows no HTTP routes."""

from prp_guide.chat.conversation import Conversation
from prp_guide.chat.entry import Entry, EntryInvalid
from prp_guide.chat.rasa_client import RasaClient, RasaReply
from prp_guide.chat.rasa_replicas import RasaReplicas
from prp_guide.chat.sessions import Session, Sessions
from prp_guide.chat.turns import Turn, Turns

__all__ = [
    "Conversation",
    "Entry",
    "EntryInvalid",
    "RasaClient",
    "RasaReplicas",
    "RasaReply",
    "Session",
    "Sessions",
    "Turn",
    "Turns",
]
