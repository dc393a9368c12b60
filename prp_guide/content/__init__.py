"""What the clinic has published and what may be said of it: facts, topics, texts, approvals.

    library = Library.load(home)
    library.topics["washing"].reply["en"]

Knows nothing of Rasa or HTTP. `checks.check_content(home)` proves every rule of the content.
"""

from prp_guide.content.library import Library
from prp_guide.content.models import Approval, Card, Fact, Section, Starter, Text, Topic
from prp_guide.content.placeholders import fill

__all__ = ["Approval", "Card", "Fact", "Library", "Section", "Starter", "Text", "Topic", "fill"]
