"""Bring in stories, and see which are stored."""

ALONE = "list"
