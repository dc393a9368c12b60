"""Rasa is started without what this project never calls, and with everything where its files ask for more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.lean_rasa import wants_more

FILES = {
    "config.yml": "pipeline:\n- name: prp_guide.rasa_parts.classifier.SentenceClassifier\n"
    "policies:\n- name: RulePolicy\n",
    "credentials.yml": "prp_guide.rasa_parts.channel.ChatChannel:\n",
    "endpoints.yml": "nlg:\n  type: prp_guide.rasa_parts.replies.TopicReplies\n"
    "tracker_store:\n  type: prp_guide.rasa_parts.tracker_store.ConversationTrackerStore\n",
}


def in_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_project_as_it_is_wants_no_more() -> None:
    assert wants_more(Home(PROJECT_ROOT, Path("unused"))) is None


@pytest.mark.parametrize(
    ("name", "more", "named"),
    [
        ("config.yml", "- name: TEDPolicy\n", "TEDPolicy"),
        ("config.yml", "- name: MemoizationPolicy\n", None),
        ("credentials.yml", "rest:\n", "rest"),
        ("endpoints.yml", "event_broker:\n  type: pika\n", "event_broker"),
        ("endpoints.yml", "lock_store:\n  type: redis\n", "lock_store of the type redis"),
    ],
)
def test_files_that_ask_for_more_are_heard(tmp_path: Path, name: str, more: str, named: str | None) -> None:
    for file, content in FILES.items():
        (tmp_path / file).write_text(content + (more if file == name else ""))
    assert wants_more(Home(tmp_path, tmp_path)) == named


def test_the_server_and_its_policies_load_without_tensorflow() -> None:
    done = in_python(
        "import sys; from prp_guide import lean_rasa; lean_rasa.leave_out(training=False)\n"
        "import rasa.core.agent, rasa.server, rasa.core.policies.rule_policy\n"
        "from rasa.engine.recipes.default_recipe import DefaultV1Recipe\n"
        "assert DefaultV1Recipe._from_registry('RulePolicy').clazz is rasa.core.policies.rule_policy.RulePolicy\n"
        "assert not hasattr(sys.modules['tensorflow'], '__file__'), 'the real one'\n"
        "assert 'rasa.nlu.classifiers.diet_classifier' not in sys.modules"
    )
    assert done.returncode == 0, done.stderr


def test_what_was_left_out_says_so_when_it_is_called() -> None:
    done = in_python(
        "from prp_guide import lean_rasa; lean_rasa.leave_out(training=False)\n"
        "import tensorflow as tf\n"
        "class Early(tf.keras.callbacks.Callback): pass\n"
        "tf.keras.Sequential()"
    )
    assert done.returncode == 1
    assert "tensorflow.keras.Sequential was called" in done.stderr


def test_spacy_goes_on_without_what_was_left_out() -> None:
    done = in_python(
        "from prp_guide import lean_rasa; lean_rasa.leave_out(training=False)\n"
        "import rasa.core.agent\n"
        "from thinc.compat import has_tensorflow; assert not has_tensorflow\n"
        "from prp_guide.language.details import find_details\n"
        "assert find_details('its Lupe Diaz, 213 555 0113', asked='time', about_visit=False)"
    )
    assert done.returncode == 0, done.stderr
