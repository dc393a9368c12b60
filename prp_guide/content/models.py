"""The content's files as typed models: data/facts.yml, data/topics/*.yml, data/replies.yml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, validator

from prp_guide.yaml_file import Strict

LANGUAGES = ("en", "es")
Lang = Literal["en", "es"]
Status = Literal["pending", "approved", "review_soon", "overdue"]

# The owner is told this long before an approval runs out.
REVIEW_NOTICE = dt.timedelta(days=30)

NO_APPROVAL: Literal["none"] = "none"
APPROVAL_HINT = (
    "Write  approval: none  until the clinic has approved it, then "
    "approval: {by: the person's name, date: 2026-11-23, review_by: 2027-11-23}"
)


def _not_empty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise ValueError("the list is empty; write at least one")
    return value


class Text(Strict):
    """One text in English and, if there is one, in Spanish. `text["es"]` gives the English where none is."""

    en: str = Field(min_length=1)
    es: str | None = Field(default=None, min_length=1)

    def __getitem__(self, lang: str) -> str:
        return self.es if lang == "es" and self.es else self.en

    def lang(self, wanted: str) -> Lang:
        """The language in which a wish for `wanted` is met."""
        return "es" if wanted == "es" and self.es else "en"

    def languages(self) -> tuple[Lang, ...]:
        return ("en", "es") if self.es else ("en",)


class Approval(Strict):
    """Who at the clinic approved a text, when, and until when it holds."""

    by: str = Field(min_length=1, max_length=80)
    date: dt.date
    review_by: dt.date

    @validator("review_by")
    def _after_the_date(cls, value: dt.date, values: dict[str, Any]) -> dt.date:  # noqa: N805
        if "date" in values and value <= values["date"]:
            raise ValueError("must be a day after 'date'")
        return value


MaybeApproval = Approval | Literal["none"]


class Approved(Strict):
    """What a clinic approves: each language by itself, as who signs the English need not read Spanish."""

    approval: MaybeApproval = NO_APPROVAL
    approval_es: MaybeApproval = NO_APPROVAL

    @validator("approval", "approval_es", pre=True)
    def _approval(cls, value: Any) -> Any:  # noqa: N805
        if value == NO_APPROVAL or isinstance(value, dict | Approval):
            return value
        raise ValueError(f"{value!r} is no approval. {APPROVAL_HINT}")

    def approved(self, lang: str = "en") -> Approval | None:
        """The approval of the text in `lang`, or None."""
        approval = self.approval_es if lang == "es" else self.approval
        return approval if isinstance(approval, Approval) else None

    def overdue(self, today: dt.date, lang: str = "en") -> bool:
        """True when a clinic approved the text and its review-by date has passed."""
        approval = self.approved(lang)
        return approval is not None and today > approval.review_by

    def status(self, today: dt.date, lang: str = "en") -> Status:
        """Where the approval stands on `today`."""
        approval = self.approved(lang)
        if approval is None:
            return "pending"
        if today > approval.review_by:
            return "overdue"
        return "review_soon" if today > approval.review_by - REVIEW_NOTICE else "approved"


class Section(Strict):
    """A section of the clinic's page; the id is its anchor."""

    id: str = Field(regex=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)


class Hedges(Strict):
    """The page's own caution, as words in each language."""

    en: tuple[str, ...]
    es: tuple[str, ...]

    _some = validator("en", "es", allow_reuse=True)(_not_empty)


class Fact(Strict):
    """One thing that the page says: the claim in our words, the numbers in it, where the page says it."""

    id: str = Field(regex=r"^[a-z0-9_]+$")
    section: str
    claim: str = Field(min_length=1)
    values: tuple[str, ...] = ()
    evidence: tuple[str, ...]
    hedges: Hedges | None = None

    _some = validator("evidence", allow_reuse=True)(_not_empty)


class FactsFile(Strict):
    """data/facts.yml"""

    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]

    _some = validator("sections", "facts", allow_reuse=True)(_not_empty)


class Topic(Approved):
    """data/topics/<id>.yml: one thing that patients ask.

    `label` is the question as a patient would tap it, `about` what a call would be about ("the price").
    `known` are replies for a clinic that says more in clinic.yml: the first whose placeholders are all known.
    `facts` stand behind the reply, the first one is its source; `next` are topics offered as buttons.
    """

    id: str = Field(regex=r"^[a-z0-9_]+$")
    kind: Literal["answer", "staff"]
    label: Text
    about: Text | None = None
    reply: Text
    known: tuple[Text, ...] = ()
    facts: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    @validator("label")
    def _short_label(cls, value: Text) -> Text:  # noqa: N805
        for lang in value.languages():
            if len(value[lang]) > 40:
                raise ValueError(f"the {lang} label has {len(value[lang])} characters; a button holds 40")
        return value

    @validator("about")
    def _short_about(cls, value: Text | None) -> Text | None:  # noqa: N805
        for lang in value.languages() if value else ():
            if value is not None and len(value[lang]) > 24:
                raise ValueError(f"the {lang} text has {len(value[lang])} characters; the button holds 24")
        return value

    def gaps(self) -> Iterator[tuple[str, str, str]]:
        """What the kind of topic asks for and lacks: key, problem, hint."""
        if self.kind == "answer":
            if not self.facts:
                yield "facts", "an answer without a fact", "Cite at least one fact of data/facts.yml."
            if not 1 <= len(self.next) <= 3:
                yield "next", f"an answer with {len(self.next)} next steps", "Name 1 to 3 topics."
        else:
            if self.about is None:
                hint = "Say what a call would be about, such as  about: {en: the price}"
                yield "about", "a staff topic without 'about'", hint
            if len(self.next) > 2:
                hint = "Name 2 at most: the button for a call is the third."
                yield "next", f"a staff reply with {len(self.next)} next topics", hint


class Card(Text, Approved):
    """A red-flag card: a text that a clinician signs."""


class Starter(Strict):
    """One button of the first view: a topic under a label of its own."""

    topic: str
    label: Text


class RepliesFile(Approved):
    """data/replies.yml; its approval covers all texts but the cards, which carry their own."""

    starters: tuple[Starter, ...]
    cards: dict[str, Card]
    texts: dict[str, Text]

    @validator("starters")
    def _four_starters(cls, value: tuple[Starter, ...]) -> tuple[Starter, ...]:  # noqa: N805
        if not 1 <= len(value) <= 4:
            raise ValueError("the first view holds 1 to 4 starters")
        return value
