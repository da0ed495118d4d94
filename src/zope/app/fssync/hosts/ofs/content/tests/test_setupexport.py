"""Plugins that export themselves are files in the XML of GenericSetup."""

from __future__ import annotations

import Products.PluggableAuthService
import pytest
import transaction
import zope.component
from Products.PluggableAuthService.plugins.ChallengeProtocolChooser import (
    addChallengeProtocolChooserPlugin,
)
from Products.PluggableAuthService.plugins.DomainAuthHelper import (
    manage_addDomainAuthHelper,
)
from zope.configuration import xmlconfig

from zope.app.fssync.hosts.ofs.content.tests.users import sample
from zope.fssync.task.commit import CommitFailed

CHOOSER = "folder/acl_users/chooser"
DOMAIN = "folder/acl_users/domain"


@pytest.fixture
def users(types, site):
    context = xmlconfig.file("meta.zcml", zope.component)
    package = Products.PluggableAuthService
    xmlconfig.file("exportimport.zcml", package, context)
    users = site.make(sample)
    mapping = {"Browser": ["http"], "WebDAV": ["basic", "http"]}
    addChallengeProtocolChooserPlugin(users, "chooser", "Chooser", mapping)
    manage_addDomainAuthHelper(users, "domain", "Domains")
    users.domain.manage_addMapping("ann", "endswith", ".example.com", "Ann", ["Editor"])
    users.domain.manage_addMapping("", "regex", "10[.].*", "anybody", ["Reader"])
    transaction.commit()
    return users


def test_plugins_are_xml(users, site):
    files = site.checkout("/folder")
    assert b'label="WebDAV" protocols="basic,http"' in files[CHOOSER]
    assert b'match_string=".example.com"' in files[DOMAIN]
    assert not [path for path, body in files.items() if b"<pickle>" in body]


def test_a_change_is_committed(users, site):
    files = site.checkout("/folder")
    files.edit(CHOOSER, files[CHOOSER].replace(b"basic,http", b"basic"))
    files.edit(DOMAIN, files[DOMAIN].replace(b"Editor", b"Author"))
    site.commit("/folder", files)
    users = site.app.folder.acl_users
    assert users.chooser._map["WebDAV"] == ("basic",)
    assert users.domain.listMappingsForUser("ann")[0]["roles"] == ["Author"]
    assert users.domain.title == "Domains"


def test_a_copy_is_the_same(users, site, other):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    there = other.app.folder.acl_users
    assert there.chooser._map["Browser"] == ("http",)
    assert there.chooser.title == "Chooser"
    for name in ("ann", ""):
        told = [each.domain.listMappingsForUser(name) for each in (users, there)]
        for mapping in (*told[0], *told[1]):
            # It tells when the mapping was made.
            del mapping["match_id"]
        assert told[0] == told[1]
    assert there.domain._findMatches("", "10.1.1.1", "10.1.1.1")


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (CHOOSER, b"<domain-auth/>", "does not describe a challenge-protocol-chooser"),
        (CHOOSER, b"<a", "not well-formed"),
        (
            DOMAIN,
            b'<domain-auth><user user_id="a"><match match_type="x"/></user>'
            b"</domain-auth>",
            "not taken",
        ),
    ],
)
def test_an_invalid_file_is_refused(users, site, path, text, reason):
    files = site.checkout("/folder")
    files.edit(path, text)
    with pytest.raises(CommitFailed, match=reason):
        site.commit("/folder", files)
