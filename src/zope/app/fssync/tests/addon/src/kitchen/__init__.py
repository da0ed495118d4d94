"""Recipes in cookbooks."""
