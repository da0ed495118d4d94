"""Passwords stay in the database unless a site decides else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from AuthEncoding.AuthEncoding import pw_encrypt
from OFS.Folder import Folder
from OFS.userfolder import UserFolder
from zope.component import provideUtility
from zope.interface.verify import verifyObject
from zope.testing.cleanup import cleanUp

from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.secrets import RecordAll
from zope.app.fssync.hosts.ofs.content.secrets import keeps_passwords
from zope.app.fssync.hosts.ofs.content.secrets import recorded
from zope.app.fssync.hosts.ofs.content.secrets import stored
from zope.app.fssync.hosts.ofs.content.secrets import text


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    cleanUp()


def test_nothing_is_recorded_unless_a_policy_says_so() -> None:
    obj = Folder()
    assert not recorded(obj, "password")
    provideUtility(RecordAll())
    assert verifyObject(ISecretsPolicy, RecordAll())
    assert recorded(obj, "password")


def test_user_folders_keep_passwords() -> None:
    assert keeps_passwords(UserFolder())
    assert not keeps_passwords(Folder())


def test_encrypted_passwords_are_bytes_and_come_back() -> None:
    encrypted = pw_encrypt("secret")
    assert stored(text(encrypted)) == encrypted
    assert stored("secret") == "secret"
    assert stored(None) is None
