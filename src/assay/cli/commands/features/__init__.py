"""What the members read: every feature, and its newest values."""

ALONE = "list"
