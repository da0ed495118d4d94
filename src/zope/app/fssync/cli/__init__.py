"""The commands of `zsync`, a module for each.

A module declares its command by `zope.app.fssync.cli.verb.verb`: options, help and
handler.  Handlers import late, so that commands start fast.
"""
