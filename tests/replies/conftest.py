from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.replies import Replies

MakeReplies = Callable[..., Replies]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var"))


@pytest.fixture
def make(library: Library) -> MakeReplies:
    """Replies of a clinic; keywords are what its clinic.yml says besides name, phone and time zone."""

    def replies(**said: Any) -> Replies:
        standing = {"name": "The Clinic", "phone": "+13109759785", "time_zone": "America/Los_Angeles"}
        clinic = Clinic.parse_obj({**standing, **said})
        return Replies(library, clinic, clinic.page_url)

    return replies


@pytest.fixture
def replies(make: MakeReplies) -> Replies:
    return make()
