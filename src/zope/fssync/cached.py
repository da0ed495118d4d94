"""Attributes that are computed once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from typing import TypeVar

__all__ = ["cached_property"]

T = TypeVar("T")


class cached_property(functools.cached_property[T]):
    """`functools.cached_property` without its lock.

    Python 3.11 holds one lock for all instances of a class while it computes the
    attribute of one of them: requests to a server would wait for each other.  Two
    threads that share an instance may compute the attribute twice.
    """

    def __init__(self, func: Callable[[Any], T]) -> None:
        super().__init__(func)
        self.lock = nullcontext()  # Python 3.12 and newer have none
