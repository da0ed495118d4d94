"""Differences of texts, and their three-way merge."""
