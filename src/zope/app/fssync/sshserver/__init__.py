"""From an ssh session to Zope: what both ssh servers of zsync share."""
