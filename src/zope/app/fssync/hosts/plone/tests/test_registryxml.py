"""The registry is told as far as people changed it, without passwords."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

SET = """
from plone import api
api.portal.set_registry_record({0!r}, {1!r})
"""
GET = "from plone import api\nprint(api.portal.get_registry_record({!r}))\n"


def test_a_record_that_was_changed_is_told_and_can_be_edited(settings, plone):
    name = "plone.site_title"
    plone.run(SET.format(name, "My site"))
    settings.zsync("update", "portal_setup")
    settings.edit(settings.path("registry.xml"), ">My site<", ">Your site<")

    settings.commit()

    assert plone.run(GET.format(name)) == "Your site\n"


def test_a_record_that_is_left_out_gets_back_what_its_profile_gives(settings, plone):
    name = "plone.display_publication_date_in_byline"
    plone.run(SET.format(name, True))
    settings.zsync("update", "portal_setup")
    text = settings.read("registry.xml")
    start = text.index(f'  <record name="{name}"')
    end = text.index("</record>\n", start) + len("</record>\n")
    settings.path("registry.xml").write_text(text[:start] + text[end:])

    settings.commit()

    assert plone.run(GET.format(name)) == "False\n"


def test_a_password_is_not_told_and_stays(settings, plone):
    plone.run(SET.format("plone.smtp_pass", "hush-hush"))
    settings.zsync("update", "portal_setup")
    assert "hush-hush" not in settings.read("registry.xml")
    settings.edit(settings.path("registry.xml"), "</registry>", "\n</registry>")

    settings.commit()

    assert plone.run(GET.format("plone.smtp_pass")) == "hush-hush\n"


def test_a_value_that_a_record_does_not_take_is_refused(settings):
    kept = settings.read("registry.xml")
    settings.edit(settings.path("registry.xml"), ">UTC<", ">Atlantis<")

    assert "registry.xml: " in settings.commit(status=6)

    settings.path("registry.xml").write_text(kept)
