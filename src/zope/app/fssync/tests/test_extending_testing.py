"""The tests that the document on own content types shows pass."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the package of the document importable."""
    place = Path(__file__).with_name("addon") / "src"
    monkeypatch.setattr(sys, "path", [str(place), *sys.path])
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "kitchen"]:
        del sys.modules[name]


def test_the_test_of_an_add_on_passes(kitchen: None) -> None:
    importlib.import_module("kitchen.testing").test_a_recipe_is_its_text()
