"""The client keeps its contract, and the names that add-ons for 3.6.0 use."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from zope.interface.verify import verifyClass
from zope.interface.verify import verifyObject

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.interfaces import IClient

#: The signatures of 3.6.0.  More parameters may follow.
OF_3_6_0 = {
    "__init__": "metadata network rooturl overwrite_local",
    "add": "path type factory",
    "basicadd": "path type factory",
    "checkin": "target note",
    "checkout": "target",
    "commit": "target note raise_on_conflicts",
    "copy": "src dst children",
    "diff": "target mode diffopts need_original",
    "login": "url user",
    "logout": "url user",
    "merge": "args",
    "mkdir": "path",
    "multiple": "args method",
    "remove": "path",
    "reporter": "msg",
    "resolve": "target",
    "revert": "target",
    "status": "target descend_only verbose",
    "update": "target",
}


def test_the_client_provides_its_interface(home: Path) -> None:
    verifyClass(IClient, FSSync)
    verifyObject(IClient, FSSync())


@pytest.mark.parametrize("name", OF_3_6_0)
def test_the_methods_of_3_6_0_are_called_as_before(name: str) -> None:
    _, *found = inspect.signature(getattr(FSSync, name)).parameters
    expected = OF_3_6_0[name].split()
    assert found[: len(expected)] == expected


def test_every_verb_is_documented() -> None:
    assert [name for name in IClient if not IClient[name].__doc__] == []
