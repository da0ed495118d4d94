"""The working copy: its root, its lock, and changes that are all or nothing."""
