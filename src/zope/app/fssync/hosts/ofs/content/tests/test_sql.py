"""SQL methods are files with their template; settings are beside them."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_settings_of_an_sql_method(edited):
    method = edited(samples.sql_method)
    text = method.text("settings")
    obj = method("settings", text.replace("= 10", "= 11").replace("= db", "= other"))
    assert (obj.max_rows_, obj.connection_id) == (11, "other")
    assert method.body("select 1\n").src == "select 1\n"
    with pytest.raises(SynchronizationError, match="no SQL template"):
        method.body("<dtml-sqlgroup>")
