"""A rehearsal and its confirmation, as far as Put does not show them."""

from __future__ import annotations

import webtest
from zope.site.folder import Folder

from zope.app.fssync.browser.tests.test_pages_put import PAGE
from zope.app.fssync.browser.tests.test_pages_put import Person
from zope.app.fssync.browser.tests.test_pages_put import zipped
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.limits import DEFAULT


def rehearsed(site: ServerSite) -> webtest.TestResponse:
    site.root["demo"] = Folder()
    site.commit()
    return Person(site).rehearse(zipped(**{"a.txt": b"1\n"}), remove=True, note="why")


def test_a_message_is_sent_once_more(site: ServerSite) -> None:
    form = rehearsed(site).form
    assert form.action == PAGE.rpartition("/")[2]
    fields = dict(form.submit_fields("confirm"))
    assert (fields["remove"], fields["note"], fields["confirm"]) == ("1", "why", "1")


def test_without_the_digest_of_what_was_shown_nothing_is_changed(
    site: ServerSite,
) -> None:
    page = rehearsed(site)
    page.form["digest"].force_value("0" * 64)
    again = page.form.submit("confirm")
    assert "have changed in the meantime" in again.text
    assert "a.txt" not in site.root["demo"]


def test_a_long_message_is_refused(site: ServerSite) -> None:
    page = rehearsed(site)
    page.form["note"].value = "x" * (DEFAULT.note_size + 1)
    response = page.form.submit("confirm", expect_errors=True)
    assert response.status_int == 413
    assert "a.txt" not in site.root["demo"]
