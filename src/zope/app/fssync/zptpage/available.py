"""Importable exactly where `zope.app.zptpage.zptpage` is, for conditions in ZCML.

Its releases install on Python 3, but consist of Python 2 there: the condition
"installed" does not survive a SyntaxError.
"""

try:
    from zope.app.zptpage.zptpage import ZPTPage
except SyntaxError as error:
    raise ImportError(str(error)) from error

__all__ = ["ZPTPage"]
