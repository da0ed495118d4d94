"""A site with cookbooks, for tests."""

from contextlib import contextmanager

import kitchen.content
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.testing.serversite import server_site


@contextmanager
def cooking_site():
    """Have a site in memory that knows cookbooks."""
    with configured(kitchen, "ftesting.zcml") as layer, server_site(layer) as site:
        yield site


def test_a_recipe_is_its_text():
    with cooking_site() as site:
        book = site.root["book"] = kitchen.content.Cookbook()
        book["soup.txt"] = kitchen.content.Recipe()
        book["soup.txt"].text = "- leek\n"
        site.commit()
        archive = site.checkout("/book")
        assert archive["book/soup.txt"] == b"- leek\n"
        archive.edit("book/soup.txt", b"- leek\n- cream\n")
        site.accept("/book", archive)
        assert site.root["book"]["soup.txt"].text == "- leek\n- cream\n"
