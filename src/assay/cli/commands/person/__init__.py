"""Who may log in to the service of this workspace."""

ALONE = "list"
