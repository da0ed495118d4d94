"""The steps of GenericSetup whose files are settings that are made in a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from xml.dom.minidom import Element

from Products.CMFCore.utils import getToolByName

from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.ofs.content.workflows import remove_undefined

__all__ = ["STEPS", "Step", "is_directory", "step_of"]

#: Called after an import with the site, and the files of the step before and after.
After = Callable[[Any, dict[str, bytes], dict[str, bytes]], None]


class Step(NamedTuple):
    """The export and import of some files of a profile."""

    #: The name of its main file without a suffix, and of its directory.
    prefix: str
    #: The names of the steps of GenericSetup.
    exported: str
    imported: str
    #: True if an import may purge everything that the main file describes.
    purges: bool = False
    #: True if an import gets only the differences: an importer may empty an index, or
    #: refuse its own export.
    prunes: bool = False
    after: After | None = None
    #: True if each object in its directory has a directory of its own.
    nests: bool = False

    @property
    def main(self) -> str:
        """The main file."""
        return f"{self.prefix}.xml"

    def has(self, name: str) -> bool:
        """Return True if the step has a file of this name."""
        return name == self.main or name.startswith(f"{self.prefix}/")


def _after_workflows(
    site: Any, before: dict[str, bytes], wanted: dict[str, bytes]
) -> None:
    """Remove the parts that definitions lack, and update permissions of content.

    The importer only adds parts.
    """
    tool = getToolByName(site, "portal_workflow")
    for name, data in wanted.items():
        head, _, last = name.rpartition("/")
        if last != "definition.xml":
            continue
        document = parsed(data)
        for workflow in tool.objectValues():
            if workflow.getId().replace(" ", "_") == head.partition("/")[2]:
                remove_undefined(workflow, document)
    tool.updateRoleMappings()


def _after_catalog(
    site: Any, before: dict[str, bytes], wanted: dict[str, bytes]
) -> None:
    """Fill new indexes."""
    old, new = (_indexes(each.get("catalog.xml")) for each in (before, wanted))
    if new - old:
        catalog = getToolByName(site, "portal_catalog")
        catalog.manage_reindexIndex(ids=sorted(new - old))


def _indexes(data: bytes | None) -> set[str]:
    if data is None:
        return set()
    found = parsed(data).getElementsByTagName("index")
    return {
        str(node.getAttribute("name"))
        for node in found
        if isinstance(node, Element) and not node.hasAttribute("remove")
    }


#: The steps in the order of imports: types before the workflows bound to them.
STEPS = (
    Step("skins", "skins", "skins"),
    Step("types", "typeinfo", "typeinfo"),
    Step("workflows", "workflows", "workflow", after=_after_workflows, nests=True),
    Step("rolemap", "rolemap", "rolemap", purges=True),
    Step("catalog", "catalog", "catalog", prunes=True, after=_after_catalog),
    Step("registry", "plone.app.registry", "plone.app.registry"),
    Step("repositorytool", "repositorytool", "repositorytool"),
    Step("memberdata_properties", "memberdata-properties", "memberdata-properties"),
    Step("userschema", "usersschema", "usersschema"),
    Step("actions", "actions", "actions"),
    Step("controlpanel", "controlpanel", "controlpanel"),
    Step("portlets", "portlets", "portlets", prunes=True),
    Step("viewlets", "viewlets", "viewlets"),
    Step("contentrules", "contentrules", "contentrules", purges=True),
)


def step_of(name: str) -> Step | None:
    """Return the step of a file of a profile, None for an unknown file."""
    return next((step for step in STEPS if step.has(name)), None)


def is_directory(name: str) -> bool:
    """Return True if a name in a profile is that of a directory, if it exists."""
    prefix, *below = name.split("/")
    step = next((step for step in STEPS if step.prefix == prefix), None)
    if step is None:
        return False
    # Ids of objects may have a dot; names of files always have one.
    return not below or (step.nests and len(below) == 1) or "." not in below[-1]
