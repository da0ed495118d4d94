"""zsync cleanup."""

import pytest

from zope.app.fssync.testing.controldata import control

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def interrupted(demo):
    """Leave the lock of a commit that has ended."""
    lock = control(demo.parent) / "Lock"
    lock.write_text("zsync commit, process 1 on elsewhere\n")
    return lock


def test_cleanup_of_a_sound_working_copy_has_nothing_to_do(zsync):
    assert zsync("cleanup", "co") == ""
    assert zsync("-C", "co/demo", "cleanup") == ""


def test_cleanup_removes_a_lock_that_no_process_holds(zsync, interrupted):
    assert "commit" in zsync("cleanup", "co")
    assert not interrupted.exists()


def test_cleanup_needs_a_working_copy(zsync):
    assert "nothing known about 'nosuch'" in zsync.refused("cleanup", "nosuch")
    (zsync.place / "plain").mkdir()
    assert "It is not in a working copy" in zsync.refused("cleanup", "plain")


def test_cleanup_tells_programs_what_it_did(zsync, interrupted):
    (message,) = zsync.document("cleanup", "co")["messages"]
    assert "commit" in message["text"]
