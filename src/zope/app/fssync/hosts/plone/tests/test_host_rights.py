"""Who may do what in Plone: nobody weaker than a manager changes it by what they send.

A reader, an editor and an administrator of the site write each part that gives rights
into content, and send settings, people, workflows and types that a manager has.  They
reach the states to which the workflow lets them go, and these give their rights alone.
"""

from __future__ import annotations

import json
from itertools import product

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


#: Has all content in a state.
STATE = """
from plone import api
for obj in [site[{name!r}], site[{name!r}].page, site[{name!r}].news]:
    if api.content.get_state(obj) != {state!r}:
        api.content.transition(obj, to_state={state!r})
"""

#: The states of the content, and those to which the transitions of a user lead.
OFFERED = """
import json
from AccessControl.SecurityManagement import newSecurityManager
from plone import api
folder = site[{name!r}]
states = [api.content.get_state(each) for each in (folder, folder.page, folder.news)]
user = site.acl_users.getUser({user!r})
newSecurityManager(None, user.__of__(site.acl_users))
tool = site.portal_workflow
(workflow,) = tool.getWorkflowsFor(folder.page)
offered = [workflow.transitions[e["id"]] for e in tool.getTransitionsFor(folder.page)]
print(json.dumps([states, [each.new_state_id for each in offered]]))
"""

STATES = ["private", "pending", "published"]


def offered(plone, name, user):
    return json.loads(plone.run(OFFERED.format(name=name, user=user)))


@pytest.mark.parametrize("user", USERS)
def test_a_state_is_reached_by_the_transitions_that_a_user_may_do(
    plone, administrator, editor, user
):
    name = editor.name
    path = f"/Plone/{name}"
    inside = [path, f"{path}/page", f"{path}/news"]
    by_state, ways = {}, {}
    for state in reversed(STATES):
        plone.run(STATE.format(name=name, state=state))
        by_state[state] = rights(plone, name)
        _, ways[state] = offered(plone, name, user)
    allowed = {"private"}
    for _ in STATES:
        allowed |= {new for state in allowed for new in ways[state] if new in STATES}
    assert (allowed == {"private"}) == (user == "reader")
    reached = set()
    for place, state in product(("page", "news", ""), (*STATES[1:], "secret", "")):
        plone.run(STATE.format(name=name, state="private"))
        archive = Archive.fresh(plone.request("GET", f"{path}/@@toFS.snarf").body)
        above = name if place else ""
        where = f"{above}/@@Zope/Extra/{place or name}/workflow".lstrip("/")
        before = archive[where].decode()
        archive.edit(where, before.replace("private", state).encode())
        submit(plone, path, archive, user)
        found, after = offered(plone, name, user)[0], rights(plone, name)
        assert set(found) <= allowed, (place, state, found)
        reached |= set(found)
        for obj, now in zip(inside, found, strict=True):
            assert after[0][obj] == by_state[now][0][obj], (place, state, obj)
        assert after[1:] == by_state["private"][1:]
    assert reached == allowed
