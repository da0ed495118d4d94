"""Scenarios tell what they found where it is not what they expect."""

import pytest

pytest.register_assert_rewrite("zope.app.fssync.tests.scenarios.compat.scenarios")
