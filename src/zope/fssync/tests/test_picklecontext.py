"""The context of pickles is that of the task, for as long as it runs."""

from __future__ import annotations

import threading

import pytest

from zope.fssync.picklecontext import UNBOUND
from zope.fssync.picklecontext import current
from zope.fssync.picklecontext import using


def test_fields_change_for_a_time_and_others_stay() -> None:
    with using(is_part=True), using(references={"a"}) as inner:
        assert current() is inner
        assert inner.is_part
        assert inner.references == {"a"}
    assert current() is UNBOUND


def test_an_error_restores_what_was() -> None:
    with pytest.raises(ValueError, match="within"), using(is_part=True):
        raise ValueError("within")
    assert current() is UNBOUND


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown_field"), using(unknown_field=1):
        pass


def test_other_threads_have_their_own() -> None:
    found = []
    with using(is_part=True):
        thread = threading.Thread(target=lambda: found.append(current()))
        thread.start()
        thread.join()
    assert found == [UNBOUND]
