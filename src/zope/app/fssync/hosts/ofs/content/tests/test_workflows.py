"""Parts that the definition of a workflow lacks are removed."""

from __future__ import annotations

from types import SimpleNamespace

from OFS.Folder import Folder

from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.ofs.content.workflows import remove_undefined


def test_parts_without_a_definition_are_removed():
    kinds = ("states", "transitions", "variables", "worklists", "scripts")
    workflow = SimpleNamespace(**{kind: Folder(kind) for kind in kinds})
    for name in ("kept", "gone"):
        workflow.states._setObject(name, Folder(name))
    remove_undefined(workflow, parsed(b'<w><state state_id="kept"/></w>'))
    assert workflow.states.objectIds() == ["kept"]
