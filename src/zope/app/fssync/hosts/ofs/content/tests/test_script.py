"""Scripts are files with their source; settings are beside them."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_settings_of_a_script(edited):
    script = edited(samples.script)
    text = script.text("settings")
    assert "parameters\n    a, b=1\n" in text
    assert "bind context = here\n" in text
    obj = script("settings", text.replace("a, b=1", "x").replace("= here", "= context"))
    assert obj._params == "x"
    assert obj.getBindingAssignments().getAssignedName("name_context") == "context"
    obj = script.body("return x * 2\n")
    assert obj(21) == 42
    with pytest.raises(SynchronizationError, match="no setting 'color'"):
        script("settings", "color = red\n")


def test_a_script_with_errors_is_stored(edited):
    script = edited(samples.script)
    assert script.body("return (\n").errors
