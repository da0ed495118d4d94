"""Synchronize the review state, which changes by transitions of the workflow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from AccessControl.Permissions import view
from AccessControl.unauthorized import Unauthorized
from Products.CMFCore.utils import getToolByName
from Products.CMFCore.WorkflowCore import WorkflowException
from Products.DCWorkflow.Transitions import TRIGGER_USER_ACTION

from zope.app.fssync.hosts.plone.parts import TextPart
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["Workflow", "path_between"]


class Workflow(TextPart, write=view):
    """The state in each workflow of an object.

    A new state is reached by the transitions that lead to it, each of which the caller
    must be allowed; guards, scripts and history of the workflow apply.
    """

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        for workflow in self._workflows():
            yield Item(workflow.getId(), self._state(workflow))

    def _workflows(self) -> list[Any]:
        tool = getToolByName(self.owner, "portal_workflow", None)
        return [] if tool is None else tool.getWorkflowsFor(self.owner)

    def _state(self, workflow: Any) -> str:
        return str(workflow._getWorkflowStateOf(self.owner).getId())

    def replace(self, items: list[Item]) -> Any:
        """See `TextPart`: changes the state last, since it may remove permissions."""
        wanted = {item.key: item.value or "" for item in items}
        known = {each.getId(): each for each in self._workflows()}
        if unknown := wanted.keys() - known.keys():
            raise SynchronizationError(
                _(
                    "the workflow ${name} is not one of this object",
                    mapping={"name": repr(min(unknown))},
                ),
                advice=_(
                    "There are: ${names}.",
                    mapping={"names": ", ".join(sorted(known)) or "none"},
                ),
            )

        def later() -> None:
            for name, state in wanted.items():
                self._change(known[name], state)

        return later

    def _change(self, workflow: Any, wanted: str) -> None:
        current = self._state(workflow)
        steps = path_between(workflow, current, wanted)
        if steps is None:
            raise SynchronizationError(
                _(
                    "no transition of ${workflow} leads from ${current} to ${wanted}",
                    mapping={
                        "workflow": repr(workflow.getId()),
                        "current": repr(current),
                        "wanted": repr(wanted),
                    },
                ),
                advice=_(
                    "States are: ${names}.",
                    mapping={"names": ", ".join(sorted(workflow.states.objectIds()))},
                ),
            )
        tool = getToolByName(self.owner, "portal_workflow")
        for step in steps:
            try:
                tool.doActionFor(self.owner, step, workflow.getId())
            except (WorkflowException, Unauthorized) as error:
                raise SynchronizationError(
                    _(
                        "you may not ${step} the object, or not now",
                        mapping={"step": repr(step)},
                    ),
                    advice=_("Ask somebody who reviews content."),
                ) from error


def path_between(workflow: Any, start: str, end: str) -> list[str] | None:
    """Return the shortest list of transitions between two states, or None."""
    ways: dict[str, list[str]] = {start: []}
    pending = deque([start])
    while pending and end not in ways:
        state = pending.popleft()
        for name in sorted(workflow.states[state].transitions):
            transition = workflow.transitions.get(name)
            if transition is None or transition.trigger_type != TRIGGER_USER_ACTION:
                continue
            target = transition.new_state_id
            if target and target not in ways and target in workflow.states:
                ways[target] = [*ways[state], name]
                pending.append(target)
    return ways.get(end)
