"""Cache managers are files with their settings."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_a_cache_in_memory(edited):
    cache = edited(samples.ram_cache)
    assert cache.body("threshold = 9\n").getSettings()["threshold"] == 9


def test_a_cache_of_others(edited):
    cache = edited(samples.http_cache)
    text = cache.files[f"folder/{cache.name}"].decode()
    assert text.startswith("title = ")
    with pytest.raises(SynchronizationError, match="no setting 'threshold'"):
        cache.body("threshold = 9\n")
