##############################################################################
#
# Copyright (c) Zope Foundation and Contributors.
# All Rights Reserved.
#
# This software is subject to the provisions of the Zope Public License,
# Version 2.1 (ZPL).  A copy of the ZPL should accompany this distribution.
# THIS SOFTWARE IS PROVIDED "AS IS" AND ANY AND ALL EXPRESS OR IMPLIED
# WARRANTIES ARE DISCLAIMED, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
# WARRANTIES OF TITLE, MERCHANTABILITY, AGAINST INFRINGEMENT, AND FITNESS
# FOR A PARTICULAR PURPOSE.
#
##############################################################################
"""The metadata is in pyproject.toml; here translations are compiled for a wheel."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCatalogs(build_py):
    """Compiles the message catalogs of what is built, which git does not have."""

    def run(self):
        super().run()
        if not self.editable_mode:
            # Imported here: who works in a checkout needs none of it.
            from pythongettext.msgfmt import Msgfmt

            for source in Path(self.build_lib).rglob("locales/*/LC_MESSAGES/*.po"):
                with source.open("rb") as stream:
                    compiled = Msgfmt(stream, name=source.stem).getAsFile().read()
                source.with_suffix(".mo").write_bytes(compiled)


setup(cmdclass={"build_py": BuildWithCatalogs})
