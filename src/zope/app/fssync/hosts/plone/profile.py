"""Export and import the settings of a site as a profile of GenericSetup.

Committed files are collected during a request and imported together, each step once,
since one file may depend on another.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from xml.parsers.expat import ExpatError

from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from plone.supermodel.parser import SupermodelParseError
from Products.GenericSetup.context import BaseContext
from Products.GenericSetup.interfaces import IExportContext
from Products.GenericSetup.interfaces import IImportContext
from zope.annotation.interfaces import IAnnotations
from zope.globalrequest import getRequest
from zope.interface import Invalid
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.setupbody import drop_unchanged
from zope.app.fssync.hosts.ofs.content.setupbody import mark_removed
from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.plone import registryxml
from zope.app.fssync.hosts.plone.profilesteps import STEPS
from zope.app.fssync.hosts.plone.profilesteps import Step
from zope.app.fssync.hosts.plone.profilesteps import step_of
from zope.app.fssync.hosts.plone.site import in_site
from zope.app.fssync.hosts.plone.site import of_its_state
from zope.fssync.errors import Error
from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _

__all__ = ["REFUSALS", "Given", "Profile"]

_KNOWN = "zope.app.fssync.hosts.plone.profile"

#: The errors that importers raise for invalid text.
REFUSALS = (
    *(AttributeError, ExpatError, ImportError, Invalid, LookupError, NameError),
    *(SupermodelParseError, TypeError, ValueError),
)


@implementer(IExportContext)
class Written(BaseContext):
    """An export context that collects files by their names."""

    def __init__(self, tool: Any) -> None:
        super().__init__(tool, "utf-8")
        self.files: dict[str, bytes] = {}

    def writeDataFile(
        self, filename: str, text: Any, content_type: str, subdir: str | None = None
    ) -> None:
        """See `IExportContext`."""
        name = filename if subdir is None else f"{subdir}/{filename}"
        self.files[name] = text.encode("utf-8") if isinstance(text, str) else text


@implementer(IImportContext)
class Given(BaseContext):
    """An import context with some files of a profile."""

    def __init__(self, tool: Any, files: dict[str, bytes], purges: bool) -> None:
        super().__init__(tool, "utf-8")
        self._files = files
        self._should_purge = purges

    def readDataFile(self, filename: str, subdir: str | None = None) -> bytes | None:
        """See `IImportContext`."""
        name = filename if subdir is None else f"{subdir}/{filename}"
        return self._files.get(name)

    def getLastModified(self, path: str) -> None:
        """See `IImportContext`."""

    def isDirectory(self, path: str) -> bool:
        """See `IImportContext`."""
        return any(each.startswith(f"{path}/") for each in self._files)

    def listDirectory(self, path: str, skip: Any = (), **kw: Any) -> list[str]:
        """See `IImportContext`."""
        begin = f"{path}/" if path else ""
        inside = (each for each in self._files if each.startswith(begin))
        return sorted({each[len(begin) :].partition("/")[0] for each in inside})


class Profile:
    """The files of a site, whose setup tool is ``tool``."""

    def __init__(self, tool: Any) -> None:
        self.tool = aq_inner(tool)
        known = IAnnotations(getRequest()).setdefault(_KNOWN, {})
        # A page may compare two old states.
        before = getattr(aq_base(self.tool)._p_jar, "before", None)
        state = self.tool.getPhysicalPath(), before
        # The exported files by step, the files to import, and the new directories.
        self._written, self._given, self._new = known.setdefault(state, ({}, {}, set()))

    def files(self, step: Step) -> dict[str, bytes]:
        """Return the files that a step exports."""
        if step.main not in self._written:
            with in_site(self.tool), of_its_state(self.tool):
                self._written[step.main] = self._export(step)
        found: dict[str, bytes] = self._written[step.main]
        return found

    def _export(self, step: Step) -> dict[str, bytes]:
        context = Written(self.tool)
        if step.main == "registry.xml":
            return {step.main: registryxml.dumps(context)}
        export = self.tool.getExportStep(step.exported)
        if export is None:
            return {}
        export(context)
        return context.files

    def names(self, directory: str) -> Iterator[tuple[str, bool]]:
        """Iterate over the names in a directory, with True for directories."""
        begin = f"{directory}/" if directory else ""
        found: dict[str, bool] = {}
        for step in STEPS:
            if directory and not step.has(f"{begin}x"):
                continue
            for name in {**self.files(step), **self._waiting(step)}:
                if name.startswith(begin):
                    first, slash, _ = name[len(begin) :].partition("/")
                    found[first] = bool(slash)
        for name in self._new:
            above, _, last = name.rpartition("/")
            if above == directory:
                found.setdefault(last, True)
        return iter(sorted(found.items()))

    def is_directory(self, name: str) -> bool | None:
        """Return whether an entry is a directory, None if there is no such entry.

        Nothing is exported but what a file of this name is part of.
        """
        for step in STEPS:
            if not step.has(name) and step.prefix != name:
                continue
            for each in {**self.files(step), **self._waiting(step)}:
                if each == name or each.startswith(f"{name}/"):
                    return each != name
        return True if name in self._new else None

    def make_directory(self, name: str) -> None:
        """Add an empty directory."""
        self._new.add(name)

    def _waiting(self, step: Step) -> dict[str, bytes]:
        return {name: data for name, data in self._given.items() if step.has(name)}

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None if it does not exist."""
        step = step_of(name)
        if step is None:
            return None
        found: bytes | None = self.files(step).get(name, self._given.get(name))
        return found

    def write(self, name: str, data: bytes) -> None:
        """Add a file, which `apply` imports."""
        if step_of(name) is None:
            raise SynchronizationError(
                _(
                    "a profile has no file ${name} that is recorded here",
                    mapping={"name": repr(name)},
                ),
                advice=_(
                    "There are: ${names}.",
                    mapping={"names": ", ".join(step.main for step in STEPS)},
                ),
            )
        if posixpath.splitext(name)[1] == ".xml":
            parsed(data)
        self._given[name] = data

    def apply(self) -> None:
        """Import the files that were written since the last call."""
        with in_site(self.tool):
            for step in STEPS:
                given = self._waiting(step)
                for name in given:
                    del self._given[name]
                if given:
                    self._import(step, given)

    def _import(self, step: Step, given: dict[str, bytes]) -> None:
        before = self.files(step)
        try:
            if step.main == "registry.xml":
                registryxml.loads(Given(self.tool, given, False), given[step.main])
            else:
                self._run(step, given, before)
        except Error:
            raise
        except REFUSALS as error:
            # That of a model goes on with a traceback.
            said = str(error).partition("\n")[0]
            raise SynchronizationError(
                _(
                    "${names}: ${class}: ${reason}",
                    mapping={
                        "names": ", ".join(sorted(given)),
                        "class": type(error).__name__,
                        "reason": said,
                    },
                )
            ) from error
        # An import may change the files of other steps.
        self._written.clear()

    def _run(
        self, step: Step, given: dict[str, bytes], before: dict[str, bytes]
    ) -> None:
        run = self.tool.getImportStep(step.imported)
        if run is None:
            raise SynchronizationError(
                _(
                    "the site has no step ${step}",
                    mapping={"step": repr(step.imported)},
                )
            )
        rest = dict(given)
        main = rest.pop(step.main, None)
        if main is not None:
            if not step.purges and step.main in before:
                document, current = parsed(main), parsed(before[step.main])
                mark_removed(document, current)
                if step.prunes:
                    drop_unchanged(document, current)
                main = document.toxml("utf-8")
            run(Given(self.tool, {step.main: main}, step.purges))
        for purges in (False, True):
            # A new object keeps its defaults; an existing one is purged first.
            some = {name: rest[name] for name in rest if (name in before) is purges}
            if some:
                run(Given(self.tool, some, purges))
        if step.after is not None:
            step.after(aq_parent(self.tool), before, given)

    def remove(self, name: str) -> None:
        """Remove the object that a file or a directory describes."""
        step, parts = step_of(name), name.split("/")
        if step is None or len(parts) != 2:
            raise SynchronizationError(
                _("${name} cannot be removed alone", mapping={"name": repr(name)}),
                advice=_("Remove what it describes from the file that lists it."),
            )
        stem = parts[1].removesuffix(".xml")
        document = parsed(self.files(step)[step.main])
        for node in document.getElementsByTagName("object"):
            if node.getAttribute("name").replace(" ", "_") == stem:
                node.setAttribute("remove", "True")
        with in_site(self.tool):
            run = self.tool.getImportStep(step.imported)
            run(Given(self.tool, {step.main: document.toxml("utf-8")}, False))
        self._written.clear()
