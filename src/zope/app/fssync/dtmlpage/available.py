"""Importable exactly where `zope.app.dtmlpage.dtmlpage` is, for conditions in ZCML.

Its releases install on Python 3, but consist of Python 2 there: the condition
"installed" does not survive a SyntaxError.
"""

try:
    from zope.app.dtmlpage.dtmlpage import DTMLPage
except SyntaxError as error:
    raise ImportError(str(error)) from error

__all__ = ["DTMLPage"]
