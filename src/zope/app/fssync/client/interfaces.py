"""Contracts of the client: transports, their answers, progress.

An interface here says what a caller may rely on; implementations do not repeat it.
"""

from __future__ import annotations

from zope.interface import Attribute
from zope.interface import Interface

__all__ = ["IProgress", "IResponse", "ITransport"]


class IResponse(Interface):
    """The answer to one request, with a body that is still to be read."""

    status = Attribute("The status code, an int.")
    reason = Attribute("The reason phrase as the server sent it, a str; not escaped.")
    headers = Attribute("An `email.message.Message` or another mapping of its kind.")
    fp = Attribute(
        """The body as a binary stream with ``read(n=-1)``, ``readline(limit=-1)``,
        ``close()``.

        It ends where the body ends.  `ServerUnreachable` is raised by a read where
        the connection breaks, stalls, or ends before the announced length.
        """
    )

    def close():
        """Give the body up; may be called again and before the end is read."""


class ITransport(Interface):
    """Carries requests to one server, one after the other.

    The factory of a transport is called with a `RootURL` and the keyword
    arguments ``options`` (a `TransportOptions`).  Nothing is connected before
    the first request.  Before the next request the last response is read to
    its end or closed.
    """

    def request(method, target, headers, body=None, length=None):
        """Send a request and return an `IResponse` once its headers are there.

        ``method`` is ``GET`` or ``POST``; ``target`` the quoted path with its
        query, ASCII; ``headers`` an iterable of pairs in the order of sending,
        without Host, Connection, Content-Length and Accept-Encoding, which are
        the transport's.  ``body`` is a binary stream, of which exactly
        ``length`` bytes are sent from its current position.

        A POST is sent at most once, a GET may be repeated where a kept
        connection turns out to be closed.  Statuses are not judged, except
        that redirects within the same origin are followed for a GET.

        Raises `ServerUnreachable` where no answer is to be had, and
        `AccessDenied` where the transport's own login fails (ssh).
        """

    def close():
        """End kept connections; a later request opens a new one."""


class IProgress(Interface):
    """Is told how far a command is.

    Where no progress is wanted, None stands in its place.
    """

    def __call__(phase, done, total=None):
        """Note that ``done`` of ``total`` bytes of ``phase`` are through.

        ``phase`` is a word for a person: ``sending``, ``waiting``,
        ``receiving`` or another.  ``total`` is None where it is not known.
        May be called often.
        """

    def finish():
        """Remove what was shown; a later call starts again."""
