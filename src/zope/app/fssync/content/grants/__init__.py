"""Synchronization of the grants that objects hold, see adapter.py."""
