"""The document on permissions does what it says."""

from __future__ import annotations

from zope.fssync.tests.documents import run_document


def test_security(site):
    run_document("zope.app.fssync", "security.txt", site=site)
