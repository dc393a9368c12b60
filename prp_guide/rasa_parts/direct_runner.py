"""Runs Rasa's prediction graph node after node. Rasa's own runner plans each run anew with dask, three times a message.

Put in place when a turn comes in (`quickened`), so it follows a model that was loaded since. `rasa shell`, `rasa test`
and training run as Rasa does; tests/rasa_parts/test_direct_runner.py holds the two ways against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from rasa.core.agent import Agent
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

from prp_guide.rasa_parts.rule_memory import RuleMemory

Component = TypeVar("Component")


class DirectRunner(GraphRunner):
    """The nodes of a loaded graph, called in their order."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._nodes = loaded._instantiated_nodes
        self._schema: GraphSchema = loaded._graph_schema
        self._plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[Any] | None = None,
    ) -> DirectRunner:
        return cls(DaskGraphRunner.create(graph_schema, model_storage, execution_context, hooks))

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """What the nodes `targets` make of `inputs`."""
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._plans:
            self._plans[wanted] = self._planned(wanted)
        made = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._plans[wanted]:
            made[name] = self._nodes[name](*(made[need] for need in needs))
        return {name: made[name][1] for name in wanted}

    def component(self, kind: type[Component]) -> Component | None:
        """The component of this `kind` in the graph."""
        found = (getattr(node, "_component", None) for node in self._nodes.values())
        return next((component for component in found if isinstance(component, kind)), None)

    def _planned(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        nodes: Mapping[str, Any] = self._schema.minimal_graph_schema(list(targets)).nodes
        order: dict[str, tuple[str, ...]] = {}

        def add(name: str) -> None:
            if name in order or name not in nodes:  # what is no node is an input
                return
            needs = tuple(dict.fromkeys(nodes[name].needs.values()))
            for need in needs:
                add(need)
            order[name] = needs

        for target in targets:
            add(target)
        return list(order.items())


def quickened(agent: Agent) -> DirectRunner:
    """The runner of the agent's model, which from now on is a DirectRunner whose rules remember."""
    processor = agent.processor
    assert processor is not None, "ready"
    runner = processor.graph_runner
    if not isinstance(runner, DirectRunner):
        runner = DirectRunner(runner)
        if (rules := runner.component(RulePolicy)) is not None:
            RuleMemory(rules).attach()
        processor.graph_runner = runner
    return runner
