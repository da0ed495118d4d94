"""Texts of the server for people at a browser."""

from __future__ import annotations

from zope.i18nmessageid import Message

from zope.app.fssync.server import archivemerge
from zope.app.fssync.server.messages import _


def test_reasons_are_texts_to_be_translated() -> None:
    for reason in (_("some text"), archivemerge.CONFLICT, archivemerge.NO_FOLDER):
        assert isinstance(reason, Message)
        assert reason.domain == "zope.app.fssync"
        assert reason == str(reason)
