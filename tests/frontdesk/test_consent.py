"""The consent that a request keeps names the very sentence that was shown."""

from __future__ import annotations

import hashlib

import pytest

from prp_guide.content import Library
from prp_guide.frontdesk import CONSENT
from prp_guide.home import PROJECT_ROOT, Home

# Every version that was ever shown. A changed sentence needs a new version in frontdesk/consent.py, and new
# lines here; the old ones stay, as requests that are stored refer to them.
SHOWN = {
    ("callback-1", "en"): "7bbb5203f9d7ed65",
    ("callback-1", "es"): "6872c4844b4379dd",
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_sentence_belongs_to_its_version(lang: str) -> None:
    library = Library.load(Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var"))
    sentence = library.replies[CONSENT.reply][lang]
    assert hashlib.sha256(sentence.encode()).hexdigest()[:16] == SHOWN[CONSENT.version, lang]
