"""Zope 6 as a host: OFS objects, AccessControl, ZPublisher.  See zope6.txt.

Nothing outside of this package imports it, or anything of Zope.
"""
