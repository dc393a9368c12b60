"""The demo pages, with the chat on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.widget.conftest import LAUNCHER, Places
from tests.widget.test_accessibility import RULES

PAGES = ["/", "/tour", "/?lang=es"]


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (320, 256)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_violation(
    places: Places, page: Page, path: str, scheme: str, size: tuple[int, int], picture: Callable[[Page], None]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.goto(places.web.url + path)
    expect(page.locator(".launcher")).to_be_visible()
    picture(page)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it runs over sideways"


def test_the_links_lead_somewhere(places: Places, page: Page) -> None:
    page.goto(places.web.url)
    for name, path in (("Tour", "/tour"), ("Clinic page", "/"), ("Source", "/tour"), ("Clinic page", "/")):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(lambda url, path=path: url.startswith(places.web.url + path))
    page.get_by_role("link", name="Chat en español").click()
    expect(page.locator(".launcher")).to_have_accessible_name("¿Preguntas sobre PRP?")
    expect(page.get_by_role("link", name="Front desk inbox")).to_have_attribute("href", "/desk")
    theme = page.get_by_role("button", name="Dark theme")
    theme.click()
    expect(theme).to_have_attribute("aria-pressed", "true")
    expect(page.locator("prp-guide")).to_have_attribute("data-theme", "dark")


def test_the_tour_asks(places: Places, page: Page) -> None:
    page.goto(places.web.url + "/tour")
    page.get_by_role("button", name="Can I wash my hair tonight?").click()
    expect(page.get_by_role("log")).to_contain_text("48 hours")
    page.get_by_role("button", name="My throat is swelling").click()
    expect(page.get_by_role("alert")).to_contain_text("Call 911 now")


def test_a_source_leads_to_its_section(places: Places, page: Page) -> None:
    page.goto(places.web.url)
    page.get_by_role("button", name=LAUNCHER).click()
    expect(page.get_by_role("button", name="Price")).to_be_visible()
    page.locator("#input").fill("when can I wash my hair?")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Post-Treatment and Maintenance").click()
    expect(page.get_by_role("heading", name="Post-Treatment and Maintenance")).to_be_in_viewport()
