"""Dialogue scenarios: tests/dialogues/<what goes wrong>/<name>.yml as typed values.

    title: A question at the name step
    why: People think of the price just when they are asked for their name.
    turns:
      - patient: "can someone call me"
        expect: [asks: name]                   # the messages of the reply, all of them, in this order
      - patient: "wait how much is it"
        expect: [staff:cost, asks: name]
        or: [[staff:insurance, asks: name]]    # whole replies that a fair reader would accept too
        says: "(310) 975-9785"                 # words of the reply, one text or several; capitals do not matter
        never: "free"
        lang: en                               # of every message of the reply
      - taps: "Ask for a call"                 # a button: its label, its id, or #2 for the second of the last reply
        expect: [asks: name]
    stored: []                                 # what the front desk has afterwards; left out, nobody looks
    pending: "issue 5: follow-ups"             # must fail today; when it passes, this line has to go

A message is written as `kind:topic` (answer:washing, staff:cost, chat:thanks, urgent:emergency) or `out_of_scope`; as
`offers: [topic, ...]` (asks back, with these among its buttons; [] leaves them open) or `choice: 2` (on the topic of
the second button of the reply before); or as a step of the callback form: `asks: phone`, `refuses: phone` (asks again,
and says what is wrong), `done`, `cancelled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, root_validator, validator

from prp_guide.errors import DataError
from prp_guide.home import PROJECT_ROOT
from prp_guide.yaml_file import Strict, line_of, read, read_plain

FOLDER = PROJECT_ROOT / "tests" / "dialogues"

STEPS = ("name", "phone", "time", "confirm")
ENDS = ("done", "cancelled")
WAY_OUT = "human"  # the topic of the button beside the guesses
# The topics of the chat API, by kind; those of answer and staff stand in data/topics.
KINDS: Mapping[str, tuple[str, ...]] = {
    "handoff": ("human", "phone"),
    "urgent": ("emergency", "poison"),
    "crisis": ("self_harm",),
    "clinical": ("post_treatment_concern",),
    "chat": (
        "greet",
        "goodbye",
        "thanks",
        "affirm",
        "deny",
        "bot_challenge",
        "capabilities",
        "insult_or_frustration",
    ),
}

Message = Mapping[str, Any]  # an envelope of the chat API


@dataclass(frozen=True)
class Expected:
    """One message that must come, as it is written in a scenario."""

    written: str
    kind: str
    topic: str | None = None
    step: str | None = None
    refused: bool = False
    offers: tuple[str, ...] = ()
    choice: int | None = None

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Expected]]:
        yield cls.parse

    @classmethod
    def parse(cls, value: Any) -> Expected:
        """`value` as YAML has it. Raises ValueError with what to write instead."""
        if isinstance(value, str):
            return cls._word(value)
        if isinstance(value, dict) and len(value) == 1:
            ((key, given),) = value.items()
            if key in ("asks", "refuses") and given in STEPS:
                return cls(f"{key}: {given}", "callback", step=given, refused=key == "refuses")
            if key == "offers" and isinstance(given, list) and all(topic in _can_be_offered() for topic in given):
                return cls(f"offers: [{', '.join(given)}]", "clarify", offers=tuple(given))
            if key == "choice" and type(given) is int and given > 0:
                return cls(f"choice: {given}", "", choice=given)
        raise ValueError(
            f"{value!r} is no message; write kind:topic, out_of_scope, done, cancelled, asks: <step>, refuses: <step>, "
            f"offers: [<topic>, ...] or choice: <number>, with a step of {', '.join(STEPS)} and topics of the chat API"
        )

    @classmethod
    def _word(cls, value: str) -> Expected:
        if value in ENDS:
            return cls(value, "callback", step=value)
        if value == "out_of_scope":
            return cls(value, value, topic=value)
        kind, _, topic = value.partition(":")
        known = KINDS.get(kind) or tuple(name for name, its in topic_kinds().items() if its == kind)
        if topic not in known:
            raise ValueError(f"{value!r} is no message of the chat API; {kind}: {', '.join(known) or 'no such kind'}")
        return cls(value, kind, topic=topic)

    def matches(self, message: Message, before: Sequence[Message] = ()) -> bool:
        """Whether `message` is what is expected, after a reply that offered the choices `before`."""
        if self.choice is not None:
            return self.choice <= len(before) and bool(message["topic"] == before[self.choice - 1]["topic"])
        if message["kind"] != self.kind:
            return False
        if self.kind == "callback":
            return message["step"] == self.step and bool(message.get("error")) == self.refused
        if self.kind == "clarify":
            topics = [choice["topic"] for choice in message["choices"]]
            guesses = [topic for topic in topics if topic != WAY_OUT]
            return WAY_OUT in topics and 2 <= len(guesses) <= 3 and set(self.offers) <= set(guesses)
        return bool(message["topic"] == self.topic)


class Turn(Strict):
    """What the patient types or taps, and the reply that must come."""

    patient: str | None = Field(None, min_length=1)
    taps: str | None = Field(None, min_length=1)
    expect: tuple[Expected, ...]
    others: tuple[tuple[Expected, ...], ...] = Field((), alias="or")
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    lang: Literal["en", "es"] | None = None

    @validator("patient", "taps", pre=True)
    def _text(cls, value: Any) -> Any:  # noqa: N805
        if value is not None and not isinstance(value, str):
            raise ValueError(f"put quotes around {value!r}")  # YAML takes a bare yes for true
        return value

    @validator("says", "never", pre=True)
    def _one_or_several(cls, value: Any) -> Any:  # noqa: N805
        return (value,) if isinstance(value, str) else value

    @validator("expect")
    def _something(cls, value: tuple[Expected, ...]) -> tuple[Expected, ...]:  # noqa: N805
        if not value:
            raise ValueError("a reply has at least one message")
        return value

    @root_validator(skip_on_failure=True)
    def _typed_or_tapped(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if (values["patient"] is None) == (values["taps"] is None):
            raise ValueError("a turn has either 'patient' or 'taps'")
        return values

    @property
    def accepted(self) -> tuple[tuple[Expected, ...], ...]:
        """The replies that are right: the expected one first."""
        return (self.expect, *self.others)


class Stored(Strict):
    """A request that the front desk has. What is left out is not compared."""

    name: str
    phone: str = Field(regex=r"^\+\d{8,15}$")
    best_time: str | None
    topic: str | None
    priority: Literal["urgent", "normal"] | None


class Scenario(Strict):
    """One dialogue."""

    title: str = Field(min_length=1, max_length=100)
    why: str = Field(min_length=1, max_length=300)
    turns: tuple[Turn, ...]
    stored: tuple[Stored, ...] | None
    pending: str | None = Field(None, regex=r"^issue \d+: \S")

    @validator("turns")
    def _some(cls, value: tuple[Turn, ...]) -> tuple[Turn, ...]:  # noqa: N805
        if not 2 <= len(value) <= 9:
            raise ValueError("a dialogue has 2 to 9 turns")
        return value


@dataclass(frozen=True)
class Filed:
    """A scenario and the file that it stands in."""

    path: Path
    scenario: Scenario
    lines: tuple[int, ...] = field(repr=False)  # of the turns

    @property
    def id(self) -> str:
        """Its folder and name: corrections/name_at_phone."""
        return f"{self.path.parent.name}/{self.path.stem}"


def load_scenario(path: Path) -> Filed:
    """The scenario at `path`. Raises DataError with file and line."""
    if twice := _key_twice(yaml.compose(path.read_text("utf-8")) if _is_yaml(path) else None):
        raise DataError(path, twice[1], f"'{twice[0]}' stands twice", "A new turn begins with '- '.")
    scenario = read(path, Scenario)
    lines = tuple(line_of(path, ("turns", index)) or 1 for index in range(len(scenario.turns)))
    return Filed(path, scenario, lines)


def load_scenarios(folder: Path = FOLDER) -> list[Filed]:
    """All scenarios below `folder`, by name. Raises DataError for the first that is broken."""
    return [load_scenario(path) for path in sorted(folder.glob("*/*.yml"))]


@lru_cache
def topic_kinds() -> dict[str, str]:
    """The topics of data/topics: answer or staff."""
    return {path.stem: read_plain(path)["kind"] for path in (PROJECT_ROOT / "data" / "topics").glob("*.yml")}


def _can_be_offered() -> frozenset[str]:
    return frozenset((*topic_kinds(), "request_callback", "book_appointment", "change_appointment", "phone"))


def _is_yaml(path: Path) -> bool:
    read_plain(path)  # its DataError says what is wrong
    return True


def _key_twice(node: yaml.Node | None) -> tuple[str, int] | None:
    """The first key that stands twice in one mapping, and its line: YAML would let the last one win."""
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return key.value, key.start_mark.line + 1
            seen.add(key.value)
            children.append(value)
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    return next((found for child in children if (found := _key_twice(child))), None)
