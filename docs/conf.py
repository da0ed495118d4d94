"""How Sphinx builds the manual: ``bin/py -m sphinx -W docs parts/docs``."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import commandpages

project = "zope.app.fssync"
author = "Zope Foundation and Contributors"
version = release = version_of("zope.app.fssync")

extensions = ["commandpages", "messagepages"]

# The documents have directives of doctest in their comments, and name what is theirs.
default_role = "literal"
highlight_language = "none"

html_theme = "furo"
html_title = f"zsync {release}"
html_copy_source = False

man_pages = [
    ("reference/zsync", "zsync", "edit the content of a Zope server as files", "", 1),
    *commandpages.man_pages(),
]
