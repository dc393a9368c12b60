"""The browser that the tests drive."""

from __future__ import annotations

from playwright.sync_api import Page


def test_the_browser_runs_scripts(page: Page) -> None:
    page.set_content("<h1>Hello</h1><script>document.querySelector('h1').textContent += ' there'</script>")
    assert page.get_by_role("heading").inner_text() == "Hello there"
    assert page.viewport_size == {"width": 1280, "height": 800}
