"""Both bots, each trained and run as its users do, with state in a temporary folder of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.speed.load import Connection, Unanswered
from prp_guide import supervisor
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.processes import RASA_BY_DEFAULT
from prp_guide.tied import tied
from tests.support.machine import free_ports, free_ports_in_a_row

START_TIMEOUT, TRAIN_TIMEOUT = 300.0, 1_800.0
_EVERY = 0.1  # between two tries of the first message
_DEVELOPMENT = PROJECT_ROOT / "tests" / "evaluation" / "development"
# What patients write in a day: questions, some of them two in one, hellos and thanks, and what is none of ours.
_WRITTEN = ("topics", "multi-question", "conversation", "out-of-scope")


class Bot(ABC):
    """One bot. `messages` are of its own subject, so that it has an answer to each."""

    name: ClassVar[str]
    messages: list[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._conversations = itertools.count()

    @abstractmethod
    def train(self) -> float:
        """Train everything anew; the seconds that took."""

    @abstractmethod
    def start_command(self) -> tuple[list[str], Path, Mapping[str, str]]:
        """What starts the bot on `self.port`, in which folder, with what more in the environment."""

    @abstractmethod
    async def open(self, connection: Connection) -> Any:
        """A new conversation."""

    @abstractmethod
    async def say(self, connection: Connection, conversation: Any, text: str) -> bool:
        """Send one message and read its reply; whether it was answered."""

    @abstractmethod
    def pids(self) -> list[int]:
        """Every process of the bot."""

    @property
    @abstractmethod
    def model(self) -> Path:
        """The model that was trained last."""

    def run(self, command: Sequence[str], folder: Path, **environment: str) -> float:
        """Run `command` to its end; the seconds that took."""
        log = self.folder / "command.log"
        began = time.perf_counter()
        with log.open("wb") as output:
            done = subprocess.run(  # noqa: S603
                tied(command),
                cwd=folder,
                env={**_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=TRAIN_TIMEOUT,
                check=False,
            )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}")
        return time.perf_counter() - began

    def start(self) -> float:
        """Start it; the seconds until its first reply."""
        (self.port,) = free_ports(1)
        command, folder, environment = self.start_command()
        log = self.folder / "output.log"
        began = time.perf_counter()
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                tied(command),
                cwd=folder,
                env={**_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while time.perf_counter() - began < START_TIMEOUT:
            if self._process.poll() is not None:
                break
            with suppress(OSError, Unanswered, asyncio.IncompleteReadError):
                if asyncio.run(self._first()):
                    return time.perf_counter() - began
            time.sleep(_EVERY)
        self.stop()
        raise SystemExit(f"{self.name} did not start:\n{log.read_text(errors='replace')[-3000:]}")

    async def _first(self) -> bool:
        async with Connection(self.port) as connection:
            return await self.say(connection, await self.open(connection), self.messages[0])

    def memory(self) -> float:
        """The memory of all its processes together, in MB; what they share counts once."""
        return supervisor.memory(self.pids()) / 1e6

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait(10)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the bot finds, beside what `start_command` adds."""
        return _environment()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid


