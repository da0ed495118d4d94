"""Users, groups and roles of plugins are lines of files."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests.users import USERS
from zope.app.fssync.hosts.ofs.content.tests.users import authenticates
from zope.app.fssync.hosts.ofs.content.tests.users import sample
from zope.fssync.task.commit import CommitFailed


def test_files_tell_who_is_in_what(site):
    site.make(sample)
    files = site.checkout("/folder")
    assert files[f"{USERS}/people"].decode() == (
        "ann (user)\n    login: ann@example.org\nbob (user)\nzsync (user)\n"
    )
    assert files[f"{USERS}/groups"].decode() == (
        "editors (group)\n    title: Editors\n    description: They edit\n"
        "    member: ann\n"
        "staff (group)\n    title: Häuser\n"
        '    "description: Two\\nlines"\n    member: bob\n'
    )
    assert (
        "Editor (role)\n    title: An editor\n    description: Edits\n"
        "    principal: editors\n    principal: zsync\n"
    ) in files[f"{USERS}/roles"].decode()
    assert "IExtractionPlugin\n    basic\n" in files[f"{USERS}/plugins"].decode()


def test_passwords_stay_in_the_database_unless_asked_for(site, request):
    users = site.make(sample)
    digests = [bytes(each) for each in users.people._user_passwords.values()]
    assert len(digests) == 3
    files = site.checkout("/folder")
    leaks = [p for p, body in files.items() for d in digests if d in body]
    assert leaks == []
    request.getfixturevalue("recording")
    files = site.checkout("/folder")
    assert all(digest in files[f"{USERS}/people"] for digest in digests)


def test_users_keep_their_passwords_and_new_ones_have_none(site):
    users = site.make(sample)
    files = site.checkout("/folder")
    files.edit(f"{USERS}/people", b"ann (user)\n    login: Ann\ncarl (user)\n")
    site.commit("/folder", files)
    assert sorted(users.people.listUserIds()) == ["ann", "carl"]
    assert authenticates(users, "Ann", "ann")
    assert not authenticates(users, "carl", "")
    assert not authenticates(users, "bob", "bob")


def test_a_password_can_be_set_in_a_file(site):
    users = site.make(sample)
    files = site.checkout("/folder")
    files.edit(f"{USERS}/people", b"ann (user)\n    password: new\n")
    site.commit("/folder", files)
    assert authenticates(users, "ann", "new")
    assert b"new" not in users.people._user_passwords["ann"]


def test_groups_and_roles_are_edited(site):
    users = site.make(sample)
    files = site.checkout("/folder")
    files.edit(f"{USERS}/groups", b"editors (group)\n    title: New\n    member: bob\n")
    roles = b"Manager (role)\n    principal: bob\nWriter (role)\n    title: Writes\n"
    files.edit(f"{USERS}/roles", roles)
    site.commit("/folder", files)
    assert dict(users.groups._principal_groups.items()) == {
        "ann": (),
        "bob": ("editors",),
    }
    assert users.groups.getGroupInfo("editors")["title"] == "New"
    assert sorted(users.roles.listRoleIds()) == ["Manager", "Writer"]
    assert users.roles.getRolesForPrincipal(users.getUserById("p-bob")) == ()
    assert users.roles._principal_roles["bob"] == ("Manager",)
    assert users.roles.getRoleInfo("Writer")["title"] == "Writes"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("people", "ann (group)\n", "no user"),
        ("people", "ann (user)\n    role: Manager\n", "none of: login, password"),
        ("people", "bob (user)\n    login: ann@example.org\nann (user)\n", "another"),
        ("people", "carl (user)\n    login: zsync\nzsync (user)\n", "another user"),
    ],
)
def test_nonsense_is_refused(site, name, text, said):
    site.make(sample)
    files = site.checkout("/folder")
    files.edit(f"{USERS}/{name}", text.encode())
    with pytest.raises(CommitFailed, match=said):
        site.commit("/folder", files)
