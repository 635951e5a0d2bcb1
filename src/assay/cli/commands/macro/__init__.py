"""Figures of the economy: bring them in, see what was known when, and what is due."""

ALONE = "list"
