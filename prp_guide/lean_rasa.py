"""Rasa without the libraries that this project never calls: `python -m prp_guide.lean_rasa run ...`.

The arguments are those of `rasa`, and so is what it does. Rasa imports TensorFlow, the clients of a dozen chat services
and its plotting whether they are used or not: 430 MB and 15 s of a processor in each process. Here a stand-in takes
their place, good enough to be subclassed and named in annotations while modules load, and an error as soon as it is
called. Where the project's files ask Rasa for more than it has of itself (another policy, another channel),
nothing is left out. Plain `rasa` is never touched.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import logging
import runpy
import sys
import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prp_guide.errors import SetupError
from prp_guide.home import Home

log = logging.getLogger(__name__)

LEFT_OUT = frozenset(
    (
        # models that are not ours
        "tensorflow",
        "tensorflow_addons",
        "keras",
        "sklearn_crfsuite",
        "transformers",
        # plots, and questions asked in a terminal
        "matplotlib",
        "questionary",
        "prompt_toolkit",
        # other channels and stores
        "aiogram",
        "boto3",
        "botocore",
        "confluent_kafka",
        "google",
        "mattermostwrapper",
        "pymongo",
        "rocketchat_API",
        "slack_sdk",
        "twilio",
        "webexteamssdk",
    )
)
ONLY_TO_TRAIN = frozenset(("sklearn",))
# The one table of all components that Rasa has; importing it imports every one of them.
_COMPONENTS = "rasa.engine.recipes.default_components"
_RASAS_OWN = frozenset(("RulePolicy", "MemoizationPolicy", "AugmentedMemoizationPolicy"))
_OURS = "prp_guide."
_OUR_ENDPOINTS = ("nlg", "tracker_store", "lock_store")
_ENDPOINTS = frozenset(("action_endpoint", *_OUR_ENDPOINTS))


class LeftOut(SetupError, ImportError):
    """Something of a library that was left out was called.

    An ImportError too: spaCy and others look whether TensorFlow is there, and go on without it.
    """


class _StandIn(type):
    """The class of whatever is taken from a library that was left out."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{cls.__qualname__}.{name}")

    def __call__(cls, *given: Any, **_named: Any) -> Any:
        raise LeftOut(f"{cls.__qualname__} was called, and prp_guide.lean_rasa leaves it out. Take it off LEFT_OUT.")

    def __getitem__(cls, _key: Any) -> Any:
        return cls


def _stand_in(name: str) -> Any:
    return _StandIn(name, (), {"__qualname__": name})


class _Library(types.ModuleType):
    """A library that was left out: it has every name, and none of them does anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the libraries of `names` before anyone else, and Rasa's table of components."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname == _COMPONENTS or fullname.partition(".")[0] in self._names:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=fullname != _COMPONENTS)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return types.ModuleType(spec.name) if spec.name == _COMPONENTS else _Library(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ == _COMPONENTS:
            from rasa.core.policies.memoization import AugmentedMemoizationPolicy, MemoizationPolicy
            from rasa.core.policies.rule_policy import RulePolicy

            module.__dict__["DEFAULT_COMPONENTS"] = [RulePolicy, MemoizationPolicy, AugmentedMemoizationPolicy]


def leave_out(*, training: bool) -> None:
    """From now on the libraries of LEFT_OUT are stand-ins in this process, which has not imported Rasa yet."""
    assert not any(name in sys.modules for name in ("rasa", "tensorflow")), "too late"
    sys.meta_path.insert(0, _Finder(LEFT_OUT if training else LEFT_OUT | ONLY_TO_TRAIN))


def wants_more(home: Home) -> str | None:
    """What of the project's files needs a part of Rasa that might have been left out; None for nothing."""
    from prp_guide.yaml_file import read_plain

    def content(name: str) -> dict[str, Any]:
        path = home.program_file(name)
        found = read_plain(path) if path.is_file() else None
        return found if isinstance(found, dict) else {}

    config = content("config.yml")
    parts = [*(config.get("pipeline") or []), *(config.get("policies") or [])]
    named = [str(part.get("name")) if isinstance(part, dict) else str(part) for part in parts]
    foreign = [name for name in named if not name.startswith(_OURS) and name not in _RASAS_OWN]
    foreign += [name for name in content("credentials.yml") if not str(name).startswith(_OURS)]
    endpoints = content("endpoints.yml")
    foreign += [name for name in endpoints if name not in _ENDPOINTS]
    for name in _OUR_ENDPOINTS:
        if name == "lock_store" and name not in endpoints:  # Rasa's own in memory will do
            continue
        kind = str((endpoints.get(name) or {}).get("type") or "")
        foreign += [] if kind.startswith(_OURS) else [f"{name} of the type {kind or 'of Rasa itself'}"]
    return ", ".join(map(str, foreign)) or None


def main(arguments: Sequence[str]) -> None:
    """Be `rasa` with `arguments`."""
    if wanted := wants_more(Home.from_env()):
        print(f"All of Rasa is loaded, for {wanted}: that takes 430 MB and 15 s more.", file=sys.stderr)
    else:
        leave_out(training=bool(arguments) and arguments[0] == "train")
    if "ignore" in sys.warnoptions:  # Sanic has deprecations shown all the same, from when it is imported
        importlib.import_module("sanic.app")
        warnings.simplefilter("ignore")
    sys.argv = [str(Path(sys.executable).with_name("rasa")), *arguments]
    runpy.run_module("rasa", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
