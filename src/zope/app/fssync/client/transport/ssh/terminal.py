"""Questions to the person at the terminal, if there is one.

Questions go to standard error, so that what a command prints stays what it is.
"""

from __future__ import annotations

import getpass
import sys

from zope.fssync.errors import Error
from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape

__all__ = ["Terminal"]


class Terminal:
    """Asks on the terminal the command was started from."""

    @property
    def interactive(self) -> bool:
        """True if there is a terminal to ask on."""
        return sys.stdin is not None and sys.stdin.isatty()

    def say(self, text: str) -> None:
        """Show ``text``."""
        sys.stderr.write(escape(text, TEXT))
        sys.stderr.flush()

    def confirm(self, text: str, question: str) -> bool:
        """Show ``text`` and ask ``question`` until it is answered with yes or no."""
        self.say(text)
        while True:
            self.say(question)
            line = sys.stdin.readline()
            if not line:
                return False
            answer = line.strip().lower()
            if answer in ("yes", "no"):
                return answer == "yes"
            self.say("Please type 'yes' or 'no'.\n")

    def secret(self, prompt: str) -> str:
        """Ask for something that is not shown while it is typed."""
        try:
            return getpass.getpass(prompt)
        except EOFError:
            raise Error("the question for a passphrase was not answered") from None
