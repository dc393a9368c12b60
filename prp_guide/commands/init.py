"""`prp-guide init`: a home for one clinic, with its clinic.yml and its own copy of the content."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable
from json import dumps
from pathlib import Path

from prp_guide import own_content
from prp_guide.clinic import DAYS, Clinic, load_clinic
from prp_guide.commands.questions import QUESTIONS, REQUIRED
from prp_guide.errors import DataError, SetupError
from prp_guide.home import Home
from prp_guide.own_content import Renewal

_MAIL = ("mail_server", "mail_sender")  # asked only where there is somebody to write to
_EMPTY_MAIL = "an e-mail needs --mail-server, --mail-sender and --address too"

TEMPLATE = """\
# The clinic, as `prp-guide init` asked for it. `prp-guide check` proves this file; a restart puts a change into use.
# Every line that may stand here is explained in docs/settings.md.
name: {name}
phone: {phone}
time_zone: {time_zone}

# Where the page that the answers come from is published. Sources under an answer link to its sections.
page_url: {page_url}

{hours}
# Languages that the front desk speaks.
languages: {languages}

{deliveries}
# Sites that may show the chat, besides this server's own pages: prp-guide embed --origin https://your-clinic.example
allowed_origins: []

# What happens to an answer whose review date has passed: warn (it is still given) or withhold (the front desk answers).
overdue: warn
"""
NO_HOURS = """\
# Opening hours, if the chat may speak of them. Left out, it names no opening time and promises no call time.
# hours:
#   mon: "09:00-17:00"
#   sat: closed
"""
NO_DELIVERIES = """\
# Who hears of callback requests besides the inbox: docs/callbacks.md. `prp-guide desk test-delivery` tries it.
# deliveries:
#   inbox_url: https://chat.your-clinic.example
"""


def init(home: Home, given: Namespace) -> int:
    """Make `home.state` the home of a clinic, from options, or on a terminal by asking. Raises SetupError."""
    target = Home(root=home.state, state=home.state)
    if target.clinic_file.exists():
        raise SetupError(
            f"{target.clinic_file} is there already; edit that file. For another clinic: "
            "PRP_HOME=/another/folder prp-guide init"
        )
    answers = {field: str(getattr(given, field) or "") for field, _, _ in QUESTIONS}
    if sys.stdin.isatty() and not any(answers[field] for field in REQUIRED):
        answers = ask(input)
    _refuse_gaps(answers)
    target.state.mkdir(parents=True, exist_ok=True)
    target.state.chmod(0o700)  # a folder that was there already too: patients' requests will lie in it
    part = target.state / ".clinic.yml.part"
    try:
        part.write_text(clinic_yml(answers), encoding="utf-8")
        clinic = load_clinic(part)
        part.replace(target.clinic_file)
    except DataError as fault:
        raise SetupError(f"clinic.yml was not written: {fault.problem}") from None
    finally:
        part.unlink(missing_ok=True)
    renew_content(target)
    print(_next_steps(target, clinic))
    return 0


def renew_content(home: Home) -> Renewal:
    """Bring the clinic's copy of the content up to date, and say what that did."""
    from prp_guide.content import Library
    from prp_guide.red_flags import Screen

    def check(staged: Home) -> None:
        Library.load(staged)
        Screen.load(staged)

    first = not home.data.exists()
    done = own_content.renew(home, check)
    if done.refused:
        print(
            f"The content of this version was not taken, because yours does not fit it: {done.refused}\n"
            "Yours stays in use. Put that right, then start again.",
            file=sys.stderr,
        )
    elif done.taken and not first:
        print(f"Content brought up to date: {len(done.taken)} files ({', '.join(done.taken[:5])}, ...).")
    for name in done.both_changed:
        print(
            f"data/{name} was changed by you and by this version: yours stays, ours lies in {home.state}/content-new."
        )
    return done


def ask(answer: Callable[[str], str]) -> dict[str, str]:
    """The answers to all questions; one that cannot be used is asked again, at most five times."""
    answers: dict[str, str] = {}
    for field, _, question in QUESTIONS:
        if field in _MAIL and not answers["mail_to"]:
            answers[field] = ""
            continue
        for _ in range(5):
            answers[field] = answer(f"{question}: ").strip()
            if (problem := _problem(field, answers[field])) is None:
                break
            print(f"  {problem}")
        else:
            raise SetupError("Nothing was written. Start again: prp-guide init")
    return answers


