"""The command line, `prp-guide`. Exit codes: 0 well, 1 a fault of ours, 2 what the user can put right."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import prp_guide
from prp_guide.commands import desk, embed, privacy, start, train
from prp_guide.commands.questions import QUESTIONS
from prp_guide.errors import PRPGuideError, SetupError
from prp_guide.home import Home

COMMAND_LINE = "the command line"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: those of the process) name; returns the exit code."""
    chosen = make_parser().parse_args(arguments)
    # SIGTERM ends a command as Ctrl-C does, so that what it started is ended too.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(chosen)
    except PRPGuideError as fault:
        print(fault, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `prp-guide desk export | head`
        sys.stderr.close()
        return 1
    finally:
        signal.signal(signal.SIGTERM, before)


PROCESSES = ("setup", "web", "rasa", "actions")
_WITHOUT_CLINIC = ("init", "restore", "version", "doctor")


def _run(chosen: argparse.Namespace) -> int:
    home = Home.from_env()
    phrases_alone = chosen.command == "check" and chosen.what == "phrases"
    if not home.clinic_file.exists() and chosen.command not in _WITHOUT_CLINIC and not phrases_alone:
        raise SetupError(
            f"There is no clinic in {home.root} (no clinic.yml). Make one:  prp-guide init\n"
            "    or say where it is:  PRP_HOME=/the/folder prp-guide ..."
        )
    match chosen.command, getattr(chosen, "desk", None):
        case "init", _:
            from prp_guide.commands import init

            return init.init(home, chosen)
        case ("backup" | "restore") as command, _:
            from prp_guide.commands import backup

            act = backup.backup if command == "backup" else backup.restore
            return act(home, folder=chosen.folder)
        case "doctor", _:
            from prp_guide.commands import doctor

            return doctor.doctor(home, send=chosen.send)
        case "rotate-keys", _:
            from prp_guide.commands import keys

            return keys.rotate(home)
        case "start", _:
            return start.start(home)
        case "run", _:
            from prp_guide.commands import run

            return run.run(home, chosen.process)
        case "demo", _:
            from prp_guide.commands import demo

            return demo.remove(home) if chosen.remove else demo.demo(home, only_add=chosen.only_add)
        case "train", _:
            return train.train(home, force=chosen.force)
        case "check", _ if chosen.what == "phrases":
            from prp_guide.commands import phrases

            return phrases.check(home, quick=chosen.quick)
        case ("check" | "prepare") as command, _:
            from prp_guide.commands import check  # here, or it would stay in the memory of `start`

            return check.check(home) if command == "check" else check.prepare(home)
        case "evaluate", _:
            from prp_guide.commands import evaluate

            return evaluate.evaluate(home, url=chosen.url)
        case "embed", _:
            return embed.embed(home, origin=chosen.origin, address=chosen.address)
        case "page", _:
            from prp_guide.commands import page

            return page.check(home, where=chosen.where, withhold=chosen.withhold)
        case "report", _:
            from prp_guide.commands import report

            return report.report(home, days=chosen.days, target=chosen.output)
        case "topics", _:
            return _topics(home, chosen)
        case "publish", _:
            from prp_guide.commands import publish

            return publish.publish(home, by=chosen.by, background=chosen.background)
        case "rollback", _:
            from prp_guide.commands import publish

            return publish.rollback(home, by=chosen.by)
        case "desk", "export":
            return desk.export(home, form=chosen.format)
        case "desk", "sign-in-link":
            return desk.sign_in_link(home, name=chosen.name)
        case "desk", "add-user":
            return desk.add_user(home, name=chosen.name, role=chosen.role, with_password=chosen.password)
        case "desk", "remove-user":
            return desk.remove_user(home, name=chosen.name)
        case "desk", "users":
            return desk.users(home)
        case "desk", "test-delivery":
            return desk.test_delivery(home, name=chosen.name)
        case "privacy", _:
            return _privacy(home, chosen)
        case _:
            print(f"prp-guide {prp_guide.__version__}")
            return 0


def _topics(home: Home, chosen: argparse.Namespace) -> int:
    from prp_guide.commands import topics

    match chosen.topics:
        case "list":
            return topics.show(home)
        case "new":
            return topics.new(home, name=chosen.name, by=chosen.by, phrases=chosen.phrases)
        case "edit":
            given = {"en": chosen.reply, "es": chosen.reply_es}
            replies = {lang: text for lang, text in given.items() if text is not None}
            return topics.edit(home, name=chosen.name, by=chosen.by, replies=replies)
        case "approve":
            return topics.approve(home, name=chosen.name, by=chosen.by, langs=chosen.lang, until=chosen.review_by)
        case "undo":
            return topics.undo(home, name=chosen.name, by=chosen.by)
        case _:
            return topics.retire(home, name=chosen.name, by=chosen.by)


def _privacy(home: Home, chosen: argparse.Namespace) -> int:
    match chosen.privacy:
        case "purge":
            return privacy.purge(home)
        case "export":
            return privacy.export(home, phone=chosen.phone)
        case "erase":
            return privacy.erase(home, phone=chosen.phone)
        case _:
            return privacy.verify_log(home, heads=chosen.head)


def make_parser() -> argparse.ArgumentParser:
    """All commands and their options; docs/reference/commands.md is written from it."""
    parser = argparse.ArgumentParser(
        prog="prp-guide",
        description="Answers PRP questions from the clinic's own page, hands the rest to the front desk.",
        epilog="PRP_HOME names the folder of the clinic: clinic.yml, content, database (default: var/). "
        "HOST, PORT, RASA_PORT and ACTIONS_PORT say where it listens, PRP_RASA and PRP_ACTIONS how many of each run.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    maker = commands.add_parser("init", help="make a home for a clinic: its clinic.yml, its own copy of the content")
    for field, option, question in QUESTIONS:
        maker.add_argument(option, dest=field, help=f"{question[0].lower()}{question[1:]}")
    commands.add_parser("start", help="start everything and keep it running; trains first if the model is old")
    runner = commands.add_parser("run", help="be one process alone, for containers: HOST says where it listens")
    runner.add_argument(
        "process",
        choices=PROCESSES,
        help="setup brings database, content and model up to date, and ends; web, rasa and actions serve",
    )
    shower = commands.add_parser("demo", help="start with sample requests and a month of sample questions, marked")
    shower.add_argument("--remove", action="store_true", help="remove the samples and start nothing")
    shower.add_argument("--only-add", action="store_true", help="add the samples and start nothing")
    trainer = commands.add_parser("train", help="train the model on data/, if it is not current")
    trainer.add_argument("--force", action="store_true", help="train even if it is current")
    checker = commands.add_parser("check", help="hold clinic.yml and the content, or the phrases, against every rule")
    checker.add_argument("what", nargs="?", choices=("content", "phrases"), default="content")
    checker.add_argument("--quick", action="store_true", help="phrases: leave the model out, which takes minutes")
    evaluator = commands.add_parser("evaluate", help="measure how well it understands, write docs/evaluation.md")
    evaluator.add_argument("--url", help="of a running assistant; without it, one is started for the purpose")
    commands.add_parser("prepare", help="load everything and bring the database up to date, as start does first")
    embedder = commands.add_parser("embed", help="print what a site needs to show the chat: tag, policy, origin")
    embedder.add_argument("--origin", required=True, help="of the site, such as https://the.site")
    embedder.add_argument("--address", help="of this server as visitors reach it, such as https://chat.the.site")
    paging = commands.add_parser("page", help="the clinic's page: does it still say what the answers say?")
    looks = paging.add_subparsers(dest="page", required=True, metavar="ACTION")
    looker = looks.add_parser("check", help="say which facts are gone or changed on the page, and what is new there")
    looker.add_argument("where", nargs="?", metavar="URL|FILE", help="the page; without it, that of clinic.yml")
    looker.add_argument("--withhold", action="store_true", help="hold back answers of changed facts until re-approved")
    _add_topics(commands)
    for name, what in (
        ("publish", "train on changed phrases, hold the model against the gates, use it; no restart"),
        ("rollback", "bring back the model before"),
    ):
        publisher = commands.add_parser(name, help=what)
        publisher.add_argument("--by", default=COMMAND_LINE, help="who does it, for the record")
        if name == "publish":
            publisher.add_argument("--background", action="store_true", help="leave processors to the patients")
    reporter = commands.add_parser("report", help="write what patients asked to one HTML file, to print or to mail")
    reporter.add_argument("--days", type=int, choices=range(1, 31), default=28, metavar="N", help="1 to 30, default 28")
    reporter.add_argument("--output", type=Path, default=Path("prp-report.html"), help="default: prp-report.html")
    front_desk = commands.add_parser("desk", help="the front desk's requests and inbox")
    actions = front_desk.add_subparsers(dest="desk", required=True, metavar="ACTION")
    exporter = actions.add_parser("export", help="print every callback request")
    exporter.add_argument("--format", choices=("json", "csv"), default="json")
    linker = actions.add_parser("sign-in-link", help="print a new one-time link into the inbox")
    linker.add_argument("name", nargs="?", help="of whom it signs in; without it, the first owner")
    adder = actions.add_parser("add-user", help="add a person to the front desk, print a link for them")
    adder.add_argument("name", help='as colleagues read it, such as "Ana Ruiz"')
    adder.add_argument("--role", choices=("staff", "owner"), default="staff", help="owners add and remove people")
    adder.add_argument("--password", action="store_true", help="ask for a password instead (or read it from stdin)")
    remover = actions.add_parser("remove-user", help="take a person off, end their sessions")
    remover.add_argument("name")
    actions.add_parser("users", help="list who is at the front desk")
    tester = actions.add_parser("test-delivery", help="send a test to the receivers of clinic.yml, say how it went")
    tester.add_argument("name", nargs="?", help="of one receiver; without it, all")
    guard = commands.add_parser("privacy", help="what is kept of patients: purge, export, erase; the access log")
    duties = guard.add_subparsers(dest="privacy", required=True, metavar="ACTION")
    duties.add_parser("purge", help="remove what has outlived its time, off the disk too; done daily by itself")
    for name, what in (
        ("export", "print all that is kept of a phone number"),
        ("erase", "erase all of it, off the disk too"),
    ):
        duties.add_parser(name, help=what).add_argument("--phone", required=True, help='such as "310 555 0147"')
    prover = duties.add_parser("verify-log", help="prove that nothing in the access log was changed or cut off")
    prover.add_argument(
        "--head", action="append", default=[], help="one that was mailed to you, number:hmac; any number"
    )
    healer = commands.add_parser("doctor", help="look at the installation, say what to do about each thing")
    healer.add_argument("--send", action="store_true", help="send a test to the receivers of clinic.yml too")
    saver = commands.add_parser("backup", help="save all that cannot be made again into a new folder, while it runs")
    saver.add_argument("folder", type=Path, help="new or empty, best on another disk")
    restorer = commands.add_parser("restore", help="put a backup into an empty PRP_HOME")
    restorer.add_argument("folder", type=Path, help="of the backup")
    commands.add_parser("rotate-keys", help="make the secrets anew, while nothing runs; says what follows")
    commands.add_parser("version", help="print the version")
    return parser


def _add_topics(commands: Any) -> None:
    topics = commands.add_parser("topics", help="the answers: list, edit, approve, make, retire")
    actions = topics.add_subparsers(dest="topics", required=True, metavar="ACTION")
    actions.add_parser("list", help="every topic, and how its approval stands")
    for name, what in (
        ("new", "make a topic, written in $EDITOR or read from stdin"),
        ("edit", "change one in $EDITOR, from stdin, or by --reply"),
        ("approve", "approve one as it stands"),
        ("undo", "take back the last change of one"),
        ("retire", "take one out; its history stays"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("name", metavar="TOPIC")
        needs_name = {"required": True} if name == "approve" else {"default": COMMAND_LINE}
        action.add_argument("--by", help="who does it, for the history", **needs_name)
        if name == "new":
            action.add_argument("--phrases", type=Path, required=True, help="a file: what patients say, one a line")
        if name == "edit":
            action.add_argument("--reply", help="the new reply")
            action.add_argument("--reply-es", help="the new reply in Spanish")
        if name == "approve":
            action.add_argument(
                "--lang", action="append", choices=("en", "es"), default=[], help="without it, every one"
            )
            action.add_argument("--review-by", metavar="DATE", help="to look at it again; without it, in a year")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
