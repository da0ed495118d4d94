"""The values that the profiles of installed packages set in the registry of a site.

Any other value was set by a user.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from plone.app.registry.exportimport.handler import evaluateCondition
from plone.supermodel.utils import elementToValue

__all__ = ["Baseline"]


class Baseline:
    """The values of records in the profiles that a setup tool has imported."""

    def __init__(self, tool: Any) -> None:
        self._nodes: dict[str, list[Any]] = {}
        for name in _installed(tool):
            context = tool._getImportContext(f"profile-{name}", False)
            for document in _documents(context):
                for record, value in _values(document):
                    self._nodes.setdefault(record, []).append(value)

    def knows(self, name: str) -> bool:
        """Return True if a profile sets a record."""
        return name in self._nodes

    def of(self, record: Any) -> Any:
        """Return the value of a record after all profiles."""
        *_, last = self._steps(record)
        return last

    def has_changed(self, record: Any) -> bool:
        """Return True if a value was never the default, nor set by a profile."""
        value = record.value
        return all(value != each for each in self._steps(record))

    def _steps(self, record: Any) -> Iterator[Any]:
        field = record.field
        yield (current := field.default)
        for node in self._nodes.get(record.__name__, ()):
            value = elementToValue(field, node, default=field.default)
            if node.get("purge", "").lower() == "false":
                value = _merged(current, value)
            yield (current := value)


def _merged(old: Any, new: Any) -> Any:
    """Return the result of an import that does not purge the old value."""
    if type(old) is not type(new):
        return new
    if isinstance(new, list | tuple):
        return old + type(new)(each for each in new if each not in old)
    if isinstance(new, set | frozenset):
        return old | new
    return {**old, **new} if isinstance(new, dict) else new


def _installed(tool: Any) -> list[str]:
    """Return the imported profiles, each after those it depends on."""
    found: dict[str, None] = {}
    for name in sorted(tool._profile_upgrade_versions):
        if tool.profileExists(name):
            found |= dict.fromkeys(tool.getProfileDependencyChain(name))
    return list(found)


def _documents(context: Any) -> Iterator[Any]:
    names = ["registry.xml"]
    if context.isDirectory("registry"):
        names += [f"registry/{each}" for each in context.listDirectory("registry")]
    for name in names:
        data = context.readDataFile(name)
        if data is not None:
            yield etree.fromstring(data)


def _values(document: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over the names of records and their value elements."""
    for node in document:
        if not isinstance(node.tag, str) or not _applies(node):
            continue
        prefix = node.get("prefix") or node.get("interface")
        if node.tag.lower() == "record":
            name = node.get("name") or f"{prefix}.{node.get('field')}"
            for value in node.iterfind("value"):
                yield name, value
        elif node.tag.lower() == "records":
            for value in node.iterfind("value"):
                yield f"{prefix}.{value.get('key')}", value


def _applies(node: Any) -> bool:
    condition = node.get("condition")
    return condition is None or bool(evaluateCondition(condition))
