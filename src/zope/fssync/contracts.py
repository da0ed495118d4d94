"""Say which contracts classes keep, without importing these contracts.

They are interfaces of `zope.interface`, and a command that only looks at files asks for
none of them.  Whoever does has imported their module: that declares the classes which
have been waiting for it, and those that come later are declared at once.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

__all__ = ["declare", "keeps"]

T = TypeVar("T")

#: Modules of contracts that have been imported, with what is in them.
_known: dict[str, Mapping[str, object]] = {}
#: Classes that wait for their contracts, by the modules of these.
_waiting: dict[str, list[tuple[type, str]]] = {}


def keeps(contract: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator for a class that keeps a contract, a dotted name."""
    module, _, name = contract.rpartition(".")

    def decorate(kept_by: type[T]) -> type[T]:
        _waiting.setdefault(module, []).append((kept_by, name))
        if module in _known:
            _declare_waiting(module)
        return kept_by

    return decorate


def declare(module: str, contracts: Mapping[str, object]) -> None:
    """Let a module have its contracts declared: it calls this at its end."""
    _known[module] = contracts
    _declare_waiting(module)


def _declare_waiting(module: str) -> None:
    from zope.interface import classImplements

    waiting = _waiting.get(module, [])
    # Two threads may do this at once.
    with suppress(IndexError):
        while True:
            kept_by, name = waiting.pop(0)
            classImplements(kept_by, _known[module][name])
