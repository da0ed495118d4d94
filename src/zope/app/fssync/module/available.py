"""Importable exactly where `zope.app.module.manager` is, for conditions in ZCML.

Its releases install on Python 3, but consist of Python 2 there: the condition
"installed" does not survive a SyntaxError.
"""

try:
    from zope.app.module.manager import ModuleManager
except SyntaxError as error:
    raise ImportError(str(error)) from error

__all__ = ["ModuleManager"]
