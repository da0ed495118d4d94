"""A user folder of plugins, with something in every place."""

from zope.app.fssync.testing.ofs.pas import install

__all__ = ["USERS", "authenticates", "sample"]

USERS = "folder/acl_users"


def sample(parent):
    """A user folder with something in every place."""
    users = install(parent)
    users.title = "Our people"
    users.login_transform = "lower"
    users.people.updateUser("ann", "ann@example.org")
    users.people.prefix = "p-"
    users.groups.addGroup("staff", "Häuser", "Two\nlines")
    users.groups.addPrincipalToGroup("ann", "editors")
    users.groups.addPrincipalToGroup("bob", "staff")
    users.roles.assignRoleToPrincipal("Editor", "editors")
    users.roles.assignRoleToPrincipal("Editor", "zsync")
    return "acl_users"


def authenticates(users, login, password):
    found = users.people.authenticateCredentials({"login": login, "password": password})
    return found is not None
