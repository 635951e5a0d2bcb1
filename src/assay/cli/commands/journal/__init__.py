"""The record of issued signals."""

ALONE = "list"
