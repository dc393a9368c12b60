"""The Helm chart as Helm itself renders it: valid objects, none of them root or writable, probes for all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prp_guide.home import PROJECT_ROOT
from tests.deploy.tools import run_tool

PACKAGES = ("helm-python-sdk==0.2.2", "kubernetes-validate==1.37.0", "pyyaml==6.0.3")
GIVEN = {"clinic": {"name": 'Bay "D" & Co', "phone": "+1 310 555 0100"}, "proxies": "10.0.0.0/24", "web": {"max": 3}}


def render(values: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    script = PROJECT_ROOT / "tests" / "deploy" / "render.py"
    done = run_tool(PACKAGES, "python", str(script), json.dumps(values))
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    return found["faults"], found["objects"]


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    faults, found = render(GIVEN)
    assert faults == []
    return found


def of(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Those of one kind, by the process that they are for."""
    return {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"] for one in objects if one["kind"] == kind
    }


def test_each_process_has_what_it_needs(objects: list[dict[str, Any]]) -> None:
    pods = {**of(objects, "Deployment"), **of(objects, "StatefulSet")}
    assert set(pods) == {"web", "rasa", "actions"}
    for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler", "Service"):
        assert set(of(objects, kind)) == set(pods)
    assert set(of(objects, "NetworkPolicy")) == {"rasa", "actions"}
    for spec in pods.values():
        (container,) = spec["template"]["spec"]["containers"]
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
        assert container["resources"]["requests"]
        assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


def test_web_stays_in_service_without_rasa(objects: list[dict[str, Any]]) -> None:
    """Who asks /readyz would take away the emergency cards, the phone number and the plain form with the last Rasa."""
    (web,) = of(objects, "Deployment")["web"]["template"]["spec"]["containers"]
    assert {web[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "/healthz"
    }


def test_nobody_is_root_or_writes_where_it_should_not(objects: list[dict[str, Any]]) -> None:
    pods = [one["spec"]["template"]["spec"] for one in objects if "template" in one["spec"]]
    assert len(pods) == 4
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"]
            assert not security["allowPrivilegeEscalation"]
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/clinic", "/tmp"}


def test_secrets_come_from_the_secret_alone(objects: list[dict[str, Any]]) -> None:
    (rasa,) = of(objects, "StatefulSet")["rasa"]["template"]["spec"]["containers"]
    given = {one["name"]: one for one in rasa["env"]}
    for name in ("PRP_DATABASE_URL", "PRP_REDIS_URL", "PRP_SHARED_SECRET"):
        assert given[name]["valueFrom"]["secretKeyRef"]["name"] == "prp-guide"
    assert given["PRP_RASA_URL"]["value"].startswith("http://clinic-prp-guide-rasa-0.clinic-prp-guide-rasa:5005,http:")
    assert given["PRP_RASA_URL"]["value"].count("http:") == 8
    assert given["PRP_PROXIES"]["value"] == "10.0.0.0/24"


def test_the_clinic_is_made_the_first_time(objects: list[dict[str, Any]]) -> None:
    first = of(objects, "Job")["setup"]["template"]["spec"]["initContainers"][0]
    assert {"name": "CLINIC_NAME", "value": 'Bay "D" & Co'} in first["env"]
    _, others = render({})
    assert "initContainers" not in of(others, "Job")["setup"]["template"]["spec"]


def test_a_value_that_the_chart_does_not_know_is_refused(objects: list[dict[str, Any]]) -> None:
    done = run_tool(PACKAGES, "python", str(PROJECT_ROOT / "tests" / "deploy" / "render.py"), '{"wbe": {"min": 3}}')
    assert done.returncode != 0
    assert "wbe" in done.stderr
