"""The pages in the site setup of Plone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_the_page_stands_in_the_site_setup(plone):
    answer = plone.request("GET", "/Plone/@@synchronize.html")

    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"].split("; ")
    # Scripts of Plone insert styles.
    unsafe = [each.split()[0] for each in policy if "unsafe" in each]
    assert unsafe == ["style-src"]
    assert 'class="zsync"' in answer.text
    assert "controlpanel" in answer.text


def test_strangers_are_asked_to_log_in(plone):
    answer = plone.request("GET", "/Plone/@@synchronize.html", user=None)

    assert answer.status == 302
    assert "require_login" in answer.headers["Location"]


def test_the_profile_adds_an_entry_to_the_site_setup(plone):
    said = plone.run(
        "site.portal_setup.runAllImportStepsFromProfile("
        "'profile-zope.app.fssync.hosts.plone:default')\n"
        "print([each.id for each in site.portal_controlpanel.listActions()])\n"
    )

    assert "'zsync'" in said


def test_a_form_needs_the_token_of_plone(plone):
    answer = plone.request(
        "POST",
        "/Plone/@@synchronize-put.html",
        body=b"confirm=1",
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status == 403
    assert "not sent by a page of this server" in answer.text
