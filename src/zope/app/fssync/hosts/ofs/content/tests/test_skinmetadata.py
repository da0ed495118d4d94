"""Files of skins with the settings of other files are read when those are made."""

from __future__ import annotations

import pytest
import transaction
from zExceptions import Forbidden

from zope.app.fssync.hosts.ofs.content.skinmetadata import Metadata
from zope.app.fssync.hosts.ofs.content.skinmetadata import parse
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.task.commit import CommitFailed

METADATA = b"""\
[default]
title = A form: with more
proxy = Manager, Owner

[security]
View = 0:Manager,Owner
Access contents information = 1:Anonymous

[validators]
validators = validate_base
"""


def test_metadata_are_parsed_into_title_and_parts():
    assert parse(METADATA) == Metadata(
        "A form: with more",
        {
            "permissions": (
                Item("View", lines=("Manager", "Owner")),
                Item(
                    "Access contents information",
                    lines=("Anonymous",),
                    kind="acquired too",
                ),
            ),
            "proxy-roles": (Item("Manager"), Item("Owner")),
        },
    )


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"title = no section", b"[other]\na = b\n", b"[default]\n\xff"]
)
def test_files_of_other_kinds_say_nothing(data):
    assert parse(data) is None


@pytest.fixture
def commit(site):
    """Add files to the folder, and return it."""
    site.make(samples.plain_folder)

    def commit(**contents):
        files = site.checkout("/folder")
        for name, content in contents.items():
            files.add(f"folder/{name.replace('_', '.')}", content)
        site.commit("/folder", files)
        return site.app.folder

    return commit


def test_metadata_are_applied_to_new_objects_beside_them(commit):
    folder = commit(run_py=b"return 1\n", run_py_metadata=METADATA)
    script = folder["run.py"]
    assert script.title == "A form: with more"
    assert script._proxy_roles == ("Manager", "Owner")
    assert script._View_Permission == ("Manager", "Owner")
    assert script._Access_contents_information_Permission == ["Anonymous"]
    # No byte is lost: it stays a file.
    assert folder["run.py.metadata"].data == METADATA


def test_metadata_are_not_applied_to_existing_objects(commit):
    folder = commit(run_py=b"return 1\n")
    assert not folder["run.py"].title
    folder = commit(run_py_metadata=METADATA, lonely_pt_metadata=METADATA)
    assert not folder["run.py"].title
    assert not folder["run.py"]._proxy_roles


BAD = {
    b"[security]\nView = Manager\n": "needs 0 or 1, a colon, and roles",
    b"[security]\nViewing = 0:Manager\n": "there is no permission 'Viewing'",
    b"[security]\nView = 0:Managerr\n": "there is no role 'Managerr'",
    b"[default]\nproxy = Managerr\n": "Managerr",
}


@pytest.mark.parametrize("data", BAD)
def test_values_without_a_meaning_are_refused(commit, data):
    with pytest.raises((SynchronizationError, Forbidden), match=BAD[data]):
        commit(run_py=b"return 1\n", run_py_metadata=data)


def test_unknown_settings_of_a_type_are_refused(commit):
    with pytest.raises(SynchronizationError, match="cannot have proxy-roles"):
        commit(a_css=b"p {}", a_css_metadata=b"[default]\nproxy = Manager\n")


PERMISSIONS = (
    "Access contents information",
    "Add Documents, Images, and Files",
    "Add Python Scripts",
    "Change Images and Files",
    "Change Python Scripts",
    "Manage properties",
    "View management screens",
)


@pytest.mark.parametrize(
    "data", [b"[security]\nView = 0:Manager\n", b"[default]\nproxy = Authenticated\n"]
)
def test_a_user_who_may_add_a_script_may_not_change_its_security(commit, site, data):
    for permission in PERMISSIONS:
        site.app.folder.manage_permission(permission, ["Authenticated", "Manager"])
    transaction.commit()
    site.user = "reader"
    with pytest.raises(CommitFailed, match="you need the permission 'Change p"):
        commit(run_py=b"return 1\n", run_py_metadata=data)
    folder = commit(run_py=b"return 1\n", run_py_metadata=b"[default]\ntitle = T\n")
    assert folder["run.py"].title == "T"
