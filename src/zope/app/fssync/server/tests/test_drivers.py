"""Errors of the drivers of relational databases are known by their names."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import psycopg2
import pytest

from zope.app.fssync.server.drivers import driver_errors
from zope.app.fssync.server.drivers import is_lost_connection


@pytest.mark.parametrize("module", [psycopg2, sqlite3])
def test_a_lost_connection_is_told_from_other_errors(module) -> None:
    class Shutdown(module.OperationalError):
        pass

    for error in (Shutdown(), module.OperationalError(), module.InterfaceError()):
        assert is_lost_connection(error)
    for error in (module.ProgrammingError(), module.IntegrityError(), OSError()):
        assert not is_lost_connection(error)


def test_psycopg2_raises_the_base_of_all_errors_where_a_server_crashed() -> None:
    assert is_lost_connection(psycopg2.DatabaseError())
    assert not is_lost_connection(sqlite3.DatabaseError())


def test_a_storage_with_a_driver_tells_its_errors() -> None:
    driver = SimpleNamespace(driver_module=sqlite3)
    storage = SimpleNamespace(_adapter=SimpleNamespace(driver=driver))
    assert driver_errors(SimpleNamespace(_storage=storage)) == (sqlite3.Error,)
    assert driver_errors(SimpleNamespace(_storage=SimpleNamespace())) == ()
