"""Import, list and show universes of instruments, with the days on which each belonged."""
