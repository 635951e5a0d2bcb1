"""Tokens with which programs use the service of this workspace."""

ALONE = "list"
