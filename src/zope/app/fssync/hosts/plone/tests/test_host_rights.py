"""Who may do what in Plone: nobody weaker than a manager changes it by what they send.

A reader, an editor and an administrator of the site write each part that gives rights
into content, and send settings, people, workflows and types that a manager has.
"""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.testing.serversite import Archive

pytestmark = pytest.mark.slow

ADMINISTRATOR = """
from plone import api
if api.user.get(username="admina") is None:
    api.user.create("a@example.org", "admina", "secret-1234")
    api.user.grant_roles(username="admina", roles=["Site Administrator"])
"""

#: Who may do what with content and tools, who there is, and what each state shows.
RIGHTS = """
import json
from AccessControl.PermissionRole import rolesForPermissionOn
from AccessControl.users import nobody
from Acquisition import aq_base
TITLES = [
    "View", "Modify portal content", "Add portal content", "Delete objects",
    "Review portal content", "Manage portal", "Manage users", "Change permissions",
    "Change local roles", "Change proxy roles", "Take ownership", "Manage properties",
    "Import/Export objects", "View management screens",
]
users = [site.acl_users.getUser(name) for name in ("reader", "editor", "admina")]
users.append(nobody)
folder = site[{name!r}]
tools = ["acl_users", "portal_setup", "portal_workflow", "portal_types", "portal_skins"]
found = {{}}
for obj in [site, folder, *folder.objectValues(), *(site[name] for name in tools)]:
    may = []
    for title in TITLES:
        roles = rolesForPermissionOn(title, obj)
        roles = [roles] if isinstance(roles, str) else list(roles)
        able = [user for user in users if user.allowed(obj, roles)]
        may += [f"{{user.getUserName()}}: {{title}}" for user in able]
    own = [getattr(aq_base(obj), "_proxy_roles", ()), obj.getOwnerTuple()]
    found["/".join(obj.getPhysicalPath())] = [may, *map(str, own)]
people = {{u: sorted(site.acl_users.getUserById(u).getRoles())
          for u in site.acl_users.source_users.getUserIds()}}
groups = sorted(site.acl_users.source_groups.getGroupIds())
types = sorted(site.portal_types.objectIds())
registry = len(site.portal_registry.records)
print(json.dumps([found, people, groups, types, registry]))
"""

SECURITY = "zope.app.fssync.hosts.ofs.content.security"

#: Parts of content, what they are written as, and what they would do.
PARTS = {
    "roles-local": (f"{SECURITY}.LocalRoles", "{user}\n    Manager\n"),
    "permissions": (f"{SECURITY}.PermissionSettings", "View\n    Anonymous\n"),
    "roles": (f"{SECURITY}.Roles", "Manager2\n"),
    "proxy-roles": (f"{SECURITY}.ProxyRoles", "Manager\n"),
    "owner": (f"{SECURITY}.Owner", "user = {user}\nfolder = Plone/acl_users\n"),
    "attributes": (
        "zope.app.fssync.hosts.ofs.content.attributes.OtherAttributes",
        "<pickle><dictionary/></pickle>\n",
    ),
}

#: What a manager may describe: where it is, and files of it.
SETTINGS = {
    "portal_setup": [
        *("rolemap.xml", "workflows.xml", "types.xml", "registry/main.xml"),
        *("contentrules.xml", "portlets.xml", "actions.xml", "controlpanel.xml"),
    ],
    "acl_users": ["source_users", "portal_role_manager", "source_groups"],
    "portal_skins": [],
}

USERS = ["reader", "editor", "admina"]


@pytest.fixture(scope="module")
def administrator(plone):
    plone.run(ADMINISTRATOR)


def rights(plone, name):
    return json.loads(plone.run(RIGHTS.format(name=name)))


def submit(plone, path, archive, user):
    """Commit an archive; return whether it was taken."""
    answer = plone.request(
        "POST", f"{path}/@@fromFS.snarf", f"{user}:secret-1234", archive.dump()
    )
    assert answer.status < 500, answer.text
    return answer.headers["Content-Type"] == "application/x-snarf"


@pytest.mark.parametrize("user", USERS)
def test_nobody_gives_rights_by_a_part_of_content(plone, administrator, editor, user):
    before = rights(plone, editor.name)
    path = f"/Plone/{editor.name}"
    answer = plone.request("GET", f"{path}/@@toFS.snarf")
    assert answer.status == 200
    for place in ("page", "news", ""):
        for part, (kind, text) in PARTS.items():
            archive = Archive.fresh(answer.body)
            above = editor.name if place else ""
            where = f"{above}/@@Zope/Extra/{place or editor.name}/{part}".lstrip("/")
            told = text.format(user=user).encode()
            archive.add(where, told, type=kind, factory=kind)
            submit(plone, path, archive, user)
        assert rights(plone, editor.name) == before, (place, user)


@pytest.mark.parametrize("user", USERS)
def test_settings_and_people_are_those_of_a_manager(plone, administrator, editor, user):
    before = rights(plone, editor.name)
    for tool, wanted in SETTINGS.items():
        path = f"/Plone/{tool}"
        refused = plone.request("GET", f"{path}/@@toFS.snarf", f"{user}:secret-1234")
        assert refused.status in (401, 403), tool
        answer = plone.request("GET", f"{path}/@@toFS.snarf")
        assert answer.status == 200, tool
        there = Archive.fresh(answer.body)
        names = [f"{tool}/{each}" for each in wanted if f"{tool}/{each}" in there]
        assert bool(names) == bool(wanted), sorted(there)[:50]
        for name in names:
            archive = Archive(there)
            archive.edit(
                name, there[name].replace(b"Manager", b"Authenticated") + b"\n"
            )
            assert not submit(plone, path, archive, user), name
    assert rights(plone, editor.name) == before
