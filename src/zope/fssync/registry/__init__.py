"""The gate for dotted names: what they may name, and what they mean."""
