"""The tab of the pages in the management interface of Zope."""

from __future__ import annotations

from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured


def test_a_tab_is_there_for_who_may_call_the_page() -> None:
    with configured(), application() as app:
        app.manage_addFolder("demo")

        def labels() -> list[str]:
            return [each["label"] for each in app.demo.filtered_manage_options()]

        with calling(app, "manager"):
            assert labels()[-1] == "Synchronize"
        with calling(app, "reader"):
            assert labels() == ["View"]
