"""The errors of the drivers of relational databases, which RelStorage passes on."""

from __future__ import annotations

from typing import Any

__all__ = ["driver_errors", "is_lost_connection"]

#: By these names drivers tell that a connection is lost, as PEP 249 has it.
_LOST = {"OperationalError", "InterfaceError"}


def is_lost_connection(error: BaseException) -> bool:
    """Return whether the connection to a relational database is lost."""
    kind = type(error)
    if f"{kind.__module__}.{kind.__name__}" == "psycopg2.DatabaseError":
        # The base of its errors is raised where a server has crashed.
        return True
    return any(each.__name__ in _LOST for each in kind.__mro__)


def driver_errors(connection: Any) -> tuple[type[BaseException], ...]:
    """Return what the driver raises for the storage of a connection, if it has one."""
    adapter = getattr(connection._storage, "_adapter", None)
    driver = getattr(adapter, "driver", None)
    module = getattr(driver, "driver_module", None)
    return () if module is None else (module.Error,)
