"""The registry of a site as the XML of a profile, with the changed records only.

Records with the default of their field or the value of a profile are left out, as are
passwords.
"""

from __future__ import annotations

from typing import Any

from lxml import etree
from plone.app.registry.exportimport.handler import RegistryExporter
from plone.app.registry.exportimport.handler import RegistryImporter
from plone.registry.interfaces import IInterfaceAwareRecord
from plone.registry.interfaces import IRegistry
from plone.supermodel.utils import prettyXML
from zope.component import getUtility
from zope.schema.interfaces import IPassword
from zope.schema.interfaces import ValidationError

from zope.app.fssync.hosts.plone.registrybaseline import Baseline
from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _

__all__ = ["dumps", "loads"]


def dumps(environ: Any) -> bytes:
    """Return the XML of the records that users have changed."""
    registry = getUtility(IRegistry)
    baseline = Baseline(environ.getSetupTool())
    exporter = RegistryExporter(registry, environ)
    root = etree.Element("registry")
    for name in _changed(registry, baseline):
        node = exporter.exportRecord(registry.records[name])
        if _of_interface(registry.records[name]):
            # A profile names the field of the interface.
            for field in node.findall("field"):
                node.remove(field)
        root.append(node)
    text: Any = prettyXML(root)
    return text if isinstance(text, bytes) else str(text).encode("utf-8")


def loads(environ: Any, data: bytes) -> None:
    """Set records to their values; reset those that are left out."""
    registry = getUtility(IRegistry)
    baseline = Baseline(environ.getSetupTool())
    wanted = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    named = {_name(node) for node in wanted.iter("record")}
    for name in _changed(registry, baseline):
        if name not in named:
            _reset(registry, name, baseline)
    RegistryImporter(registry, environ).importDocument(data)


def _changed(registry: Any, baseline: Baseline) -> list[str]:
    found = []
    for name in registry.records:
        record = registry.records[name]
        if not IPassword.providedBy(record.field) and baseline.has_changed(record):
            found.append(name)
    return sorted(found)


def _of_interface(record: Any) -> bool:
    if not IInterfaceAwareRecord.providedBy(record):
        return False
    interface = record.interface
    return interface is not None and record.fieldName in interface


def _name(node: Any) -> str:
    name = node.get("name")
    if name:
        return str(name)
    prefix = node.get("prefix") or node.get("interface")
    return f"{prefix}.{node.get('field')}"


def _reset(registry: Any, name: str, baseline: Baseline) -> None:
    record = registry.records[name]
    if not _of_interface(record) and not baseline.knows(name):
        del registry.records[name]
        return
    try:
        record.value = baseline.of(record)
    except ValidationError as error:
        raise SynchronizationError(
            _(
                "registry.xml: the record ${name} needs a value: ${reason}",
                mapping={"name": repr(name), "reason": repr(error)},
            )
        ) from error