def clinic_yml(answers: dict[str, str]) -> str:
    """The text of clinic.yml. Raises SetupError for hours that are none."""
    languages = [word.strip() for word in (answers["languages"] or "English").split(",") if word.strip()]
    hours = read_hours(answers["hours"])
    lines = "".join(f'  {day}: "{spans}"\n' for day, spans in hours.items())
    deliveries = ""
    if answers["inbox_url"]:
        deliveries = f"deliveries:\n  inbox_url: {dumps(answers['inbox_url'])}\n"
    if answers["mail_to"]:
        deliveries += (
            "  emails:\n    - name: front desk mail\n"
            f"      to: [{dumps(answers['mail_to'])}]\n      sender: {dumps(answers['mail_sender'])}\n"
            f"      server: {dumps(answers['mail_server'])}\n"
        )
    return TEMPLATE.format(
        name=dumps(answers["name"], ensure_ascii=False),
        phone=dumps(answers["phone"]),
        time_zone=answers["time_zone"],
        page_url=dumps(answers["page_url"] or "/"),
        hours=f"# A day that is not named is closed.\nhours:\n{lines}" if hours else NO_HOURS,
        languages=dumps(languages, ensure_ascii=False),
        deliveries=deliveries or NO_DELIVERIES,
    )


def read_hours(text: str) -> dict[str, str]:
    """`mon-fri 09:00-17:00; sat 10:00-13:00` as hours a day; empty for an empty text. Raises SetupError."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = re.fullmatch(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(.+)", part.lower())
        first, last = (match[1], match[2] or match[1]) if match else ("", "")
        if not match or first not in DAYS or last not in DAYS or DAYS.index(last) < DAYS.index(first):
            raise SetupError(f"{part!r} are no hours; write them such as  mon-fri 09:00-17:00; sat 10:00-13:00")
        found |= dict.fromkeys(DAYS[DAYS.index(first) : DAYS.index(last) + 1], match[3])
    return {day: found[day] for day in DAYS if day in found}


def _problem(field: str, value: str) -> str | None:
    """Why `value` cannot be used for `field`, held against the rules of clinic.yml itself."""
    if field in REQUIRED + _MAIL and not value:
        return "This one is needed."
    if not value:
        return None
    blank = {name: "" for name, _, _ in QUESTIONS}
    answers = {**blank, "name": "x", "phone": "+1 310 555 0147", "time_zone": "UTC", field: value}
    if field.startswith("mail"):
        example = {"mail_to": "a@b.example", "mail_server": "mail.b.example:587", "mail_sender": "a@b.example"}
        answers = {**answers, **example, "inbox_url": "https://b.example", field: value}
    try:
        _parse(clinic_yml(answers))
    except (SetupError, DataError) as fault:
        return fault.problem if isinstance(fault, DataError) else str(fault)
    return None


def _parse(text: str) -> Clinic:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clinic.yml"
        path.write_text(text, encoding="utf-8")
        return load_clinic(path)


def _refuse_gaps(answers: dict[str, str]) -> None:
    missing = [option for field, option, _ in QUESTIONS if field in REQUIRED and not answers[field]]
    if missing:
        raise SetupError(f"Missing: {', '.join(missing)}. Give all of them, or run prp-guide init on a terminal.")
    if answers["mail_to"] and not all(answers[field] for field in (*_MAIL, "inbox_url")):
        raise SetupError(f"--mail-to: {_EMPTY_MAIL}.")


def _next_steps(home: Home, clinic: Clinic) -> str:
    hours = "as you gave them" if clinic.hours else "none given, so the chat names none and promises no call time"
    return (
        f"{clinic.name} has its home in {home.state}\n\n"
        f"  {home.clinic_file}   who you are. Hours: {hours}.\n"
        f"  {home.data / 'topics'}   your answers, a file each\n\n"
        "Next:  prp-guide start      (the first time it trains its model, about a minute)\n"
        "       prp-guide doctor     says what is still to be done before patients use it"
    )
