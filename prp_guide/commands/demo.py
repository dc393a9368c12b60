"""`prp-guide demo`: samples to try the inbox and the report with. `prp-guide start` never adds any."""

from __future__ import annotations

from datetime import time

from prp_guide.home import Home

OFFICE_HOURS = {
    day: ((time(9), time(17)),) if day not in ("sat", "sun") else ()
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}


def demo(home: Home, *, only_add: bool = False) -> int:
    """Add the samples that are not there yet, say so, and start the assistant on them. Raises DataError, SetupError."""
    from prp_guide.chat.samples import RARE, add_sample_questions
    from prp_guide.clinic import load_clinic
    from prp_guide.commands.start import start
    from prp_guide.content import Library
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk import OpeningHours
    from prp_guide.frontdesk.samples import add_samples, load_samples
    from prp_guide.language.phrases import TOPIC_PREFIX, read_phrases
    from prp_guide.replies import Replies
    from prp_guide.supervisor import shown

    migrate(home.database_url)
    engine = open_database(home, durable=True)
    clinic, library = load_clinic(home.clinic_file), Library.load(home)
    # A clinic that has given no hours yet is shown what due times would look like.
    hours = OpeningHours(clinic if clinic.hours else clinic.copy(update={"hours": OFFICE_HOURS}))
    requests = add_samples(engine, hours, load_samples(home.data / "samples.yml"))
    questions: dict[str, list[str]] = {}
    for phrase in read_phrases(home):
        topic = phrase.intent.removeprefix(TOPIC_PREFIX)
        if (topic in library.topics or topic in RARE) and "/es/" not in phrase.path.as_posix():
            questions.setdefault(topic, []).append(phrase.text)
    turns = add_sample_questions(engine, Replies(library, clinic, clinic.page_url), questions)
    if requests or turns:
        shown(f"Added {requests} sample requests and {turns} sample questions to {home.state}.")
    shown("They are marked Sample. To remove them: make demo-remove (or prp-guide demo --remove)")
    return 0 if only_add else start(home)


def remove(home: Home) -> int:
    """Remove the samples, and nothing else."""
    from prp_guide.chat.samples import remove_sample_questions
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.samples import remove_samples
    from prp_guide.supervisor import shown

    migrate(home.database_url)
    engine = open_database(home, durable=True)
    requests, conversations = remove_samples(engine), remove_sample_questions(engine)
    shown(f"Removed {requests} sample requests and {conversations} sample conversations from {home.state}.")
    return 0
