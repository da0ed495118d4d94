"""Plone as a host: content and settings beyond those of Zope.  See plone.txt.

Nothing outside of this package imports it, or anything of Plone.
"""
