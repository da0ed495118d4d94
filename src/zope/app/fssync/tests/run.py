"""Run every check of this project: ``bin/test [arguments of pytest]``.

Without arguments: formatting, lint, types, then all tests with coverage of lines and
branches, which fails below the floor in pyproject.toml.
With arguments pytest alone runs, with these.  The last line printed is always
pytest's summary.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]

CHECKS = (
    ("ruff", "format", "--check", "--quiet"),
    ("ruff", "check", "--quiet"),
    ("mypy",),
)


def main(args: Sequence[str] | None = None, *, top: str | None = None) -> int:
    """The exit status: 0 when all is well, else that of what failed first.

    ``top`` is the directory of pyproject.toml, by default the current one.
    """
    # Else each of some thousand processes compiles what it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # A shell starts background jobs with SIGINT ignored, which all processes
    # below would inherit: no test could interrupt one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given = list(sys.argv[1:] if args is None else args)
    where = Path(top or os.getcwd())
    if not (where / "pyproject.toml").is_file():
        print(f"No pyproject.toml in {where}: run it there.", file=sys.stderr)
        return 2

    def run(*command: str) -> int:
        return subprocess.call([sys.executable, "-m", *command], cwd=where)

    if given:
        return run("pytest", *given)
    failed = 0
    for check in CHECKS:
        print("$", *check, flush=True)
        failed = run(*check) or failed
    # A file at a time on each processor: what a file sets up is set up once.
    parallel = ("-n", "auto", "--dist", "loadfile")
    tested = run("pytest", "-q", *parallel, "--cov", "--cov-report=term:skip-covered")
    return tested or failed


if __name__ == "__main__":
    sys.exit(main())
