"""What the widget does for the patient."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.widget.colours import contrast
from tests.widget.conftest import HOSTILE, LAUNCHER, Chat

MINUTE = 60_000


def test_it_never_opens_by_itself_and_sets_no_cookie(chat: Chat) -> None:
    expect(chat.launcher).to_have_accessible_name(LAUNCHER)
    chat.page.wait_for_timeout(500)
    expect(chat.panel).to_be_hidden()
    assert chat.road.carried == [("GET", "/widget.js", None)], "nothing is asked before it is opened"
    chat.open().ask("when can I wash my hair?")
    assert chat.page.context.cookies() == []


def test_nothing_is_asked_of_anybody_else(chat: Chat) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.visit("/?lang=es").open().ask("¿puedo lavar el pelo?", "48 horas")
    assert asked
    assert [url for url in asked if not url.startswith((chat.site.url, chat.road.url))] == []


def test_the_first_view(chat: Chat) -> None:
    chat.open()
    words = chat.items.first.locator(".text").inner_text()
    assert len(words.split()) <= 35
    for part in ("automated assistant", "not a person", "911", "medical details"):
        assert part in words
    expect(chat.starters).to_have_count(4)
    expect(chat.log.get_by_role("group", name="Suggested replies")).to_have_count(1)
    expect(chat.panel.get_by_role("link", name="Call (310) 975-9785")).to_have_attribute("href", "tel:+13109759785")
    expect(chat.page.locator(".state")).to_contain_text("Open now")


def test_quick_replies_by_keyboard_are_open_for_one_turn(chat: Chat) -> None:
    chat.open()
    for _ in range(12):
        chat.page.keyboard.press("Shift+Tab")
        if chat.focused == "choice":
            break
    chat.page.keyboard.press("Enter")
    expect(chat.items.nth(1)).to_contain_text("You said: Price")
    expect(chat.items.nth(2)).to_contain_text("Prices are not on our page")
    expect(chat.items.first.locator(".choice")).to_have_count(0)
    assert chat.focused == "input"


def test_an_answer_names_its_section(chat: Chat) -> None:
    chat.open().ask("when can I wash my hair?")
    source = chat.items.last.locator(".source")
    expect(source).to_contain_text("From our page: Post-Treatment and Maintenance")
    expect(source.get_by_role("link")).to_have_attribute("href", f"{chat.road.url}/#post-treatment-and-maintenance")


def test_the_review_date_is_shown_once_there_is_one(chat: Chat) -> None:
    chat.open()
    chat.road.trouble = lambda method, path, status, body: (
        status,
        body.replace(b'"reviewed":null', b'"reviewed":"2026-11-23"'),
    )
    chat.ask("when can I wash my hair?")
    expect(chat.items.last.locator(".source")).to_contain_text("reviewed Nov 23, 2026")


def test_a_call_is_two_tabs_away(chat: Chat) -> None:
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.starters.first).to_be_visible()
    assert chat.focused == "input"
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Tab")
    assert chat.focused == "ask"
    chat.page.keyboard.press("Enter")
    expect(chat.log).to_contain_text("What name")
    expect(chat.page.get_by_role("textbox", name="Your name")).to_be_visible()
    expect(chat.input).to_have_attribute("autocomplete", "name")


def test_a_refused_detail_is_said_at_the_input(chat: Chat) -> None:
    chat.open().ask("bad phone", None)
    field = chat.page.get_by_role("textbox", name="Your phone number")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("too short"))
    expect(field).to_have_attribute("inputmode", "tel")


def test_a_red_flag_is_pinned_and_said_once(chat: Chat) -> None:
    chat.open().ask("my throat is swelling", None)
    alert = chat.page.get_by_role("alert")
    expect(alert).to_contain_text("Call 911 now")
    expect(alert.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(chat.log).not_to_contain_text("Call 911 now")
    chat.settled()
    chat.ask("my throat is swelling", None).settled()
    expect(alert.locator(".card")).to_have_count(1)
    for text in ("and washing?", "and sun?", "and sport?"):
        chat.ask(text)
    expect(alert.get_by_role("link", name="Call 911")).to_be_in_viewport()


def test_with_the_assistant_down_there_is_a_real_form(chat: Chat) -> None:
    chat.open()
    chat.web.channel.answer, working = (lambda turn: (503, {})), chat.web.channel.answer
    try:
        chat.ask("when can I wash my hair?", None)
        form = chat.page.get_by_role("form", name="Ask for a call")
        expect(form).to_be_visible()
        form.get_by_role("button", name="Send my request").click()
        expect(form.get_by_label("Your name")).to_have_attribute("aria-invalid", "true")
        assert chat.focused.endswith("name"), "to the first field that is wrong"
        form.get_by_label("Your name").fill("Minerva")
        form.get_by_label("Your phone number").fill("310 555 0147")
        form.get_by_label("Best time to call").fill("mornings")
        form.get_by_label("You may leave a voicemail").check()
        unseen = form.locator("[name=website]")
        expect(unseen).to_be_hidden()
        unseen.evaluate("field => field.value = 'https://spam.example'")
        form.get_by_role("button", name="Send my request").click()
        expect(form).to_contain_text("leave this field empty")
        unseen.evaluate("field => field.value = ''")
        form.get_by_role("button", name="Send my request").click()
        expect(chat.log).to_contain_text(re.compile(r"PRP-\w{4}"))
        expect(form).to_have_count(0)
        chat.visit()
        chat.launcher.click()
        expect(chat.log).to_contain_text(re.compile(r"PRP-\w{4}"))
        expect(form).to_have_count(0)
    finally:
        chat.web.channel.answer = working


def test_waiting_is_said_in_words(chat: Chat) -> None:
    chat.open()
    chat.road.trouble = lambda method, path, status, body: (chat.road.end.wait(0.7), (status, body))[1]
    chat.input.fill("when can I wash my hair?")
    chat.page.keyboard.press("Enter")
    status = chat.page.get_by_role("status")
    expect(status).to_have_text("Assistant is typing…")
    expect(status).to_have_text("")
    expect(chat.items.last).to_contain_text("48 hours")


def test_what_is_sent_while_it_opens_is_not_lost(chat: Chat) -> None:
    """A patient on a slow line types, and presses Enter, before the greeting is there."""
    chat.road.trouble = lambda method, path, status, body: (chat.road.end.wait(1.0), (status, body))[1]
    chat.launcher.click()
    chat.input.fill("when can I wash my hair?")
    chat.page.keyboard.press("Enter")
    expect(chat.items).to_have_count(0)
    expect(chat.items.first).to_contain_text("automated assistant")
    expect(chat.items.nth(1)).to_contain_text("You said: when can I wash my hair?")
    expect(chat.items.nth(2)).to_contain_text("48 hours")
    expect(chat.input).to_have_value("")
    expect(chat.items).to_have_count(3)


@pytest.mark.parametrize("fault", ["500", "empty", "offline", "silent"])
def test_not_sent_with_the_draft_kept(chat: Chat, fault: str) -> None:
    chat.page.clock.install()
    chat.visit().open()

    def trouble(method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
        if path != "/api/chat/messages":
            return status, body
        if fault == "silent":
            chat.road.end.wait(20)
        return (500, b"oh") if fault == "500" else (200, b'{"messages": []}')

    chat.road.trouble = trouble
    chat.page.context.set_offline(fault == "offline")
    chat.ask("when can I wash my hair?", None)
    if fault == "silent":
        expect(chat.page.get_by_role("status")).to_have_text("Assistant is typing…")
        chat.page.clock.fast_forward(14_000)
        expect(chat.trouble).to_have_text("")
        chat.page.clock.fast_forward(1_500)
    expect(chat.trouble).to_contain_text("Not sent.")
    expect(chat.input).to_have_value("when can I wash my hair?")
    expect(chat.items).to_have_count(1)
    chat.road.trouble = None
    chat.page.context.set_offline(False)
    chat.button("Try again").click()
    expect(chat.items.last).to_contain_text("48 hours")
    expect(chat.trouble).to_have_text("")
    expect(chat.input).to_have_value("")
    expect(chat.items).to_have_count(3)
    sent = [body for method, path, body in chat.road.carried if (method, path) == ("POST", "/api/chat/messages")]
    assert len({body["id"] for body in sent}) == 1, "trying again acts once"
    assert chat.focused == "input"


def test_the_conversation_survives_a_page_change(chat: Chat) -> None:
    chat.open().ask("two things", "48 hours")
    chat.page.get_by_role("button", name="Close chat").click()
    chat.page.get_by_role("link", name="Another page").click()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_be_hidden()
    chat.launcher.click()
    expect(chat.items).to_have_count(4)
    expect(chat.items.nth(1)).to_contain_text("two things")
    expect(chat.items.last.locator(".choice").first).to_be_visible()
    expect(chat.items.first.locator(".choice")).to_have_count(0)


def test_a_quiet_conversation_ends_with_a_warning_before(chat: Chat) -> None:
    chat.page.clock.install()
    chat.visit().open().ask("when can I wash my hair?")
    chat.input.fill("one more thing")
    chat.page.clock.fast_forward(27 * MINUTE)
    expect(chat.trouble).to_have_text("")
    chat.page.clock.fast_forward(MINUTE + 1000)
    expect(chat.trouble).to_contain_text("ends in 2 minutes")
    expect(chat.button("Stay")).to_be_visible()
    assert chat.road.count("PUT", "/api/chat/sessions") == 0
    chat.page.clock.fast_forward(2 * MINUTE)
    expect(chat.log).to_contain_text("This chat has ended")
    expect(chat.log).not_to_contain_text("48 hours")
    expect(chat.input).to_have_value("one more thing")
    chat.page.keyboard.press("Enter")
    expect(chat.items.last).to_contain_text("48 hours")
    assert chat.road.count("POST", "/api/chat/sessions") == 2


@pytest.mark.parametrize("by", ["key", "button"])
def test_one_key_keeps_it(chat: Chat, by: str) -> None:
    chat.page.clock.install()
    chat.visit().open().ask("when can I wash my hair?")
    chat.page.clock.fast_forward(28 * MINUTE + 1000)
    expect(chat.trouble).to_contain_text("ends in 2 minutes")
    if by == "key":
        chat.page.keyboard.press("Shift")
    else:
        chat.button("Stay").click()
    expect(chat.trouble).to_have_text("")
    expect(chat.button("Stay")).to_have_count(0)
    assert chat.focused == "input"
    assert chat.road.count("PUT", "/api/chat/sessions") == 1
    chat.page.clock.fast_forward(27 * MINUTE)
    expect(chat.trouble).to_have_text("")
    expect(chat.log).to_contain_text("48 hours")
    chat.page.clock.fast_forward(3 * MINUTE)
    expect(chat.log).to_contain_text("This chat has ended")


def test_a_session_that_the_server_has_ended_is_not_kept_up_here(chat: Chat) -> None:
    chat.page.clock.install()
    chat.visit().open().ask("when can I wash my hair?")
    token = chat.page.evaluate("JSON.parse(localStorage['prp-guide']).token")
    chat.web.http.delete("/api/chat/sessions", headers={"Authorization": f"Bearer {token}"})
    chat.page.clock.fast_forward(5 * MINUTE)
    chat.input.fill("and")
    chat.page.keyboard.press("Shift")
    expect(chat.log).to_contain_text("This chat has ended")
    expect(chat.input).to_have_value("and")
    chat.visit()
    chat.launcher.click()
    expect(chat.items).to_have_count(1)
    expect(chat.log).to_contain_text("I am an automated assistant")


def test_start_over_erases_on_the_server_too(chat: Chat) -> None:
    chat.open().ask("when can I wash my hair?")
    token = chat.page.evaluate("JSON.parse(localStorage['prp-guide']).token")
    assert len(chat.web.history(token)) == 3
    chat.button("Start over").click()
    assert chat.focused == "quiet", "on what keeps the conversation"
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_visible()
    expect(chat.log).to_contain_text("48 hours")
    chat.button("Start over").click()
    chat.button("Erase").click()
    expect(chat.items).to_have_count(1)
    expect(chat.starters).to_have_count(4)
    gone = chat.web.http.get("/api/chat/messages", headers={"Authorization": f"Bearer {token}"})
    assert gone.status_code == 401


def test_two_tabs_share_one_conversation(chat: Chat) -> None:
    chat.open()
    page = chat.page.context.new_page()
    other = Chat(page, chat.site, chat.road, chat.web).visit()
    other.launcher.click()
    expect(other.items).to_have_count(1)
    chat.ask("when can I wash my hair?")
    expect(other.items.last).to_contain_text("48 hours")
    other.ask("two things")
    expect(chat.items).to_have_count(6)
    chat.button("Start over").click()
    chat.button("Erase").click()
    expect(other.items).to_have_count(1)
    assert chat.road.count("POST", "/api/chat/sessions") == 2


def test_what_comes_while_it_is_closed_is_counted(chat: Chat) -> None:
    chat.open()
    chat.road.trouble = lambda method, path, status, body: (chat.road.end.wait(0.7), (status, body))[1]
    chat.input.fill("two things")
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.press("Escape")
    assert chat.focused == "launcher"
    expect(chat.launcher).to_have_accessible_name(f"{LAUNCHER} 2 new")
    chat.launcher.click()
    expect(chat.items).to_have_count(4)
    chat.page.keyboard.press("Escape")
    expect(chat.launcher).to_have_accessible_name(LAUNCHER)


def top_of(chat: Chat, item: int) -> float:
    """How far below the upper edge of the conversation an item begins."""
    found: float = chat.page.evaluate(
        """(number) => {
          const root = document.querySelector('prp-guide').shadowRoot, body = root.querySelector('.body');
          return root.querySelectorAll('.log > .item')[number].getBoundingClientRect().top
            - body.getBoundingClientRect().top;
        }""",
        item,
    )
    return found


def test_a_new_answer_is_shown_from_its_start(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    chat.open().ask("when can I wash my hair?").ask("two things")
    assert 0 <= top_of(chat, 4) <= 40


def test_a_reader_who_went_back_is_left_alone(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    chat.open().ask("when can I wash my hair?").ask("two things")
    chat.road.trouble = lambda method, path, status, body: (chat.road.end.wait(0.7), (status, body))[1]
    chat.input.fill("two things")
    chat.page.keyboard.press("Enter")
    chat.page.locator(".body").hover()
    for _ in range(8):
        chat.page.mouse.wheel(0, -300)
        chat.page.wait_for_timeout(30)
    before = top_of(chat, 0)
    expect(chat.items).to_have_count(9)
    chat.page.wait_for_timeout(100)
    assert top_of(chat, 0) == before


def test_an_answer_can_be_rated(chat: Chat) -> None:
    chat.open()
    expect(chat.log.get_by_role("group", name="Your opinion of this answer")).to_have_count(0)
    chat.ask("when can I wash my hair?")
    rating = chat.log.get_by_role("group", name="Your opinion of this answer")
    helpful, not_helpful = (rating.get_by_role("button", name=name, exact=True) for name in ("Helpful", "Not helpful"))
    for button, other in ((helpful, not_helpful), (not_helpful, helpful)):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(other).to_have_attribute("aria-pressed", "false")
    chat.page.wait_for_timeout(200)
    sent = [body["helpful"] for method, path, body in chat.road.carried if path == "/api/chat/feedback"]
    assert sent == [True, False]
    chat.page.context.set_offline(True)
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "false")


def test_on_a_phone_it_fills_the_screen_and_the_page_rests(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 390, "height": 844})
    chat.open()
    box = chat.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    main = chat.page.locator("main")
    expect(main).to_have_attribute("inert", "")
    expect(chat.panel).to_have_attribute("aria-modal", "true")
    chat.page.set_viewport_size({"width": 390, "height": 420})  # what a keyboard leaves
    expect(chat.input).to_be_in_viewport(ratio=0.95)
    chat.page.keyboard.press("Escape")
    expect(main).not_to_have_attribute("inert", "")


def test_beside_the_page_on_a_desktop_it_is_no_trap(chat: Chat) -> None:
    chat.open()
    expect(chat.page.locator("main")).not_to_have_attribute("inert", "")
    expect(chat.panel).not_to_have_attribute("aria-modal", "true")
    chat.page.get_by_role("link", name="Another page").focus()
    expect(chat.panel).to_be_visible()


def test_a_script_can_open_ask_and_close(chat: Chat) -> None:
    chat.page.evaluate("PRPGuide.ask('when can I wash my hair?')")
    expect(chat.items.last).to_contain_text("48 hours")
    chat.page.evaluate("PRPGuide.close()")
    expect(chat.panel).to_be_hidden()
    chat.page.evaluate("PRPGuide.open()")
    expect(chat.panel).to_be_visible()


def test_hostile_texts_stay_texts(chat: Chat) -> None:
    dialogs: list[str] = []
    chat.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    chat.open().ask(f"hostile {HOSTILE}", "<script>")
    item = chat.items.last
    expect(item.locator(".text")).to_have_text(HOSTILE)
    expect(item.locator("a, img, script")).to_have_count(0)
    item.locator(".choice").click()
    expect(chat.items.last).to_contain_text("48 hours")
    assert dialogs == []


def test_spanish(chat: Chat) -> None:
    chat.open().ask("¿puedo lavar el pelo?", "48 horas")
    answer = chat.items.last
    expect(answer).to_have_attribute("lang", "es")
    expect(answer).to_contain_text("El asistente dijo:")
    expect(chat.page.locator(".root")).to_have_attribute("lang", "en")
    chat.button("Español").click()
    expect(chat.page.locator(".root")).to_have_attribute("lang", "es")
    expect(chat.button("Pedir una llamada")).to_be_visible()
    expect(chat.page.locator("#input")).to_have_attribute("placeholder", "Escriba su pregunta")
    chat.visit()
    expect(chat.launcher).to_have_accessible_name("¿Preguntas sobre PRP?")


def test_without_the_spanish_texts_it_speaks_english(chat: Chat) -> None:
    chat.road.trouble = lambda method, path, status, body: (404, b"") if path == "/widget.es.json" else (status, body)
    chat.visit("/?lang=es")
    expect(chat.launcher).to_have_accessible_name(LAUNCHER)
    chat.road.trouble = None
    chat.open().ask("¿puedo lavar el pelo?", "48 horas")
    expect(chat.items.last).to_contain_text("El asistente dijo:")


@pytest.mark.parametrize(
    ("rules", "reported"),
    [
        ("--prp-accent:rebeccapurple", 0),
        ("--prp-accent:gold", 1),
        ("--prp-accent:#777777;--prp-on-accent:white", 1),
        ("--prp-header:#eee", 1),
        ("--prp-text:#ccc;--prp-soft:rgb(200,200,200)", 2),
    ],
)
def test_a_theme_with_too_little_contrast_is_mended_and_reported(chat: Chat, rules: str, reported: int) -> None:
    warnings: list[str] = []
    chat.page.on("console", lambda said: warnings.append(said.text) if said.text.startswith("PRP Guide") else None)
    chat.visit(f"/?rules={quote(rules)}").open()
    assert len(warnings) == reported, warnings
    colours = chat.page.evaluate(
        """() => ['.send', '.head', '.choice', '.text', '.ask', '.source', '.quiet'].map((what) => {
          const root = document.querySelector('prp-guide').shadowRoot;
          const style = getComputedStyle(root.querySelector(what) ?? root.querySelector('.text'));
          let one = root.querySelector(what) ?? root.querySelector('.text'), behind;
          for (; one; one = one.parentElement) {
            behind = getComputedStyle(one).backgroundColor;
            if (!behind.startsWith('rgba')) break;
          }
          return [style.color, behind];
        })"""
    )
    assert all(contrast(*pair) >= 4.5 for pair in colours), colours


def test_asked_for_by_a_page_that_may_not(chat: Chat) -> None:
    """A site that the clinic has not named shows the launcher and says that it cannot be reached; no dead end."""
    chat.page.goto(chat.site.url.replace("127.0.0.1", "localhost"))
    chat.launcher.click()
    expect(chat.trouble).to_contain_text("Not sent.")
    expect(chat.panel).to_contain_text("In an emergency, call 911")


def test_session_replay_tools_are_asked_to_look_away(chat: Chat) -> None:
    element = chat.page.locator("prp-guide")
    for mark in ("data-private", "data-hj-suppress", "data-clarity-mask", "data-dd-privacy"):
        assert element.get_attribute(mark) is not None
    for name in ("ph-no-capture", "rr-block", "sentry-block", "fs-exclude"):
        assert name in str(element.get_attribute("class"))


def test_no_layout_shift(chat: Chat) -> None:
    chat.page.add_init_script(
        "window.shift = 0;"
        "new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    chat.visit().open().ask("when can I wash my hair?")
    chat.page.wait_for_timeout(300)
    assert chat.page.evaluate("shift") == 0


def test_every_theme_is_followed(chat: Chat) -> None:
    backgrounds = []
    for path, scheme in (("/", "light"), ("/", "dark"), ("/?theme=light", "dark"), ("/?theme=dark", "light")):
        chat.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        chat.visit(path)
        chat.launcher.click()
        backgrounds.append(chat.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor"))
    light, dark, told_light, told_dark = backgrounds
    assert (light, dark) == (told_light, told_dark)
    assert light != dark
