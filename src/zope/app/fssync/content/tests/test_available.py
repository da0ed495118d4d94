"""The directive that includes what can be imported."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from zope.component import queryUtility
from zope.configuration import xmlconfig
from zope.interface import Interface
from zope.testing.cleanup import cleanUp

import zope.app.fssync


class IFound(Interface):
    """A utility of the package that is included."""


FOUND = f"""
<configure xmlns="http://namespaces.zope.org/zope">
  <utility component="{__name__}.IFound" provides="{__name__}.IFound" />
</configure>
"""


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Put a package and the modules that it may need on the path."""
    sources = {
        "fssync_included/__init__": "",
        "fssync_python2": "print 'this is Python 2'\n",
        "fssync_lacks": "import fssync_is_nowhere\n",
        "fssync_works": "",
    }
    for name, source in sources.items():
        path = Path(tmp_path, f"{name}.py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    Path(tmp_path, "fssync_included", "found.zcml").write_text(FOUND)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("fssync_included", None)
    cleanUp()


@pytest.mark.parametrize(
    ("module", "found"),
    [
        ("fssync_works", True),
        ("fssync_python2", False),
        ("fssync_lacks", False),
        ("fssync_is_nowhere", False),
    ],
)
def test_a_file_is_included_if_its_module_can_be_imported(
    modules, tmp_path, module, found
):
    context = xmlconfig.file("meta.zcml", zope.app.fssync)
    Path(tmp_path, "fssync_included", "configure.zcml").write_text(
        f"""
        <configure
            xmlns="http://namespaces.zope.org/zope"
            xmlns:fssync="http://namespaces.zope.org/fssync"
            >
          <include package="zope.component" file="meta.zcml" />
          <fssync:includeAvailable file="found.zcml" module="{module}" />
        </configure>
        """
    )
    xmlconfig.include(context, package=import_module("fssync_included"))
    context.execute_actions()
    assert (queryUtility(IFound) is not None) is found
