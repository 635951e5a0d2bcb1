"""What the members read: every feature, its values, what it is worth, and whether it drifts."""

ALONE = "list"
