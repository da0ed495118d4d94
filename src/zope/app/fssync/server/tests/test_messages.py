"""Texts of the server for people at a browser."""

from __future__ import annotations

from zope.i18nmessageid import Message

from zope.app.fssync.server import archivemerge
from zope.app.fssync.server.messages import _
from zope.fssync.errors import Error


def test_reasons_are_texts_to_be_translated() -> None:
    for reason in (_("some text"), archivemerge.CONFLICT, archivemerge.NO_FOLDER):
        assert isinstance(reason, Message)
        assert reason.domain == "zope.app.fssync"
        assert reason == str(reason)


def test_where_nothing_is_translated_values_are_put_in() -> None:
    inner = _("more than ${number}", mapping={"number": 3})
    mapping = {"name": "${number}", "reason": inner}
    error = Error(_("'${name}': ${reason}", mapping=mapping), advice=_("Try again."))
    assert str(error) == "'${number}': more than 3\nTry again."
    assert str(Error("${name}")) == "${name}"
