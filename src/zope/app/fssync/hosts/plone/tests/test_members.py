"""People are readable files without passwords."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def people(plone, editor, tmp_path):
    return type(editor)(tmp_path / "people", plone, "acl_users").checkout()


@pytest.mark.oldest
def test_people_are_lines_without_passwords(people):
    assert "editor (user)\n" in people.read("source_users")
    assert "Reviewers (group)\n    title: Reviewers\n" in people.read("source_groups")
    roles = people.read("portal_role_manager")
    assert "Editor (role)\n    principal: editor\n" in roles
    assert 'email: "editor@example.com"' in people.read("mutable_properties")
    everything = b"".join(
        each.read_bytes() for each in people.top.rglob("*") if each.is_file()
    )
    assert b"secret-1234" not in everything
    assert b"SSHA" not in everything
    assert b"$2b$" not in everything


@pytest.mark.oldest
def test_a_member_and_a_group_come_from_files(people, plone):
    people.edit(
        people.path("source_users"), "reader (user)", "new (user)\nreader (user)"
    )
    data = people.path("mutable_properties")
    data.write_text(data.read_text() + 'new (member)\n    fullname: "N. Ew"\n')
    groups = people.path("source_groups")
    groups.write_text(groups.read_text() + "club (group)\n    member: new\n")

    people.commit()

    said = plone.run(
        "from plone import api\n"
        "new = api.user.get('new')\n"
        "print(new.getProperty('fullname'))\n"
        "print(sorted(g.getId() for g in api.group.get_groups(user=new)))\n"
        "api.user.delete(username='new')\n"
        "api.group.delete(groupname='club')\n"
    )
    assert said == "N. Ew\n['AuthenticatedUsers', 'club']\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("colour: 1", "'colour' of 'editor' is no property"),
        ("fullname: no JSON", "fullname of editor: "),
        ("fullname: 3", "3 is no string"),
        ('login_time: "2026"', "is no property"),
    ],
)
def test_invalid_property_is_refused(people, line, said):
    people.edit(
        people.path("mutable_properties"),
        "editor (member)\n",
        f"editor (member)\n    {line}\n",
    )

    assert said in people.commit(status=6)
