"""Log in and out: store the password for a server, and delete it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zope.fssync.errors import Error

if TYPE_CHECKING:
    from zope.app.fssync.client.connection import Network

__all__ = ["login", "login_info", "logout", "logout_all"]


def login(
    network: Network, url: str | None, user: str | None, check: bool
) -> tuple[str, str, str]:
    """Store a login; return the server, the user and the place.

    With ``check`` it must be one that the server accepts.
    """
    scheme, host_port, user = login_info(network, url, user)
    token = network.newToken(scheme, host_port, user)
    if check:
        network.check_password(user, token)
    return f"{scheme}://{host_port}", user, network.keep_login(user, token)


def logout(network: Network, url: str | None, user: str | None) -> None:
    """Delete a stored login."""
    _, _, user = login_info(network, url, user)
    if not network.drop_login(user):
        raise Error("matching login info not found")


def logout_all(network: Network) -> int:
    """Delete all logins of the token file; return how many."""
    logins = network.logins()
    for each in logins:
        network.removeToken(*each)
    return len(logins)


def login_info(
    network: Network, url: str | None, user: str | None
) -> tuple[str, str, str]:
    """Return scheme, host and port, and user name, by default of the working copy."""
    if url:
        network.setrooturl(url)
    else:
        network.loadrooturl(os.curdir)
    location = network.location
    assert location is not None
    user = user or location.user or network.getUsername()
    return location.scheme, location.host_port, user
