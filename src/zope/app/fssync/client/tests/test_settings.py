"""What a working copy may set runs no program and sends no password anywhere."""

from __future__ import annotations

from zope.app.fssync.client.settings import HARMLESS
from zope.app.fssync.client.settings import KINDS


def test_every_setting_is_of_a_known_kind() -> None:
    assert set(KINDS.values()) == {"text", "texts", "flag", "seconds"}


def test_only_times_are_harmless() -> None:
    assert {KINDS[key] for key in HARMLESS} == {"seconds"}
