"""Secrets, as passwords: they are not written unless the site has a policy for it."""

from __future__ import annotations

from typing import Any

from AccessControl.userfolder import BasicUserFolder
from Acquisition import aq_base
from AuthEncoding.AuthEncoding import is_encrypted
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import providedBy

from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy

__all__ = ["RecordAll", "keeps_passwords", "recorded", "stored", "text"]


#: The interface of authentication plugins; their product may not be installed.
AUTHENTICATES = "Products.PluggableAuthService.interfaces.plugins.IAuthenticationPlugin"


def recorded(obj: Any, what: str) -> bool:
    """Return True if a secret is to be written to files."""
    policy = queryUtility(ISecretsPolicy)
    return policy is not None and bool(policy.records(obj, what))


def keeps_passwords(obj: Any) -> bool:
    """Return True if an object authenticates users, and may have their passwords."""
    base = aq_base(obj)
    return isinstance(base, BasicUserFolder) or any(
        each.__identifier__ == AUTHENTICATES for each in providedBy(base).flattened()
    )


def text(password: Any) -> str:
    """Return a password in its form in files."""
    return password.decode("latin-1") if isinstance(password, bytes) else str(password)


def stored(password: str | None) -> Any:
    """Return a password in its form in user folders: encrypted ones are bytes."""
    if password is not None and is_encrypted(password):
        return password.encode("latin-1")
    return password


@implementer(ISecretsPolicy)
class RecordAll:
    """A policy that writes all secrets, for sites whose files are protected."""

    def records(self, obj: Any, what: str) -> bool:
        """See `ISecretsPolicy`."""
        return True
