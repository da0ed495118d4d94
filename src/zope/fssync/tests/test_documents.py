"""The narrative documents do what they say."""

from __future__ import annotations

from zope.testing.cleanup import cleanUp

from zope.fssync.tests.documents import run_document


def test_readme():
    cleanUp()
    try:
        run_document("zope.fssync", "README.txt")
    finally:
        cleanUp()
