"""Takes every picture of the documents from a running `make demo`, in a real browser, into docs/images.

uv run python scripts/pictures.py http://127.0.0.1:8080 "$(PRP_HOME=var/demo uv run prp-guide desk sign-in-link)"
"""

from __future__ import annotations

import os
import shutil
import sys
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
BROWSERS = (os.environ.get("PRP_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
DESKTOP, NARROW, PHONE, BESIDE = (1280, 800), (420, 760), (390, 780), (900, 760)
WASHING, THROAT = "can i wash my hair tonight", "my throat is swelling"


def opened(browser: Browser, size: tuple[int, int], *, dark: bool = False) -> Page:
    """A page without a past."""
    width, height = size
    scheme = "dark" if dark else "light"
    return browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]


def chat(browser: Browser, url: str, words: str, reply: str, size: tuple[int, int], *, dark: bool = False) -> bytes:
    """The chat when `words` were answered with something that holds `reply`."""
    page = opened(browser, size, dark=dark)
    page.goto(url)
    page.locator(".launcher").click()
    page.locator("#input").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".panel")).to_contain_text(reply, timeout=20_000)
    expect(page.get_by_role("status")).to_have_text("")
    page.wait_for_timeout(600)  # it scrolls to the answer
    picture = page.screenshot()
    page.close()
    return picture


def main() -> int:
    """Take all of them, of the demo at the address given, signing in by the link given."""
    url, link = sys.argv[1:3]
    path = next(found for found in map(shutil.which, filter(None, BROWSERS)) if found)
    arguments = ["--headless=new", "--no-sandbox", "--hide-scrollbars"]
    taken: dict[str, bytes] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments, ignore_default_args=["--headless"])
        taken["answer.png"] = chat(browser, url, WASHING, "Wait 48 hours", DESKTOP)
        taken["answer-on-a-phone.png"] = chat(browser, url, WASHING, "Wait 48 hours", PHONE, dark=True)
        taken["alarm.png"] = chat(browser, url, THROAT, "Call 911 now", PHONE)
        beside = chat(browser, url, WASHING, "Wait 48 hours", NARROW)
        desk = opened(browser, DESKTOP)
        desk.goto(link)
        desk.get_by_role("button", name="Next call").wait_for(timeout=20_000)
        taken["inbox.png"] = desk.screenshot()
        desk.goto(f"{url}/desk/insight")
        taken["insight.png"] = desk.screenshot()
        desk.set_viewport_size({"width": BESIDE[0], "height": BESIDE[1]})
        desk.goto(f"{url}/desk")
        both = opened(browser, (NARROW[0] + BESIDE[0], NARROW[1]))
        images = (f'<img src="data:image/png;base64,{b64encode(one).decode()}">' for one in (beside, desk.screenshot()))
        both.set_content(f'<body style="margin:0;display:flex">{"".join(images)}')
        taken["chat-and-inbox.png"] = both.screenshot()
        browser.close()
    for name, picture in taken.items():
        (FOLDER / name).write_bytes(picture)
        print(f"Wrote docs/images/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
