"""Synchronize trees of Python objects with trees of files.

The pure API: no database, no network, no permissions and no output.
`zope.fssync.interfaces` is the book of the package.
"""
