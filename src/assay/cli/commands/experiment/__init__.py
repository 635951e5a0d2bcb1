"""Ask a question of history in a file: check it, run it, and look at what came of it."""

ALONE = "list"
