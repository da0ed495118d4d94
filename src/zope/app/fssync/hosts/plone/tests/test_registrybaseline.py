"""Values that profiles give are not those that people give."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

#: Records of a site as it was made: few have values that no profile gave.
COUNT = """
from plone.registry.interfaces import IRegistry
from zope.component import getUtility
from zope.app.fssync.hosts.plone.registrybaseline import Baseline
registry = getUtility(IRegistry)
baseline = Baseline(site.portal_setup)
changed = [n for n in registry.records if baseline.has_changed(registry.records[n])]
print(len(registry.records) > 1000, len(changed) < 30)
record = registry.records["plone.app.querystring.field.Creator.title"]
print(baseline.of(record) == record.value != record.field.default)
print(baseline.knows("plone.app.querystring.field.Creator.title"), baseline.knows("x"))
"""


def test_values_that_profiles_gave_are_no_changes(plone):
    assert plone.run(COUNT) == "True True\nTrue\nTrue False\n"
