"""What the product says, as envelopes of the chat API.

    Replies(library, clinic, clinic.page_url).topic("washing", lang="es").as_dict()

Knows nothing of Rasa or HTTP.
"""

from prp_guide.replies.clinic_words import clinic_words
from prp_guide.replies.envelope import PRIVATE, Action, Choice, Envelope, Source
from prp_guide.replies.plan import say_plan
from prp_guide.replies.replies import Replies

__all__ = ["PRIVATE", "Action", "Choice", "Envelope", "Replies", "Source", "clinic_words", "say_plan"]