class Ours(Bot):
    """The whole of PRP Guide: supervisor, web, rasa, actions; asked through the chat API, on its durable stores."""

    name = "PRP Guide"
    project: ClassVar[Path] = PROJECT_ROOT

    def __init__(self, folder: Path, *, root: Path = PROJECT_ROOT, more: Mapping[str, str] | None = None) -> None:
        super().__init__(folder)
        self.home = Home(root=root, state=folder / "state")
        lines = [(_DEVELOPMENT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() for name in _WRITTEN]
        self.messages = [str(json.loads(line)["text"]) for line in itertools.chain(*lines)]
        random.Random(1).shuffle(self.messages)  # noqa: S311 - the same order in each run
        self._more = dict(more or {})

    def train(self) -> float:
        return self.run(self._prp_guide("train", "--force"), self.home.root, **self._environment(), **self._uncached)

    def ensure_trained(self) -> None:
        """A current model, trained only if there is none."""
        self.run(self._prp_guide("train"), self.home.root, **self._environment())

    def start_command(self) -> tuple[list[str], Path, Mapping[str, str]]:
        rasa = free_ports_in_a_row(RASA_BY_DEFAULT + 1)
        actions = rasa + RASA_BY_DEFAULT
        ports = {"PORT": str(self.port), "RASA_PORT": str(rasa), "ACTIONS_PORT": str(actions)}
        return self._prp_guide("start"), self.home.root, {**self._environment(), **ports}

    async def open(self, connection: Connection) -> str:
        reply = await connection.post("/api/chat/sessions", {}, expect=201)
        return str(reply["session"])

    async def say(self, connection: Connection, conversation: str, text: str) -> bool:
        reply = await connection.post("/api/chat/messages", {"text": text}, token=conversation)
        return any(message["kind"] != "error" for message in reply["messages"])

    async def begins_form(self, connection: Connection, conversation: str, text: str) -> bool:
        """Whether the reply to `text` asks for something for a callback."""
        reply = await connection.post("/api/chat/messages", {"text": text}, token=conversation)
        return any(message["step"] for message in reply["messages"])

    def pids(self) -> list[int]:
        files = (self.home.state / "run").glob("*.pid")
        return sorted({self.pid, *(int(text) for file in files if (text := file.read_text().strip()))})

    @property
    def model(self) -> Path:
        return self.home.models / self.home.current_model_file.read_text().strip()

    @property
    def _uncached(self) -> dict[str, str]:
        return {"RASA_MAX_CACHE_SIZE": "0"}

    def _environment(self) -> dict[str, str]:
        given = {"PRP_ROOT": str(self.home.root), "PRP_HOME": str(self.home.state), "PRP_LIMITS": "off"}
        return {**given, **self._more}

    @staticmethod
    def _prp_guide(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "prp_guide", *arguments]


class Init(Bot):
    """The bot of `rasa init`: one process, asked through Rasa's REST channel, its conversations in memory."""

    name = "rasa init"

    def __init__(self, folder: Path, made: Path | None = None) -> None:
        """`made`: where `rasa init` has been run before, so that a quick run need not train it."""
        super().__init__(folder)
        self.root = made or folder / "bot"
        if not (self.root / "config.yml").exists():
            self.root.mkdir(parents=True)
            self.run([*_RASA, "init", "--no-prompt", "--init-dir", str(self.root)], folder)
        nlu = (self.root / "data" / "nlu.yml").read_text(encoding="utf-8")
        self.messages = re.findall(r"^ +- (.+)$", nlu, flags=re.MULTILINE)

    def train(self) -> float:
        return self.run([*_RASA, "train", "--force"], self.root, RASA_MAX_CACHE_SIZE="0")

    def start_command(self) -> tuple[list[str], Path, Mapping[str, str]]:
        return [*_RASA, "run", "-i", "127.0.0.1", "-p", str(self.port)], self.root, {}

    async def open(self, connection: Connection) -> str:
        return f"conversation-{next(self._conversations)}"

    async def say(self, connection: Connection, conversation: str, text: str) -> bool:
        reply = await connection.post("/webhooks/rest/webhook", {"sender": conversation, "message": text})
        return bool(reply)

    def pids(self) -> list[int]:
        return [self.pid]

    @property
    def model(self) -> Path:
        return max((self.root / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)


_RASA = [sys.executable, "-m", "rasa"]


def _environment() -> dict[str, str]:
    """What both bots find: this process's environment, no telemetry, and nothing of an installation of ours."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PRP_")}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    path = os.pathsep.join(filter(None, (str(PROJECT_ROOT), given.get("PYTHONPATH", ""))))
    return {**given, **quiet, "PYTHONPATH": path}
