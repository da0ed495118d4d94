"""What the views need of the host that publishes them."""

from zope.interface import Attribute
from zope.interface import Interface


class IFsSyncRequest(Interface):
    """Marks requests that a view of this package has taken over."""


class IExchange(Interface):
    """One request and its answer, an adapter of the request.

    This is all that the views know of a publisher.  The answer may be sent
    after the database connection is closed, and the whole request may be run
    again after a conflict.
    """

    anonymous = Attribute("Is the caller unknown?")

    def claims():
        """Does the request carry credentials, be they wrong?"""

    def method():
        """Return the method of the request, in upper case."""

    def content_type():
        """Return the Content-Type of the request as it is."""

    def argument(name):
        """Return an argument of the query string, None if it is not there.

        Repeated arguments are joined by a blank.
        """

    def header(name):
        """Return a header of the request as it is, None if it is not there."""

    def body(limit):
        """Return the body as a seekable binary stream.

        Raises `zope.fssync.errors.LimitExceeded` beyond ``limit`` bytes.
        """

    def note(text):
        """Describe the transaction."""

    def promise():
        """Have the answer stand only where the transaction is committed.

        Publishers commit after a view has answered, and something may undo the
        transaction then, without an error: an answer is an error in its place.
        """

    def abort():
        """Undo everything that was changed; nothing is promised any more."""

    def deny(message):
        """Raise what makes the host ask for a login."""

    def send(stream, headers):
        """Return the answer 200 with an archive on a temporary file."""

    def stream(pieces, headers):
        """Return the answer 200 with an archive that is an iterator of bytes.

        It is iterated and closed after the request has ended.
        """

    def say(status, text, headers=None):
        """Return an answer of plain text."""
