"""Composes every message of the assistant from the content and the clinic."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prp_guide import clock
from prp_guide.clinic import Clinic
from prp_guide.content import Library, Text, Topic, fill
from prp_guide.content.placeholders import placeholders
from prp_guide.replies.clinic_words import clinic_words
from prp_guide.replies.envelope import Action, Choice, Envelope, Kind, Source

log = logging.getLogger(__name__)

MOST_CHOICES = 3
GENERAL_CALL = "request_callback"

# Topic and kind of the red-flag cards, by tier.
CARDS: dict[str, tuple[Kind, str]] = {
    "emergency": ("urgent", "emergency"),
    "self_harm": ("crisis", "self_harm"),
    "poison": ("urgent", "poison"),
    "same_day": ("clinical", "post_treatment_concern"),
}
HANDOFF_TOPICS = {"human": "human", "phone": "phone"}
BOOKING = "book_appointment"
CALLBACK_TOPICS = (GENERAL_CALL, BOOKING, "change_appointment")


class Replies:
    """What the assistant says. Each method gives a new envelope, in English where `lang` has no text.

    `page_url` is where the clinic's page is published; sources point to its sections.
    """

    def __init__(self, library: Library, clinic: Clinic, page_url: str | None = None) -> None:
        self._library, self._clinic = library, clinic
        self._page_url = (page_url or clinic.page_url).partition("#")[0]
        self._words = {lang: clinic_words(clinic, lang) for lang in ("en", "es")}

    def greeting(self, lang: str = "en") -> Envelope:
        """The first message of a conversation, with the starters."""
        return self._envelope("chat", "greet", "greeting", lang, choices=self._starters(lang))

    def topic(self, topic_id: str, lang: str = "en", *, again: bool = False) -> Envelope:
        """The reply to a topic. One whose file was removed is handed to the front desk.

        `again` says that it was given just before: then it owns to being all there is.
        """
        reply = self._topic(topic_id, lang)
        if not again or reply.topic != topic_id:
            return reply
        return replace(reply, text=f"{self.text('lead_again', reply.lang)} {reply.text}")

    def _topic(self, topic_id: str, lang: str) -> Envelope:
        topic = self._now.topics.get(topic_id)
        if topic is None:
            log.warning("there is no topic %r (any more); the front desk is offered", topic_id)
            return self.handoff("missed", lang)
        if self._withheld(topic, lang):
            return self._staff(topic, self._now.replies["withheld"], lang)
        if topic.kind == "staff":
            return self._staff(topic, self._reply_of(topic, lang), lang)
        text = self._reply_of(topic, lang)
        spoken = text.lang(lang)
        return Envelope(
            kind="answer",
            topic=topic.id,
            text=self._fill(text, spoken),
            lang=spoken,
            source=self._source(topic, spoken),
            choices=[self._topic_choice(other, spoken) for other in topic.next[:MOST_CHOICES]],
            actions=self._call_if_named(text, spoken),
        )

    def small_talk(self, name: str, lang: str = "en") -> Envelope:
        """A chat topic: greet, goodbye, thanks, affirm, deny, bot_challenge, capabilities..."""
        choices: list[Choice] = []
        if name in ("greet", "affirm", "capabilities"):
            choices = self._starters(lang)[:MOST_CHOICES]
        elif name in ("bot_challenge", "insult_or_frustration"):
            choices = [self._callback_choice(lang)]
        return self._envelope("chat", name, f"small_talk_{name}", lang, choices=choices)

    def handoff(self, name: str, lang: str = "en") -> Envelope:
        """To a person: human, phone, missed (not understood twice), callback_status, long (the conversation)."""
        topic = HANDOFF_TOPICS.get(name, "human")
        return self._envelope("handoff", topic, f"handoff_{name}", lang, choices=[self._callback_choice(lang)])

    def card(self, tier: str, lang: str = "en", *, open_now: bool | None = None, resume: bool = False) -> Envelope:
        """The card of a red flag: emergency, self_harm, poison, same_day.

        `open_now` false makes a same-day card say where to turn when the clinic is closed.
        `resume` offers to go on with a callback request that the card interrupted.
        """
        kind, topic = CARDS[tier]
        name, actions = tier, self._card_actions(tier, lang)
        if tier == "same_day" and open_now is False:
            name = "same_day_after_hours" if self._clinic.after_hours_phone else "same_day_closed"
            if self._clinic.after_hours_phone:
                label = self._label("label_call_after_hours", lang)
                actions = [Action(label=label, href=f"tel:{self._clinic.after_hours_phone}")]
        choices: list[Choice] = []
        if tier in ("self_harm", "same_day"):
            label = self._label("label_callback_urgent", lang)
            choices.append(Choice(id=f"callback:{topic}", label=label, topic=GENERAL_CALL))
        if resume:
            label = self._label("label_callback_resume", lang)
            choices.append(Choice(id="callback:resume", label=label, topic=GENERAL_CALL))
        text = self._now.cards[name]
        spoken = text.lang(lang)
        return Envelope(
            kind=kind,
            topic=topic,
            text=self._fill(text, spoken),
            lang=spoken,
            pinned=True,
            choices=choices,
            actions=actions,
        )

    def card_question(self, lang: str = "en") -> Envelope:
        """One yes/no question after the same-day card of a report that may be an emergency."""
        choices = [
            Choice(id=f"topic:{topic}", label=self._label(f"label_card_{answer}", lang), topic=topic)
            for answer, topic in (("yes", "emergency"), ("no", "post_treatment_concern"))
        ]
        return self._envelope("clarify", None, "card_question", lang, choices=choices)

    def out_of_scope(self, lang: str = "en") -> Envelope:
        """Not ours to answer: says so, names the phone, offers what it can answer."""
        choices = self._starters(lang)[:MOST_CHOICES]
        return self._envelope("out_of_scope", "out_of_scope", "out_of_scope", lang, choices=choices)

    def out_of_scope_part(self, lang: str = "en") -> Envelope:
        """What is not ours beside something that is: a clause, without buttons of its own."""
        return self._envelope("out_of_scope", "out_of_scope", "out_of_scope_part", lang)

    def other_language(self, lang: str = "en") -> Envelope:
        """To a message in a language that is not spoken here: which ones are, and the phone."""
        return self._envelope(
            "out_of_scope", "out_of_scope", "other_language", lang, choices=[self._callback_choice(lang)]
        )

    def clarify(self, topic_ids: Sequence[str], lang: str = "en") -> Envelope:
        """Asks back, with a button for each known topic (three at most) and a way out."""
        known = [topic_id for topic_id in dict.fromkeys(topic_ids) if self.topic_label(topic_id, lang) is not None]
        if not known:
            return self.handoff("missed", lang)
        choices = [self._topic_choice(topic_id, lang) for topic_id in known[:MOST_CHOICES]]
        choices.append(Choice(id="topic:human", label=self._label("label_front_desk", lang), topic="human"))
        return self._envelope("clarify", None, "clarify", lang, choices=choices)

    def with_buttons(self, said: list[Envelope], topic_ids: Sequence[str], lang: str = "en") -> list[Envelope]:
        """`said` with buttons for what was asked as well, first under its last envelope."""
        asked = [self._topic_choice(topic_id, lang) for topic_id in topic_ids if self.topic_label(topic_id, lang)]
        said[-1].choices = [*asked, *said[-1].choices][:MOST_CHOICES]
        return said

    def callback_step(
        self,
        step: str,
        lang: str = "en",
        *,
        error: str | None = None,
        read_back: Mapping[str, str] | None = None,
        topic: str = GENERAL_CALL,
    ) -> Envelope:
        """A step of the callback form: name, phone, time, confirm, cancelled.

        `error` "entry" says what to enter, "expired" that the details are gone; else it is the sentence.
        `read_back` holds what the patient gave, to check; without it the confirm step is as it may be stored.
        `topic` is one of the callback topics: the name step says what the call can do for it.
        """
        topic = topic if topic in CALLBACK_TOPICS else GENERAL_CALL
        name = f"callback_{step}"
        if step == "name" and topic != GENERAL_CALL:
            name = f"callback_name_{topic}"
        if read_back and "voicemail" in read_back:
            name = "callback_confirm_voicemail"
        texts = self._now.replies
        spoken = texts[name].lang(lang)
        more: dict[str, str] = {}
        choices: list[Choice] = []
        if step == "confirm":
            given = list(dict.fromkeys(read_back.values())) if read_back else [texts["callback_kept_details"][spoken]]
            more = {"details": ", ".join(given), "consent": texts["callback_consent"][spoken]}
            for answer in ("yes", "no_voicemail", "no"):
                label = self._label(f"label_{answer}", spoken)
                choices.append(Choice(id=f"confirm:{answer}", label=label, topic=GENERAL_CALL))
        actions = self._call_if_named(texts[name], spoken)
        if step == "name" and topic == BOOKING and self._clinic.booking_url:
            actions.append(Action(label=self._label("label_book", spoken), href=self._clinic.booking_url))
        if error in ("entry", "expired"):
            error = texts[f"callback_error_{step if error == 'entry' else error}"][spoken]
        return Envelope(
            kind="callback",
            topic=topic,
            text=self._fill(texts[name], spoken, more),
            lang=spoken,
            step=step,
            choices=choices,
            actions=actions,
            error=error,
        )

    def callback_many(self, lang: str = "en") -> Envelope:
        """So many requests for the number are open that this one was not taken."""
        text = self._now.replies["callback_many"]
        spoken = text.lang(lang)
        actions = self._call_if_named(text, spoken)
        shown = self._fill(text, spoken)
        return Envelope(kind="callback", topic=GENERAL_CALL, text=shown, lang=spoken, step="cancelled", actions=actions)

    def callback_done(self, text: str, topic: str | None = None, lang: str = "en") -> Envelope:
        """The request is stored: `text` is the receipt. `topic` is what the call is about."""
        shown = topic if topic in CALLBACK_TOPICS else GENERAL_CALL
        return Envelope(kind="callback", topic=shown, text=text, lang=lang, step="done", actions=[self._call(lang)])

    def unavailable(self, lang: str = "en") -> Envelope:
        """The assistant is away: phone and the plain callback form."""
        envelope = self._envelope("error", "unavailable", "unavailable", lang)
        envelope.form = "callback"
        return envelope

    def failed(self, sentence: str | None = None, lang: str = "en") -> Envelope:
        """Something did not work: `sentence` says what, and what to do."""
        envelope = self._envelope("error", "failed", "failed", lang)
        if sentence is not None:
            envelope.text = sentence
            envelope.actions = [self._call(lang)]
        return envelope

    def topic_label(self, topic_id: str, lang: str = "en") -> str | None:
        """The question of a topic as a patient would tap it; None for what has none."""
        topic = self._now.topics.get(topic_id)
        if topic is not None:
            return topic.label[lang]
        label = self._now.replies.get(f"label_topic_{topic_id}")
        return None if label is None else label[lang]

    def text(self, text_id: str, lang: str = "en") -> str:
        """A text of data/replies.yml with the clinic's words in it, such as lead_again or callback_consent."""
        text = self._now.replies[text_id]
        return self._fill(text, text.lang(lang))

    @property
    def _now(self) -> Library:
        return self._library.fresh()

    def _envelope(
        self, kind: Kind, topic: str | None, text_id: str, lang: str, *, choices: Sequence[Choice] = ()
    ) -> Envelope:
        text = self._now.replies[text_id]
        spoken = text.lang(lang)
        return Envelope(
            kind=kind,
            topic=topic,
            text=self._fill(text, spoken),
            lang=spoken,
            choices=list(choices),
            actions=self._call_if_named(text, spoken),
        )

    def _staff(self, topic: Topic, text: Text, lang: str) -> Envelope:
        spoken = text.lang(lang)
        related = [self._topic_choice(other, spoken) for other in topic.next[: MOST_CHOICES - 1]]
        return Envelope(
            kind="staff",
            topic=topic.id,
            text=self._fill(text, spoken),
            lang=spoken,
            choices=[self._callback_choice(spoken, topic), *related],
            actions=[self._call(spoken)],
        )

    def _reply_of(self, topic: Topic, lang: str) -> Text:
        for text in topic.known:
            if set(placeholders(text[lang])) <= set(self._words[text.lang(lang)]):
                return text
        return topic.reply

    def _withheld(self, topic: Topic, lang: str) -> bool:
        spoken = topic.reply.lang(lang)
        if self._now.withheld(topic, spoken):
            return True
        today = clock.now().astimezone(self._clinic.zone).date()
        return topic.kind == "answer" and self._clinic.overdue == "withhold" and topic.overdue(today, spoken)

    def _source(self, topic: Topic, lang: str) -> Source | None:
        section = self._now.section_of(topic)
        if section is None:
            return None
        approval = topic.approved(lang)
        reviewed = approval.date.isoformat() if approval else None
        return Source(section=section.title, url=f"{self._page_url}#{section.id}", reviewed=reviewed)

    def _topic_choice(self, topic_id: str, lang: str) -> Choice:
        return Choice(id=f"topic:{topic_id}", label=self.topic_label(topic_id, lang) or topic_id, topic=topic_id)

    def _callback_choice(self, lang: str, topic: Topic | None = None) -> Choice:
        if topic is None:
            return Choice(id=f"callback:{GENERAL_CALL}", label=self._label("label_callback", lang), topic=GENERAL_CALL)
        label = self._label("label_callback", lang)
        if topic.about is not None:
            label = self._label("label_callback_about", lang, {"about": topic.about[lang]})
        return Choice(id=f"callback:{topic.id}", label=label, topic=GENERAL_CALL)

    def _starters(self, lang: str) -> list[Choice]:
        return [
            Choice(id=f"topic:{starter.topic}", label=starter.label[lang], topic=starter.topic)
            for starter in self._now.starters
        ]

    def _card_actions(self, tier: str, lang: str) -> list[Action]:
        buttons = {
            "emergency": [("label_call_911", "tel:911")],
            "self_harm": [("label_call_988", "tel:988"), ("label_text_988", "sms:988")],
            "poison": [("label_call_poison", "tel:+18002221222")],
            "same_day": [("label_call", self._clinic.phone_href)],
        }
        return [Action(label=self._label(label, lang), href=href) for label, href in buttons[tier]]

    def _call(self, lang: str) -> Action:
        return Action(label=self._label("label_call", lang), href=self._clinic.phone_href)

    def _call_if_named(self, text: Text, lang: str) -> list[Action]:
        return [self._call(lang)] if "phone" in placeholders(text[lang]) else []

    def _label(self, text_id: str, lang: str, more: Mapping[str, str] | None = None) -> str:
        text = self._now.replies[text_id]
        return self._fill(text, text.lang(lang), more)

    def _fill(self, text: Text, lang: str, more: Mapping[str, str] | None = None) -> str:
        return fill(text[lang], {**self._words[lang], **(more or {})})
