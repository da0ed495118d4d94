"""Which cache manager an object uses is a file beside it."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_cache_settings(edited):
    file = edited(samples.cached_file)
    assert file.text("cache") == "manager = ram\nenabled = no\n"
    obj = file("cache", "manager = ram\n")
    assert (obj.ZCacheable_getManagerId(), obj.ZCacheable_enabled()) == ("ram", 1)
    assert file("cache", "").ZCacheable_getManagerId() is None


def test_a_changed_file_leaves_the_cache(edited):
    file = edited(samples.cached_file)
    file.obj.ZCacheable_setEnabled(1)
    file.obj.ZCacheable_set("old")
    assert file.obj.ZCacheable_get() == "old"
    file.files = file.site.checkout("/folder")
    assert file.body("new").ZCacheable_get() is None


@pytest.mark.parametrize("text", ["enabled = perhaps\n", "size = 7\n"])
def test_other_settings_are_refused(edited, text):
    file = edited(samples.cached_file)
    with pytest.raises(SynchronizationError, match="are a manager and enabled"):
        file("cache", text)
