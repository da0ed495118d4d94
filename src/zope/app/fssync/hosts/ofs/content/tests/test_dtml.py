"""DTML methods are files with their source, which has to parse."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_dtml_is_parsed(edited):
    method = edited(samples.dtml_method)
    assert method.body("<dtml-var y>")(y=5) == "5"
    with pytest.raises(SynchronizationError, match="no DTML"):
        method.body("<dtml-if y>")
