"""Synchronization of content, see adapter.py."""
