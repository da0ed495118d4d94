"""A Zope application to try zsync on, and ``bin/demo``, which controls it."""
