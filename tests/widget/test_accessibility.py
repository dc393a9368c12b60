"""WCAG 2.2 AA in every environment and state: by axe, and by what axe does not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.widget.colours import contrast
from tests.widget.conftest import Chat

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced-colours": {"forced_colors": "active"},
    "320x640": {"size": (320, 640)},
    "320x256": {"size": (320, 256)},  # 1280 x 1024 at 400 %
}

# What is measured in the page. `deep` looks into the widget.
MEASURES = """() => {
  const root = document.querySelector('prp-guide').shadowRoot;
  const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1;
  const all = (what) => [...root.querySelectorAll(what)].filter(seen);
  const box = (one) => one.getBoundingClientRect();
  const name = (one) => one.className + ' ' + one.textContent.slice(0, 30);
  const panel = root.querySelector('.panel');
  return {
    small: all('button, .action, .pill, summary, textarea, .tick, .row input')
      .filter((one) => box(one).height < 44 || box(one).width < 44).map(name),
    beside: all('.panel *').filter((one) => box(one).right > innerWidth + 0.5 || box(one).left < -0.5).map(name),
    sideways: [panel, root.querySelector('.body')].some((one) => one.scrollWidth > one.clientWidth + 1),
    unnamed: all('button, a, textarea, input').filter((one) => {
      const label = one.getAttribute('aria-label');
      return label !== null && !label.includes(one.textContent.trim());
    }).map(name),
    inputSize: parseFloat(getComputedStyle(root.querySelector('#input')).fontSize),
    moving: all('*').filter((one) => getComputedStyle(one).animationName !== 'none').map(name),
  };
}"""

# The focus is seen: an outline of 2 px and more, and the element not covered.
FOCUS = """() => {
  let one = document.activeElement;
  if (one?.tagName !== 'PRP-GUIDE') return null;
  one = one.shadowRoot.activeElement;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const inside = (part) => one.contains(
    one.getRootNode().elementFromPoint(box.left + box.width / 2, top + (bottom - top) * part));
  return {
    what: one.className + ' ' + one.textContent.slice(0, 30),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    covered: ![0.1, 0.3, 0.5, 0.7, 0.9].some(inside),
  };
}"""


def answer(chat: Chat) -> None:
    chat.ask("when can I wash my hair?")


def clarify(chat: Chat) -> None:
    chat.ask("something unclear", None)
    expect(chat.log.get_by_role("group", name="Suggested replies")).to_have_count(1)
    expect(chat.items).to_have_count(3)


def callback_error(chat: Chat) -> None:
    chat.ask("bad phone", None)
    expect(chat.trouble).to_contain_text("too short")


def red_flag(chat: Chat) -> None:
    chat.ask("my throat is swelling", None)
    expect(chat.page.get_by_role("alert")).to_contain_text("911")


def offline(chat: Chat) -> None:
    chat.page.context.set_offline(True)
    chat.ask("when can I wash my hair?", None)
    expect(chat.trouble).to_contain_text("Not sent")


STATES = [answer, clarify, callback_error, red_flag, offline]


def prepare(page: Page, environment: str) -> None:
    wish = dict(ENVIRONMENTS[environment])
    size = wish.pop("size", (1280, 800))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(reduced_motion="reduce", **wish)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_violation(
    chat: Chat, environment: str, state: Callable[[Chat], None], picture: Callable[[Page], None]
) -> None:
    prepare(chat.page, environment)
    chat.open()
    state(chat)
    picture(chat.page)
    found = Axe().run(chat.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    check_measures(chat)
    check_focus(chat)


def check_measures(chat: Chat) -> None:
    measured = chat.page.evaluate(MEASURES)
    assert measured.pop("inputSize") >= 16
    assert not any(measured.values()), measured


def check_focus(chat: Chat) -> None:
    """Tab through the widget: every stop is marked and in view."""
    chat.input.focus()
    stops: list[dict[str, Any]] = []
    for _ in range(40):
        chat.page.keyboard.press("Tab")
        stop = chat.page.evaluate(FOCUS)
        if stop is None:
            break
        stops.append(stop)
    for _ in range(40):
        chat.page.keyboard.press("Shift+Tab")
        stop = chat.page.evaluate(FOCUS)
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) > 6
    assert [stop for stop in stops if stop["outline"] < 2 or stop["covered"]] == []


# What live regions are told: every node that is put into one, with its text, and every change of a text in one.
LISTEN = """() => {
  const root = document.querySelector('prp-guide').shadowRoot;
  window.told = [];
  for (const region of root.querySelectorAll('[role=log], [role=alert], [role=status], [aria-live]')) {
    new MutationObserver((changes) => {
      if (region.getAttribute('aria-live') === 'off') return;
      for (const change of changes) for (const one of change.addedNodes) {
        told.push([region.getAttribute('role') ?? 'polite', change.target === region, one.textContent]);
      }
    }).observe(region, { childList: true, subtree: true, characterData: true });
  }
}"""


def heard(chat: Chat) -> list[tuple[str, str]]:
    """Region and beginning of what was told since; each message came whole, as one child of its region."""
    told = chat.page.evaluate("told.splice(0)")
    assert all(whole for _, whole, _ in told), told
    return [(region, " ".join(text.split())[:26]) for region, _, text in told]


def test_every_message_is_announced_once(chat: Chat) -> None:
    expect(chat.page.locator("prp-guide [role=log]")).to_have_count(1)
    chat.page.evaluate(LISTEN)
    chat.open()
    greeting = [("status", "Assistant is typing…"), ("log", "Assistant said: I am an au")]
    assert heard(chat) == greeting
    chat.ask("when can I wash my hair?").settled()
    assert heard(chat) == [
        ("log", "You said: when can I wash "),
        ("status", "Assistant is typing…"),
        ("log", "Assistant said: Wait 48 ho"),
    ]
    chat.ask("my throat is swelling", None).settled()
    told = heard(chat)
    assert [text for region, text in told if region == "alert"] == ["Emergency helpCall 911 now"]
    assert not any("911" in text for region, text in told if region != "alert")
    chat.page.context.set_offline(True)
    chat.ask("and then?", None)
    expect(chat.trouble).to_contain_text("Not sent")
    assert heard(chat)[-1] == ("polite", "Not sent. You seem to be o")


def test_what_was_said_before_is_not_read_out_again(chat: Chat) -> None:
    chat.open().ask("when can I wash my hair?")
    chat.visit()
    chat.launcher.click()
    expect(chat.items).to_have_count(3)
    chat.page.evaluate(LISTEN)
    chat.page.reload()
    chat.page.wait_for_selector("prp-guide .launcher")
    chat.page.evaluate(LISTEN)
    chat.launcher.click()
    expect(chat.items).to_have_count(3)
    assert [text for region, text in heard(chat) if region in ("log", "alert")] == []


def test_the_focus_goes_in_and_comes_back(chat: Chat) -> None:
    for leave in ("Escape", "Close chat"):
        chat.launcher.focus()
        chat.page.keyboard.press("Enter")
        expect(chat.starters.first).to_be_visible()
        assert chat.focused == "input"
        if leave == "Escape":
            chat.page.keyboard.press("Escape")
        else:
            chat.button(leave).click()
        assert chat.focused == "launcher"
        expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize("state", [answer, callback_error, red_flag, offline], ids=lambda state: state.__name__)
def test_with_more_space_in_the_text_nothing_is_cut_off(
    chat: Chat, state: Callable[[Chat], None], picture: Callable[[Page], None]
) -> None:
    """WCAG 1.4.12, on a narrow phone, where it is hardest."""
    prepare(chat.page, "320x640")
    chat.open()
    state(chat)
    chat.page.evaluate(
        """() => {
          const more = new CSSStyleSheet();
          more.replaceSync(
            '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }' +
            'p { margin-bottom: 2em !important }');
          document.querySelector('prp-guide').shadowRoot.adoptedStyleSheets.push(more);
        }"""
    )
    picture(chat.page)
    check_measures(chat)
    cut = chat.page.evaluate(
        """() => [...document.querySelector('prp-guide').shadowRoot.querySelectorAll('button, a, p, summary, label')]
          .filter((one) => !one.closest('.unseen') && one.checkVisibility() && !one.matches('.field label'))
          .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
          .map((one) => one.textContent)"""
    )
    assert cut == []


def test_the_placeholder_can_be_read(chat: Chat) -> None:
    for scheme in ("light", "dark"):
        chat.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if scheme == "light":
            chat.open()
        colours = chat.input.evaluate(
            "(input) => [getComputedStyle(input, '::placeholder').color, getComputedStyle(input).backgroundColor]"
        )
        assert contrast(*colours) >= 4.5


def test_motion_only_where_it_is_wanted(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="no-preference")
    chat.open()
    assert chat.page.evaluate(MEASURES)["moving"] != []
    chat.page.emulate_media(reduced_motion="reduce")
    assert chat.page.evaluate(MEASURES)["moving"] == []
