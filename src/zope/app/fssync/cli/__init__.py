"""The commands of `zsync`, a module for each.

A module declares its command by `zope.app.fssync.cli.verb.verb`: options, help
and handler.  A handler imports late what it works with, since commands start often.
"""
