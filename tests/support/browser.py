"""A Chromium for the tests in a browser."""

from __future__ import annotations

import os
import shutil

_PLACES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome, the one that PRP_CHROMIUM names first; None when there is none."""
    for place in (os.environ.get("PRP_CHROMIUM", ""), *_PLACES):
        if place and (found := shutil.which(place)):
            return found
    return None


def chromium_arguments() -> list[str]:
    """Arguments that keep it from looking for hosts outside, and from a sandbox that root cannot have."""
    arguments = [
        "--headless=new",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    return [*arguments, "--no-sandbox"] if os.geteuid() == 0 else arguments
