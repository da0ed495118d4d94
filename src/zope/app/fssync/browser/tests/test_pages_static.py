"""The style sheet and the script of the pages."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.serversite import ServerSite


@pytest.mark.parametrize(
    "name", ["synchronize.css", "synchronize.js", "synchronize-toolkit.css"]
)
def test_style_and_script_are_for_everybody(site: ServerSite, name: str) -> None:
    response = site.request("GET", f"/@@{name}", None)
    assert response.status_int == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
