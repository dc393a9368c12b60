"""Renders the chart with Helm's own library and holds every object against the Kubernetes schemas; prints them as JSON.

Run by test_chart.py in an environment of its own, whose packages cannot stand beside Rasa's:

    uv run --no-project --with helm-python-sdk==... --with kubernetes-validate==... python tests/deploy/render.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import helm_python
import kubernetes_validate
import yaml

CHART = Path(__file__).resolve().parents[2] / "deploy" / "chart"
KUBERNETES = ("1.29", "1.34")


def main(values: str) -> None:
    faults = [found["error"] for found in helm_python.lint(str(CHART))["messages"] if found["severity"] > 1]
    objects = []
    with helm_python.Chart.load(str(CHART)) as chart:
        given = json.loads(values)
        chart.validate_schema(given)
        for name, text in chart.render(given, name="clinic", namespace="prp").items():
            if name.endswith("NOTES.txt"):
                continue
            objects += [one for one in yaml.safe_load_all(text) if one]
    for one in objects:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as fault:
                faults.append(
                    f"{one['kind']} {one['metadata']['name']}, {version}: {fault.message} at {list(fault.path)}"
                )
    print(json.dumps({"faults": faults, "objects": objects}))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "{}")
