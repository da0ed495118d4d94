"""``python -m zope.app.fssync.demo``, for what is installed without buildout."""

import sys

from zope.app.fssync.demo.control import main

sys.exit(main())
