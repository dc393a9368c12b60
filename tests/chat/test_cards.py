"""A red flag's card comes first, and once."""

import pytest

from prp_guide.chat.cards import with_card


def message(kind: str, topic: str | None = None) -> dict[str, object]:
    return {"kind": kind, "topic": topic}


EMERGENCY = message("urgent", "emergency")
CRISIS = message("crisis", "self_harm")
POISON = message("urgent", "poison")
CONCERN = message("clinical", "post_treatment_concern")
ANSWER = message("answer", "washing")
STEP = message("callback", "request_callback")


@pytest.mark.parametrize(
    ("card", "messages", "expected"),
    [
        (EMERGENCY, [ANSWER], [EMERGENCY, ANSWER]),
        (EMERGENCY, [], [EMERGENCY]),
        (EMERGENCY, [EMERGENCY, ANSWER], [EMERGENCY, ANSWER]),
        (EMERGENCY, [ANSWER, EMERGENCY], [EMERGENCY, ANSWER]),
        (CONCERN, [EMERGENCY], [EMERGENCY]),
        (POISON, [ANSWER, EMERGENCY, STEP], [EMERGENCY, ANSWER, STEP]),
        (EMERGENCY, [CONCERN, ANSWER], [EMERGENCY, CONCERN, ANSWER]),
        (CRISIS, [EMERGENCY], [CRISIS, EMERGENCY]),
        (EMERGENCY, [CRISIS], [EMERGENCY, CRISIS]),
        (CONCERN, [CONCERN], [CONCERN]),
    ],
)
def test_card_first(card, messages, expected) -> None:
    assert with_card(card, messages) == expected
