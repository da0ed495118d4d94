"""The hosts: what differs between the publishers of Zope."""
