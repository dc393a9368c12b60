"""What a patient reads when a request is stored."""

from __future__ import annotations

from prp_guide.clinic import Clinic
from prp_guide.frontdesk.callback import Callback
from prp_guide.frontdesk.spoken import by_when

SENTENCES = {
    "en": {
        "stored": "Your request is with the front desk.",
        "number": "They will call {phone}.",
        "due": "We aim to call {when}.",
        "reference": "Your reference is {reference}.",
    },
    "es": {
        "stored": "Su solicitud está en la recepción.",
        "number": "Le llamarán al {phone}.",
        "due": "Procuramos llamar {when}.",
        "reference": "Su referencia es {reference}.",
    },
}


def receipt(callback: Callback, clinic: Clinic, lang: str = "en", *, promised: bool = True) -> str:
    """The reference, the number that will be called, and by when, if the clinic gave its hours.

    The same callback gives the same text whenever it is asked for: its day counts from its creation. No time is
    named when none can be `promised` (see prp_guide.frontdesk.attendance).
    """
    words = SENTENCES.get(lang, SENTENCES["en"])
    parts = [words["stored"], words["number"].format(phone=callback.phone_text)]
    if promised and callback.due is not None:
        due, today = callback.due.astimezone(clinic.zone), callback.created.astimezone(clinic.zone)
        parts.append(words["due"].format(when=by_when(due, today, lang if lang in SENTENCES else "en")))
    parts.append(words["reference"].format(reference=callback.reference))
    return " ".join(parts)
