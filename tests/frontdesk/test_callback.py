"""A request by itself, without a database."""

from __future__ import annotations

import pytest

from prp_guide.frontdesk.callback import same_name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jo", "JO", True),
        ("Jo  Smith", " jo smith ", True),
        ("Straße", "STRASSE", True),
        ("Jo", "Joe", False),
        ("José", "Jose", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
