"""Synchronizers of content, and what they share."""
