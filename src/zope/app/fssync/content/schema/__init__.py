"""Synchronization of whatever has a schema, see adapter.py."""
