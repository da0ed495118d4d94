"""Runs narrative documents as tests."""

from __future__ import annotations

import doctest
import io
import sys
from importlib.resources import files
from types import ModuleType
from typing import Any

__all__ = ["run_document"]

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF

#: What classes in a document call their module: pickles need one.
MODULE = "example"


def run_document(package: str, name: str, **names: Any) -> None:
    """Run a document with some names defined; fail with what it printed."""
    path = files(package) / name
    module = ModuleType(MODULE)
    vars(module).update(names)
    test = doctest.DocTestParser().get_doctest(
        path.read_text("utf-8"), {}, name, str(path), 0
    )
    # Not the copy that a DocTest makes: the module is what pickles look into.
    test.globs = vars(module)
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    sys.modules[MODULE] = module
    try:
        runner.run(test, out=report.write, clear_globs=False)
    finally:
        del sys.modules[MODULE]
    assert runner.tries
    assert not runner.failures, report.getvalue()
