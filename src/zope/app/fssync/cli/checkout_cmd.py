"""zsync checkout."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import transferring
from zope.app.fssync.cli.common import url_and_target
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def checkout(opts: Options, args: list[str]) -> None:
    """%(program)s checkout [-u USER] URL [TARGETDIR]

    Copies the object that URL names, with all it contains, into a directory in
    TARGETDIR that is called as the last part of the path of URL.  TARGETDIR is
    the current directory by default and is made where it does not exist.  What
    the commands need to know later is kept in directories named @@Zope.

    URL has the form http://user:password@host:port/path, with https and
    zsync+ssh as well.  The path leads to an existing object, without views and
    skins, and is written as in a browser (%20 for a blank).  The user needs
    the permission to manage content to commit later.

    -u USER, --user=USER  the user, instead of writing it into URL

    A password in URL is kept in ~/.zsyncpass, which only you can read, and not
    in the working copy.  Without one the token that '%(program)s login' stored
    is used; without that you are asked.
    """
    url, target = url_and_target("checkout", args)
    user = user_option(opts)
    if user:
        url = _with_user(url, user)
    with client(url) as fs:
        transferring(fs, fs.checkout)(target)
        check_conflicts(fs)


def _with_user(url: str, user: str) -> str:
    """Put ``user`` into ``url``; both may name the same."""
    from urllib.parse import quote
    from urllib.parse import unquote

    scheme, separator, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    userinfo, at, _ = netloc.rpartition("@")
    if not at:
        return f"{scheme}{separator}{quote(user, safe='')}@{netloc}{slash}{path}"
    if unquote(userinfo.partition(":")[0]) != user:
        raise UsageError("-u/--user option and URL disagree on user name")
    return url


ENTRY = (checkout, "co", "u:", "user=")
