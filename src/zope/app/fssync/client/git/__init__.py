"""A git remote helper: clones of servers, and pushes to them."""
