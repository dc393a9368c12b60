"""Hatchling's build hook: a wheel carries what a checkout has at its root, where prp_guide/home.py finds it.

A hook and not `force-include`, which would copy all of it into an editable installation too.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT_FILES = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "data")
ENCODER = ("encoder.onnx", "tokenizer.json", "vectors.npz", "SHA256SUMS")


class Shipped(BuildHookInterface):  # type: ignore[misc]
    """Adds the files to `prp_guide/shipped` of a wheel that is to be installed without the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        names = [*ROOT_FILES, *(f"models/encoder/{name}" for name in ENCODER)]
        build_data["force_include"].update({f"{self.root}/{name}": f"prp_guide/shipped/{name}" for name in names})
        # What a clinic's own model is held against before it goes live: prp_guide/evaluation/gates.py
        build_data["force_include"][f"{self.root}/tests/evaluation/development"] = "prp_guide/evaluation/messages"
