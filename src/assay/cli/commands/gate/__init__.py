"""The gate: what it asks, what it said of a run, and how often it is wrong."""
