"""The pages in the site setup of Plone."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]


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


INSTALL = """
from Products.CMFPlone.controlpanel.browser.quickinstaller import InstallerView
installer = InstallerView(site, site.REQUEST)
product = "zope.app.fssync.hosts.plone"
def entries():
    return [each.id for each in site.portal_controlpanel.listActions()].count("zsync")
print(entries(), installer.install_product(product), entries())
print(installer.uninstall_product(product), entries())
"""


def test_the_addon_adds_an_entry_to_the_site_setup_until_it_is_removed(plone):
    assert plone.run(INSTALL) == "0 True 1\nTrue 0\n"


def test_a_form_needs_the_token_of_plone(plone):
    answer = plone.request(
        "POST",
        "/Plone/@@synchronize-put.html",
        body=b"confirm=1",
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status == 403
    assert "not sent by a page of this server" in answer.text
